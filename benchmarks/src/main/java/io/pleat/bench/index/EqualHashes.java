package io.pleat.bench.index;

import io.pleat.format.PathHash;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Paths of one hash, as someone with bad intent would make them: {@link PathHash} takes in 16 bytes x, y as the product of x ^ secret and y ^ state, so y ^ k, x
 * ^ k with k = secret ^ state gives the same. They are bytes without NUL and slash, but not UTF-8; the tests make such that are.
 */
final class EqualHashes {
  private static final long[] SECRETS = {
    0x8bb84b93962eacc9L, 0x4b33a62ed433d4a3L, 0x4d5a2da51de1aa47L
  };
  private static final long SECRET_0 = 0x2d358dccaa6c78a5L;
  private static final int BLOCK = 2 * Long.BYTES;

  private EqualHashes() {}

  /** So many paths, each of which starts with the same byte. */
  static byte[][] of(int count) {
    int pairs = Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
    int blocks = (pairs + SECRETS.length) / SECRETS.length * SECRETS.length;
    SplittableRandom random = new SplittableRandom(count);
    long start = fold(SECRET_0, SECRETS[0]);
    long[] states = {start, start, start};
    byte[][] forms = new byte[blocks][];
    byte[][] others = new byte[blocks][];
    for (int block = 0; block < blocks; block++) {
      int lane = block % SECRETS.length;
      long k = states[lane] ^ SECRETS[lane];
      long x = half(random, k);
      long y = half(random, k);
      forms[block] = joined(x, y);
      others[block] = joined(y ^ k, x ^ k);
      states[lane] = fold(x ^ SECRETS[lane], y ^ states[lane]);
    }
    byte[][] paths = new byte[count][];
    for (int path = 0; path < count; path++) {
      ByteBuffer bytes = ByteBuffer.allocate(BLOCK * (blocks + 1));
      for (int block = 0; block < blocks; block++) {
        bytes.put((path >>> block & 1) == 0 ? forms[block] : others[block]);
      }
      Arrays.fill(bytes.array(), BLOCK * blocks, bytes.capacity(), (byte) '.');
      paths[path] = bytes.array();
    }
    return paths;
  }

  private static long half(SplittableRandom random, long k) {
    long half = 0;
    for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
      int value;
      do {
        value = random.nextInt(1, 256);
      } while (value == '/' || isTaken(value ^ (int) (k >>> i) & 0xFF));
      half |= (long) value << i;
    }
    return half;
  }

  private static boolean isTaken(int value) {
    return value == 0 || value == '/';
  }

  private static byte[] joined(long first, long second) {
    return ByteBuffer.allocate(BLOCK)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(first)
        .putLong(second)
        .array();
  }

  private static long fold(long a, long b) {
    return a * b ^ Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }
}
