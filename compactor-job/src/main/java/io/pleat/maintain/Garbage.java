package io.pleat.maintain;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.CondemnedListWriter;
import io.pleat.dataset.StoreClock;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a dataset holds and nobody needs, written to lists as it is found. Memory grows with the length of one list, not with the number of
 * files. Closing it deletes the lists, unless {@link #keep} was called.
 */
final class Garbage implements Closeable {
  /* Run records, audit logs and packs are not here: they are for people, or take care of themselves. */
  private static final List<LogicalPath> DIRECTORIES = List.of(
      LogicalPath.of("containers"),
      LogicalPath.of("catalog"),
      LogicalPath.of("_pleat/manifests"),
      LogicalPath.of("_pleat/deletes"),
      LogicalPath.of("_pleat/reclaimed"),
      LogicalPath.of("_pleat/tombstones"),
      LogicalPath.of("_pleat/condemned"));

  private static final LogicalPath METADATA = LogicalPath.of("_pleat");
  private static final int LIST_LENGTH = 100_000;

  private final Store store;
  private final PathSet spared;
  private final PathSet ending;
  private final Instant oldEnough;
  private final boolean dryRun;
  private final List<byte[]> pending = new ArrayList<>();
  private final List<CondemnedListReference> lists = new ArrayList<>();
  private long files;
  private long bytes;
  private boolean kept;

  private Garbage(Store store, PathSet spared, PathSet ending, Instant oldEnough, boolean dryRun) {
    this.store = store;
    this.spared = spared;
    this.ending = ending;
    this.oldEnough = oldEnough;
    this.dryRun = dryRun;
  }

  /**
   * Finds it.
   *
   * @param spared what is needed, or on a list already
   * @param ending what snapshots refer to that are condemned now: goes whatever its age, if it is not spared
   * @param oldEnough what nobody refers to is garbage if it was written before; else a run under way may have written it
   * @param dryRun whether to write no lists
   */
  static Garbage collect(
      Store store, PathSet spared, PathSet ending, Instant oldEnough, boolean dryRun)
      throws IOException {
    Garbage garbage = new Garbage(store, spared, ending, oldEnough, dryRun);
    try {
      garbage.find();
      return garbage;
    } catch (IOException | RuntimeException e) {
      garbage.closeAfter(e);
      throw e;
    }
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void find() throws IOException {
    Finder finder = new Finder();
    for (LogicalPath directory : DIRECTORIES) {
      try {
        store.listRecursively(directory, finder);
      } catch (NoSuchFileException e) {
        // Nothing of this kind was ever written.
      }
    }
    store.list(METADATA, new Finder() {
      @Override
      public void visit(FileInfo file) throws IOException {
        String name = file.path().name();
        if (name.startsWith("probe-") || name.startsWith("access-")) {
          super.visit(file);
        }
      }
    });
    if (!pending.isEmpty()) {
      write();
    }
  }

  private class Finder implements ListingVisitor {
    @Override
    public void visit(FileInfo file) throws IOException {
      if (file.kind() != FileInfo.Kind.FILE || spared.mayContain(file.path())) {
        return;
      }
      if (ending.mayContain(file.path()) || StoreClock.modified(file).isBefore(oldEnough)) {
        files++;
        bytes += file.length();
        pending.add(file.path().utf8());
        if (pending.size() == LIST_LENGTH) {
          write();
        }
      }
    }

    /** Whatever it is, it is not ours, and stays. */
    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {}
  }

  private void write() throws IOException {
    if (!dryRun) {
      pending.sort(Arrays::compareUnsigned);
      try (CondemnedListWriter list = CondemnedListWriter.create(store)) {
        for (byte[] path : pending) {
          list.add(LogicalPath.ofUtf8(path));
        }
        lists.add(list.finish());
      }
    }
    pending.clear();
  }

  List<CondemnedListReference> lists() {
    return List.copyOf(lists);
  }

  long files() {
    return files;
  }

  long bytes() {
    return bytes;
  }

  /** Leaves the lists where they are: a snapshot refers to them, or may. */
  void keep() {
    kept = true;
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      for (CondemnedListReference list : lists) {
        store.delete(list.file().path());
      }
      lists.clear();
    }
  }
}
