package io.pleat.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The 64-bit hash of a path: wyhash, final version 4.2 (Wang Yi, public domain, github.com/wangyi-fudan/wyhash), of its UTF-8 bytes with seed 0 and
 * the default secret. Its ends are read by overlapping words, not byte by byte, which is why it is quick on strings as short as paths.
 */
public final class PathHash {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long SECRET_0 = 0x2d358dccaa6c78a5L;
  private static final long SECRET_1 = 0x8bb84b93962eacc9L;
  private static final long SECRET_2 = 0x4b33a62ed433d4a3L;
  private static final long SECRET_3 = 0x4d5a2da51de1aa47L;

  private static final int LANES_LENGTH = 48;

  private PathHash() {}

  /** The hash of a path's bytes. */
  public static long of(LogicalPath path) {
    return of(path.bytes(), 0);
  }

  /** The hash of all of {@code bytes}. */
  public static long of(byte[] bytes) {
    return of(bytes, 0);
  }

  static long of(byte[] bytes, long start) {
    return of(bytes, bytes.length, start);
  }

  /** The hash of the first {@code length} bytes. */
  static long of(byte[] bytes, int length, long start) {
    long seed = start ^ fold(start ^ SECRET_0, SECRET_1);
    long a;
    long b;
    if (length <= 16) {
      if (length >= 4) {
        int middle = length >>> 3 << 2;
        a = int32(bytes, 0) << 32 | int32(bytes, middle);
        b = int32(bytes, length - 4) << 32 | int32(bytes, length - 4 - middle);
      } else if (length > 0) {
        a = (bytes[0] & 0xFFL) << 16
            | (bytes[length >>> 1] & 0xFFL) << 8
            | bytes[length - 1] & 0xFFL;
        b = 0;
      } else {
        a = 0;
        b = 0;
      }
    } else {
      int at = 0;
      int rest = length;
      if (rest >= LANES_LENGTH) {
        long lane1 = seed;
        long lane2 = seed;
        do {
          seed = fold(int64(bytes, at) ^ SECRET_1, int64(bytes, at + 8) ^ seed);
          lane1 = fold(int64(bytes, at + 16) ^ SECRET_2, int64(bytes, at + 24) ^ lane1);
          lane2 = fold(int64(bytes, at + 32) ^ SECRET_3, int64(bytes, at + 40) ^ lane2);
          at += LANES_LENGTH;
          rest -= LANES_LENGTH;
        } while (rest >= LANES_LENGTH);
        seed ^= lane1 ^ lane2;
      }
      for (; rest > 16; at += 16, rest -= 16) {
        seed = fold(int64(bytes, at) ^ SECRET_1, int64(bytes, at + 8) ^ seed);
      }
      a = int64(bytes, length - 16);
      b = int64(bytes, length - 8);
    }
    a ^= SECRET_1;
    b ^= seed;
    return fold(a * b ^ SECRET_0 ^ length, high(a, b) ^ SECRET_1);
  }

  /** Both halves of the 128-bit product, XORed. */
  private static long fold(long a, long b) {
    return a * b ^ high(a, b);
  }

  /** The upper half of the unsigned 128-bit product. */
  static long high(long a, long b) {
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }

  private static long int64(byte[] bytes, int at) {
    return (long) LONG.get(bytes, at);
  }

  private static long int32(byte[] bytes, int at) {
    return (int) INT.get(bytes, at) & 0xFFFFFFFFL;
  }
}
