package io.pleat.torture;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Lease;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.PassThroughChangedException;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Pins the newest snapshot and reads some files: what is there, must be a whole version of that very file, and no older than one that
 * an older snapshot held; a file that is listed must be there.
 */
final class ReadOperation implements TortureOperation {
  private static final String READS_DONE = " reads";
  private static final int READS = 30;
  private static final Duration LEASE =
      Duration.ofSeconds(30L * Integer.getInteger("torture.slower", 1));

  /** By file: highest version seen, and the lowest snapshot that it was seen in. */
  private final int[] seen;

  private final long[] seenIn;

  ReadOperation(TortureFiles files) {
    seen = new int[files.count()];
    seenIn = new long[files.count()];
    Arrays.fill(seenIn, Long.MAX_VALUE);
  }

  @Override
  public String name() {
    return "read";
  }

  @Override
  public int weight() {
    return 10;
  }

  @Override
  public List<Integer> draw(SplittableRandom random, TortureFiles files) {
    List<Integer> drawn = new ArrayList<>();
    for (int i = 0; i < READS; i++) {
      drawn.add(random.nextInt(files.count()));
    }
    return drawn;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    int read = 0;
    try (Store store = Stores.open(settings.dataset(), settings.stores())) {
      Snapshot head = DatasetLog.open(store)
          .current()
          .orElseThrow(() -> new NoSuchFileException("no dataset is here"));
      try (Lease lease = Lease.acquire(store, head.version(), LEASE, "torture");
          FoldedDataset dataset = FoldedDataset.open(
              store,
              head,
              settings.stores(),
              ReaderOptions.defaults().withAllowedSourceRoots(Set.of(settings.source())))) {
        for (int file : files) {
          read += read(DatasetLog.open(store), dataset, lease.version(), settings.files(), file);
        }
      }
    }
    return read + READS_DONE;
  }

  /** How many files one such operation read and found right; 0 if it is another, or was not finished. */
  static long readsOf(Journal.Operation operation) {
    String outcome = operation.outcome();
    return operation.isDone() && outcome.endsWith(READS_DONE)
        ? Long.parseLong(
            outcome.substring(Journal.DONE.length(), outcome.length() - READS_DONE.length()))
        : 0;
  }

  /** Whether one of these snapshots may have brought back an earlier state. */
  private static boolean rolledBack(DatasetLog log, long from, long to) throws IOException {
    for (long version = from; version <= to; version++) {
      try {
        if (log.snapshot(version).operation().equals("rollback")) {
          return true;
        }
      } catch (SnapshotExpiredException e) {
        return true; // nobody can tell any more
      }
    }
    return false;
  }

  private int read(
      DatasetLog log, FoldedDataset dataset, long snapshot, TortureFiles files, int file)
      throws Exception {
    LogicalPath path = files.path(file);
    ByteBuffer bytes;
    try {
      bytes = dataset.read(path);
    } catch (NoSuchFileException e) {
      if (dataset.locate(path).isPresent()) {
        throw new WrongException(path + " is located in snapshot " + snapshot + ", but: " + e);
      }
      return 0;
    } catch (PassThroughChangedException e) {
      return 0;
    }
    OptionalInt version = files.versionOf(file, bytes);
    if (version.isEmpty()) {
      throw new WrongException("wrong bytes of " + path + " in snapshot " + snapshot);
    }
    checkOrder(log, snapshot, path, file, version.getAsInt());
    return 1;
  }

  private synchronized void checkOrder(
      DatasetLog log, long snapshot, LogicalPath path, int file, int version)
      throws WrongException, IOException {
    if (version < seen[file]
        && snapshot > seenIn[file]
        && !rolledBack(log, seenIn[file] + 1, snapshot)) {
      throw new WrongException("%s was version %d in snapshot %d and is %d in snapshot %d"
          .formatted(path, seen[file], seenIn[file], version, snapshot));
    }
    if (version > seen[file]) {
      seen[file] = version;
      seenIn[file] = snapshot;
    } else if (version == seen[file]) {
      seenIn[file] = Math.min(seenIn[file], snapshot);
    }
  }
}
