package io.pleat.fold;

import java.util.concurrent.atomic.LongAdder;

/** Files and bytes that this process has appended in its life: what a progress display of an embedded run reads. Thread-safe. */
public final class LiveProgress {
  private static final LongAdder FILES = new LongAdder();
  private static final LongAdder BYTES = new LongAdder();

  private LiveProgress() {}

  static void add(long files, long bytes) {
    FILES.add(files);
    BYTES.add(bytes);
  }

  /** Files appended. */
  public static long files() {
    return FILES.sum();
  }

  /** Bytes appended. */
  public static long bytes() {
    return BYTES.sum();
  }
}
