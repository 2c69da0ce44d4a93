package io.pleat.read.epoch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestSplitMix {
  @Test
  void isTheJdksGeneratorOfTheSameSeed() {
    for (long seed : new long[] {0, 1, -1, 42, Long.MIN_VALUE}) {
      SplitMix mine = new SplitMix(seed);
      SplittableRandom jdk = new SplittableRandom(seed);
      for (int i = 0; i < 100; i++) {
        assertThat(mine.nextLong()).isEqualTo(jdk.nextLong());
      }
    }
  }

  @Test
  void numbersAreBelowTheBoundAndEven() {
    SplitMix random = new SplitMix(7, 1, 2);
    int[] counts = new int[10];
    for (int i = 0; i < 100_000; i++) {
      counts[random.nextInt(10)]++;
    }
    assertThat(Arrays.stream(counts).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(9_500, 10_500));
    for (int i = 0; i < 1000; i++) {
      assertThat(random.nextInt(Integer.MAX_VALUE)).isNotNegative();
      assertThat(random.nextInt(1)).isZero();
    }
  }

  @Test
  void shuffleIsWhatItAlwaysWas() {
    int[] numbers = new int[12];
    Arrays.setAll(numbers, i -> i);
    new SplitMix(1, 2, 3).shuffle(numbers);
    assertThat(numbers).containsExactly(GOLDEN);
  }

  private static final int[] GOLDEN = {1, 8, 3, 7, 0, 6, 9, 4, 10, 2, 11, 5};
}
