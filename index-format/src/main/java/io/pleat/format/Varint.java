package io.pleat.format;

import java.nio.ByteBuffer;

/** Unsigned LEB128: seven bits a byte, the lowest first, the top bit set on all but the last byte. */
final class Varint {
  /** Bytes of the longest, a full {@code long}. */
  static final int MAX_LENGTH = 10;

  private Varint() {}

  /** The value at {@code at}; absolute. A value that does not end within ten bytes reads as -1. */
  static long get(ByteBuffer buffer, int at) {
    long value = buffer.get(at);
    if (value >= 0) {
      return value;
    }
    value &= 0x7F;
    for (int i = 1; i < MAX_LENGTH; i++) {
      byte next = buffer.get(at + i);
      value |= (next & 0x7FL) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    return -1;
  }

  /** Bytes that {@code value} takes in its shortest form, the only one that is written. */
  static int length(long value) {
    return value >= 0 && value < 0x80 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }
}
