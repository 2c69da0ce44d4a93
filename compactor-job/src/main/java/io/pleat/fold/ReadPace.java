package io.pleat.fold;

/**
 * How many reads a task keeps in flight, found out as it goes: where a file takes microseconds, few threads that each read many files
 * in turn; where it takes a round trip, many that each read one. Thread-safe.
 */
final class ReadPace {
  /** Bound on buffered bytes of one task; a single larger file is read alone. */
  static final long MAX_BYTES = 32L << 20;

  /** Reads in flight at most. At 20 ms a round trip that is 3,200 files a second and task. */
  static final int MAX_READS = 64;

  private static final int MIN_READS = 4;
  private static final int MAX_FILES_PER_READ = 32;

  /** One more read in flight for each of these that a file takes: what one thread does meanwhile to append it. */
  private static final long NANOS_PER_READ_IN_FLIGHT = 50_000;

  /** What the files of one read are meant to take together: hand-over between threads is then below a per cent. */
  private static final long NANOS_PER_READ = 1_000_000;

  private static final double WEIGHT = 0.1;

  private volatile double nanosPerFile = NANOS_PER_READ;

  /** Counts a read of {@code files} files. */
  synchronized void measured(int files, long nanos) {
    double each = (double) nanos / Math.max(1, files);
    nanosPerFile += WEIGHT * (each - nanosPerFile);
  }

  /** Reads to have in flight now. */
  int readsInFlight() {
    return (int) Math.max(MIN_READS, Math.min(MAX_READS, nanosPerFile / NANOS_PER_READ_IN_FLIGHT));
  }

  /** Files that the next read should cover. */
  int filesPerRead() {
    return (int) Math.max(1, Math.min(MAX_FILES_PER_READ, NANOS_PER_READ / nanosPerFile));
  }
}
