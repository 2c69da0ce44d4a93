package io.pleat.fold;

import java.util.concurrent.atomic.LongAdder;

/** Files that this process has listed and appended in its life, with the bytes: what a display of an embedded run reads. Thread-safe. */
final class LiveProgress {
  private static final LongAdder LISTED = new LongAdder();
  private static final LongAdder FILES = new LongAdder();
  private static final LongAdder BYTES = new LongAdder();

  private LiveProgress() {}

  static void addListed(long files) {
    LISTED.add(files);
  }

  static void addAppended(long files, long bytes) {
    FILES.add(files);
    BYTES.add(bytes);
  }

  static long listed() {
    return LISTED.sum();
  }

  static long appended() {
    return FILES.sum();
  }

  static long appendedBytes() {
    return BYTES.sum();
  }
}
