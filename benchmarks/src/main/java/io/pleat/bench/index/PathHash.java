package io.pleat.bench.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A fast 64-bit hash of a path, after wyhash: 16 bytes a multiplication. */
final class PathHash {
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long P0 = 0xA0761D6478BD642FL;
  private static final long P1 = 0xE7037ED1A0B428DBL;
  private static final long P2 = 0x8EBC6AF09C88C6E3L;

  private PathHash() {}

  static long of(byte[] path) {
    return of(path, path.length);
  }

  static long of(byte[] path, int length) {
    long hash = P2 ^ length;
    int at = 0;
    for (; at + 16 <= length; at += 16) {
      hash = fold((long) LONG.get(path, at) ^ P0, (long) LONG.get(path, at + 8) ^ hash);
    }
    long a = 0;
    if (at + 8 <= length) {
      a = (long) LONG.get(path, at);
      at += 8;
    }
    long b = 0;
    if (at < length) {
      if (length >= 8) {
        b = (long) LONG.get(path, length - 8);
      } else {
        for (int i = at; i < length; i++) {
          b = b << 8 | path[i] & 0xFF;
        }
      }
    }
    return fold(P1 ^ length, fold(a ^ P1, b ^ hash));
  }

  /** Another hash of a hash, for a structure that needs a fresh one. */
  static long mix(long hash) {
    return fold(hash ^ P0, P1 ^ Long.rotateLeft(hash, 32));
  }

  /** Spreads a hash's upper 32 bits over 0 to {@code range} - 1. */
  static int reduce(long hash, int range) {
    return (int) ((hash >>> 32) * range >>> 32);
  }

  private static long fold(long a, long b) {
    return a * b ^ Math.multiplyHigh(a, b);
  }
}
