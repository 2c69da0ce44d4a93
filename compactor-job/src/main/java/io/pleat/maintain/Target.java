package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The tree that an unfold writes. A file appears under its name whole and with its attributes, or not at all: it is written beside it
 * under a name that nobody else uses, and renamed. Thread-safe.
 */
final class Target {
  /** What a killed run can leave behind starts with this. */
  static final String TEMPORARY_PREFIX = ".pleat-unfold-";

  private static final int ONLY_OWNER = 0700;

  private final Store store;
  private final UnfoldRequest.Existing existing;
  private final Tally tally;

  /** Directories that stood before this run and keep their attributes. */
  private final Set<LogicalPath> kept = ConcurrentHashMap.newKeySet();

  Target(Store store, UnfoldRequest.Existing existing, Tally tally) {
    this.store = store;
    this.existing = existing;
    this.tally = tally;
  }

  /** Writes a file's bytes. */
  interface Content {
    /** Appends all of them to {@code sink}. */
    void writeTo(ByteSink sink) throws IOException;
  }

  OptionalLong usableSpace() throws IOException {
    return store.usableSpace();
  }

  /**
   * Does nothing if the root is a directory, or nothing.
   *
   * @throws IOException if it is something else
   */
  void requireDirectory() throws IOException {
    Optional<FileInfo> root = store.stat(LogicalPath.ROOT);
    if (root.isPresent() && root.get().kind() != FileInfo.Kind.DIRECTORY) {
      throw new FileSystemException(store.location(), null, "is no directory");
    }
  }

  /** Makes a directory stand. A new one is for this user alone until {@link #finishDirectory}. */
  void prepareDirectory(LogicalPath path, Optional<Attributes> attributes) {
    try {
      if (!store.traits().flat()) {
        boolean stood = stood(path);
        store.createDirectory(path);
        if (stood && existing == UnfoldRequest.Existing.KEEP) {
          kept.add(path);
        } else if (!stood && attributes.isPresent() && attributes.get().hasMode()) {
          store.setAttributes(path, forOwnerAlone(attributes.get()));
        }
      }
      tally.directoryStands();
    } catch (IOException | IllegalArgumentException e) {
      tally.failed(path, Reason.of(e));
    }
  }

  /** Whether something stood at {@code path} that has attributes worth keeping; an empty root has none. */
  private boolean stood(LogicalPath path) throws IOException {
    return store.stat(path).isPresent() && !(path.isRoot() && isEmpty());
  }

  private boolean isEmpty() throws IOException {
    boolean[] seen = {false};
    store.list(LogicalPath.ROOT, new ListingVisitor() {
      @Override
      public void visit(FileInfo file) {
        seen[0] = true;
      }

      @Override
      public void unlistable(LogicalPath directory, String displayName, String reason) {
        seen[0] = true;
      }
    });
    return !seen[0];
  }

  private static Attributes forOwnerAlone(Attributes attributes) {
    return new Attributes(
        attributes.mtimeSeconds(), attributes.mtimeNanos(), ONLY_OWNER, "", "", "");
  }

  /** Gives a directory its recorded attributes; to be called when all below it is done. */
  void finishDirectory(LogicalPath path, Optional<Attributes> attributes) {
    if (attributes.isEmpty() || kept.contains(path)) {
      return;
    }
    if (store.traits().flat()) {
      tally.incomplete(path, "the target has no attributes of directories");
      return;
    }
    try {
      Optional<FileInfo> stands = store.stat(path);
      if (stands.isPresent() && stands.get().kind() == FileInfo.Kind.DIRECTORY) {
        setAttributes(path, path, attributes.get());
      }
    } catch (IOException | IllegalArgumentException e) {
      tally.incomplete(path, Reason.of(e));
    }
  }

  /**
   * Writes one file.
   *
   * @throws IOException if it was not restored; then nothing of it is left at its name
   */
  void restore(Entry entry, Content content) throws IOException {
    restore(entry, entry.attributes(), content);
  }

  /** Writes one file with other attributes than its entry's; throws as {@link #restore(Entry, Content)}. */
  void restore(Entry entry, Attributes attributes, Content content) throws IOException {
    LogicalPath path = entry.path();
    Optional<FileInfo> inTheWay = store.stat(path);
    if (inTheWay.isPresent()) {
      if (existing == UnfoldRequest.Existing.KEEP) {
        throw new FileAlreadyExistsException(
            path.toString(), null, "something stands there already");
      }
      if (inTheWay.get().kind() == FileInfo.Kind.DIRECTORY) {
        throw new FileSystemException(path.toString(), null, "a directory stands there");
      }
    }
    if (store.traits().flat()) {
      if (inTheWay.isPresent()) {
        store.delete(path);
      }
      write(path, content);
      tally.incomplete(path, "the target has no attributes of files");
    } else {
      restoreByRename(path, attributes, content);
    }
    tally.restored(entry.length());
  }

  private void restoreByRename(LogicalPath path, Attributes attributes, Content content)
      throws IOException {
    LogicalPath temporary = path.parent()
        .resolve(TEMPORARY_PREFIX
            + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    boolean renamed = false;
    try {
      write(temporary, content);
      setAttributes(temporary, path, attributes);
      if (existing == UnfoldRequest.Existing.KEEP) {
        store.rename(temporary, path);
      } else {
        store.replace(temporary, path);
      }
      renamed = true;
    } finally {
      if (!renamed) {
        deleteQuietly(temporary);
      }
    }
  }

  private void write(LogicalPath path, Content content) throws IOException {
    try (ByteSink sink = store.createPrivately(path)) {
      content.writeTo(sink);
      sink.finish();
    }
  }

  private void setAttributes(LogicalPath at, LogicalPath name, Attributes attributes)
      throws IOException {
    List<String> missed = store.setAttributes(at, attributes);
    if (!missed.isEmpty()) {
      tally.incomplete(name, String.join("; ", missed));
    }
  }

  private void deleteQuietly(LogicalPath temporary) {
    try {
      store.delete(temporary);
    } catch (IOException | IllegalArgumentException e) {
      return; // the failure that led here is the one to report
    }
  }

  @Override
  public String toString() {
    return store.toString();
  }
}
