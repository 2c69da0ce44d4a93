package io.pleat.read.epoch;

/**
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), written out here because the order of
 * an epoch is a promise and must not change with a JDK. Not thread-safe.
 */
final class SplitMix {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** A stream of its own for each seed and key. */
  SplitMix(long seed, long... key) {
    long hash = seed;
    for (long part : key) {
      hash = mix(hash + GAMMA ^ part);
    }
    state = hash;
  }

  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /** A number from 0 to {@code bound - 1}: the high half of the product of a random number and the bound. */
  int nextInt(int bound) {
    long random = nextLong();
    // Math.unsignedMultiplyHigh came with JDK 18.
    return (int) (Math.multiplyHigh(random, bound) + (random >> 63 & bound));
  }

  /** Shuffles in place: for i from the last place down to 1, swaps it with one of the places from 0 to i. */
  void shuffle(int[] numbers) {
    for (int i = numbers.length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int other = numbers[j];
      numbers[j] = numbers[i];
      numbers[i] = other;
    }
  }
}
