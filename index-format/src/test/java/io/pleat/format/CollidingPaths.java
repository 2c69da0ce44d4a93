package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes legal paths that all have the same {@link PathHash}, as someone with bad intent would: the hash takes in 16 bytes x, y as the product of x ^ secret and y ^
 * state, so y ^ k, x ^ k with k = secret ^ state gives the same. Blocks of random text alternate with such pairs, chosen so that both forms are UTF-8; each pair doubles
 * the number of paths.
 */
final class CollidingPaths {
  private static final long[] SECRETS = {
    0x8bb84b93962eacc9L, 0x4b33a62ed433d4a3L, 0x4d5a2da51de1aa47L
  };
  private static final long SECRET_0 = 0x2d358dccaa6c78a5L;

  private CollidingPaths() {}

  static List<String> of(int count) {
    int pairs = Integer.SIZE - Integer.numberOfLeadingZeros(count - 1);
    Random random = new Random(count);
    long start = fold(SECRET_0, SECRETS[0]);
    long[] states = {start, start, start};
    List<byte[][]> blocks = new ArrayList<>(); // one form, or two
    int made = 0;
    while (made < pairs) {
      // One group of text that leads each lane to a fitting state, and one of pairs.
      for (int lane = 0; lane < 3; lane++) {
        byte[] text;
        long after;
        do {
          text = text(random, blocks.isEmpty() ? 't' : '/');
          after = fold(int64(text, 0) ^ SECRETS[lane], int64(text, 8) ^ states[lane]);
        } while (half(new Random(0), after ^ SECRETS[lane]) == null);
        states[lane] = after;
        blocks.add(new byte[][] {text});
      }
      for (int lane = 0; lane < 3; lane++, made++) {
        long k = states[lane] ^ SECRETS[lane];
        byte[] x = half(random, k);
        byte[] y = half(random, k);
        blocks.add(new byte[][] {joined(x, y, 0), joined(y, x, k)});
        states[lane] = fold(int64(x, 0) ^ SECRETS[lane], int64(y, 0) ^ states[lane]);
      }
    }
    List<String> paths = new ArrayList<>();
    for (int path = 0; path < count; path++) {
      ByteBuffer bytes = ByteBuffer.allocate(16 * blocks.size() + 1);
      int choices = path;
      for (byte[][] block : blocks) {
        bytes.put(block[block.length == 1 ? 0 : choices & 1]);
        choices >>>= block.length - 1;
      }
      bytes.put((byte) '.');
      paths.add(new String(bytes.array(), StandardCharsets.UTF_8));
    }
    return paths;
  }

  /** Eight bytes that are text, and still are UTF-8 when they are XORed with {@code k}; null if there are none. */
  private static byte[] half(Random random, long k) {
    byte[] half = new byte[8];
    for (int i = 0; i < 8; i++) {
      int key = (int) (k >>> 8 * i) & 0xFF;
      boolean lead = key >= 0x80;
      if (lead && (i == 7 || (k >>> 8 * (i + 1) & 0x80) == 0)) {
        return null; // a lone byte of a sequence
      }
      if (!choose(random, half, i, key, lead ? 0xC2 : ' ', lead ? 0xDF : '~')) {
        return null;
      }
      if (lead) {
        i++;
        if (!choose(random, half, i, (int) (k >>> 8 * i) & 0xFF, 0x80, 0xBF)) {
          return null;
        }
      }
    }
    return half;
  }

  private static boolean choose(Random random, byte[] half, int at, int key, int least, int most) {
    int first = random.nextInt(95);
    for (int i = 0; i < 95; i++) {
      int value = ' ' + (first + i) % 95;
      int other = value ^ key;
      if (value != '/' && other != '/' && other >= least && other <= most) {
        half[at] = (byte) value;
        return true;
      }
    }
    return false;
  }

  private static byte[] joined(byte[] first, byte[] second, long k) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(int64(first, 0) ^ k)
        .putLong(int64(second, 0) ^ k)
        .array();
  }

  private static byte[] text(Random random, char start) {
    byte[] text = new byte[16];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) ('a' + random.nextInt(26));
    }
    text[0] = (byte) start;
    return text;
  }

  private static long int64(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(at);
  }

  private static long fold(long a, long b) {
    return a * b ^ PathHash.high(a, b);
  }
}
