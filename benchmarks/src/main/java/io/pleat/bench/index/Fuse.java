package io.pleat.bench.index;

/**
 * The shape of a binary fuse filter (Graf and Lemire, 2022): each key has three positions in neighbouring segments, and the keys can be
 * taken away one by one, each the last at one of its positions.
 */
record Fuse(long seed, int segmentLength, int segmentCountLength) {
  private static final int MAX_SEGMENT_LENGTH = 1 << 18;

  int length() {
    return segmentCountLength + 2 * segmentLength;
  }

  long rehash(long hash) {
    return PathHash.mix(hash + seed);
  }

  int first(long rehashed) {
    return (int) Math.multiplyHigh(rehashed >>> 1, (long) segmentCountLength << 1);
  }

  int second(int first, long rehashed) {
    return first + segmentLength ^ (int) (rehashed >>> 18) & segmentLength - 1;
  }

  int third(int first, long rehashed) {
    return first + 2 * segmentLength ^ (int) rehashed & segmentLength - 1;
  }

  int position(long rehashed, int which) {
    int first = first(rehashed);
    return switch (which) {
      case 0 -> first;
      case 1 -> second(first, rehashed);
      default -> third(first, rehashed);
    };
  }

  private static Fuse shape(int keys, long seed) {
    double n = Math.max(keys, 2);
    int segment = 1 << (int) Math.floor(Math.log(n) / Math.log(3.33) + 2.25);
    segment = Math.min(segment, MAX_SEGMENT_LENGTH);
    double factor = Math.max(1.125, 0.875 + 0.25 * Math.log(1e6) / Math.log(n));
    int capacity = (int) Math.round(n * factor);
    int segments = Math.max(1, (capacity + segment - 1) / segment - 2);
    return new Fuse(seed, segment, segments * segment);
  }

  /**
   * Keys in the order in which they can be assigned a value, and at which of its positions each has it to itself: no key before it in
   * this order has that position.
   */
  record Order(Fuse fuse, int[] keys, byte[] which) {}

  static Order peel(long[] hashes, int keys) {
    for (long seed = 1; ; seed++) {
      Order order = peel(hashes, keys, shape(keys, PathHash.mix(seed)));
      if (order != null) {
        return order;
      }
      if (seed == 100) {
        throw new IllegalStateException("two paths have the same hash");
      }
    }
  }

  private static Order peel(long[] hashes, int keys, Fuse fuse) {
    // At each position: how many keys, times 4, with their ways there XORed; and their numbers
    // XORed.
    byte[] counts = new byte[fuse.length()];
    int[] sums = new int[fuse.length()];
    for (int key = 0; key < keys; key++) {
      long hash = fuse.rehash(hashes[key]);
      for (int which = 0; which < 3; which++) {
        int at = fuse.position(hash, which);
        counts[at] = (byte) (counts[at] + 4 ^ which);
        sums[at] ^= key;
      }
    }
    int[] alone = new int[fuse.length()];
    int waiting = 0;
    for (int at = 0; at < counts.length; at++) {
      if (counts[at] >> 2 == 1) {
        alone[waiting++] = at;
      }
    }
    int[] order = new int[keys];
    byte[] ways = new byte[keys];
    int left = keys;
    while (waiting > 0) {
      int at = alone[--waiting];
      if (counts[at] >> 2 != 1) {
        continue;
      }
      int key = sums[at];
      int way = counts[at] & 3;
      order[--left] = key;
      ways[left] = (byte) way;
      long hash = fuse.rehash(hashes[key]);
      counts[at] = 0;
      for (int which = 0; which < 3; which++) {
        if (which != way) {
          int other = fuse.position(hash, which);
          counts[other] = (byte) (counts[other] - 4 ^ which);
          sums[other] ^= key;
          if (counts[other] >> 2 == 1) {
            alone[waiting++] = other;
          }
        }
      }
    }
    return left == 0 ? new Order(fuse, order, ways) : null;
  }
}
