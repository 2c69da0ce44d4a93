package io.pleat.bench.index;

import java.util.Arrays;

/** One file of a corpus, in a buffer that the next one overwrites. */
final class Item {
  /** What a record takes in a container beside path and payload: its header with owner and group of four bytes each. */
  static final int RECORD_OVERHEAD = 92;

  /** Where a container's first record starts. */
  static final int FIRST_RECORD = 40;

  /** UTF-8; the first {@link #length} bytes count. */
  final byte[] path = new byte[1 << 12];

  int length;

  /** Of the payload, in bytes. */
  int size;

  int crc;
  long mtimeSeconds;
  int mtimeNanos;

  /** Where its payload starts, if all records stand back to back in one container. */
  long offset;

  byte[] pathBytes() {
    return Arrays.copyOf(path, length);
  }

  void append(byte[] bytes) {
    System.arraycopy(bytes, 0, path, length, bytes.length);
    length += bytes.length;
  }

  /** The offset, given where the payload before ended. */
  static long offsetAfter(long end, int pathLength) {
    return end + RECORD_OVERHEAD + pathLength;
  }
}
