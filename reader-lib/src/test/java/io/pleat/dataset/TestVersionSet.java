package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TestVersionSet {
  @Test
  void behavesAsASetOfNumbers() {
    long seed = 20261126;
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      Set<Long> a = numbers(random);
      Set<Long> b = numbers(random);
      VersionSet left = set(a);
      VersionSet right = set(b);
      Set<Long> united = new TreeSet<>(a);
      united.addAll(b);
      Set<Long> rest = new TreeSet<>(a);
      rest.removeAll(b);
      String what = "seed " + seed + " round " + round;
      assertThat(left.stream().boxed()).as(what).containsExactlyElementsOf(a);
      assertThat(left.size()).as(what).isEqualTo(a.size());
      assertThat(left.or(right)).as(what).isEqualTo(set(united));
      assertThat(left.andNot(right)).as(what).isEqualTo(set(rest));
      for (long version = 1; version < 30; version++) {
        assertThat(left.contains(version)).as(what).isEqualTo(a.contains(version));
      }
    }
  }

  @Test
  void rangesThatTouchAreRefused() {
    assertThatThrownBy(
            () -> new VersionSet(List.of(new VersionSet.Range(1, 3), new VersionSet.Range(4, 4))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("version 4 follows version 3");
  }

  @Test
  void readsAsRanges() {
    assertThat(VersionSet.of(7, 2, 3, 1)).hasToString("1 to 3, 7");
    assertThat(VersionSet.NONE).hasToString("none");
  }

  private static VersionSet set(Set<Long> numbers) {
    return VersionSet.of(numbers.stream().mapToLong(Long::longValue).toArray());
  }

  private static Set<Long> numbers(Random random) {
    Set<Long> numbers = new TreeSet<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      numbers.add(1L + random.nextInt(25));
    }
    return numbers;
  }
}
