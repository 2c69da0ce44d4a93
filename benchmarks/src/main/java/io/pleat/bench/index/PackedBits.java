package io.pleat.bench.index;

import java.nio.ByteBuffer;

/** Numbers of some bits each, at most 57, back to back. */
final class PackedBits {
  private PackedBits() {}

  static int width(long largest) {
    return Long.SIZE - Long.numberOfLeadingZeros(largest);
  }

  static long[] allocate(long count, int width) {
    return new long[Math.toIntExact((count * width >>> 6) + 1)];
  }

  static void set(long[] bits, long index, int width, long value) {
    long at = index * width;
    int word = (int) (at >>> 6);
    int shift = (int) at & 63;
    long mask = -1L >>> 64 - width;
    bits[word] = bits[word] & ~(mask << shift) | value << shift;
    if (shift + width > 64) {
      bits[word + 1] = bits[word + 1] & ~(mask >>> 64 - shift) | value >>> 64 - shift;
    }
  }

  static long get(long[] bits, long index, int width) {
    long at = index * width;
    int word = (int) (at >>> 6);
    int shift = (int) at & 63;
    long value = bits[word] >>> shift;
    if (shift + width > 64) {
      value |= bits[word + 1] << 64 - shift;
    }
    return value & -1L >>> 64 - width;
  }

  /** The buffer needs seven bytes behind the last number. */
  static long get(ByteBuffer bits, long index, int width) {
    long at = index * width;
    return bits.getLong((int) (at >>> 3)) >>> (at & 7) & -1L >>> 64 - width;
  }
}
