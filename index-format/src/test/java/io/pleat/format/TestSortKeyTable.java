package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSortKeyTable {
  @Test
  void emptyTableHasNothingNotAbove() {
    assertThat(new SortKeyTable(List.of()).countNotAbove(LogicalPath.of("a"))).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithKeys(long seed) {
    check(seed, List.of(""));
  }

  /** All keys start alike; the paths asked for do, or depart from that, or end in it. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void agreesWithKeysThatStartAlike(long seed) {
    check(seed, List.of("train/n014/a", "train/n014/a", "train/n014/", "train/", "train", "u", ""));
  }

  private static void check(long seed, List<String> starts) {
    Random random = new Random(seed);
    List<byte[]> keys = new ArrayList<>();
    if (starts.size() == 1) {
      keys.add(LogicalPath.ROOT.directoryKey());
    }
    for (int i = 0; i < 300; i++) {
      LogicalPath path = LogicalPath.of(starts.get(0) + path(random));
      keys.add(random.nextBoolean() ? path.fileKey() : path.directoryKey());
    }
    keys.sort(Arrays::compareUnsigned);
    SortKeyTable table = new SortKeyTable(keys);
    assertThat(table.size()).isEqualTo(keys.size());
    for (int i = 0; i < 300; i++) {
      LogicalPath path = LogicalPath.of(starts.get(random.nextInt(starts.size())) + path(random));
      byte[] key = path.fileKey();
      int notAbove = 0;
      for (int number = 0; number < keys.size(); number++) {
        int order = Arrays.compareUnsigned(key, keys.get(number));
        assertThat(Integer.signum(table.compare(path, number)))
            .as("seed %s, '%s' and key %s", seed, path, Arrays.toString(keys.get(number)))
            .isEqualTo(Integer.signum(order));
        notAbove += order >= 0 ? 1 : 0;
      }
      assertThat(table.countNotAbove(path)).as("seed %s, '%s'", seed, path).isEqualTo(notAbove);
    }
  }

  /** Few, awkward letters, so that paths share long starts. */
  private static LogicalPath path(Random random) {
    String[] letters = {"a", "a", "b", "-", " ", ".x", "\u0001", "é", "aaaaaaa"};
    StringBuilder path = new StringBuilder();
    int components = 1 + random.nextInt(4);
    for (int i = 0; i < components; i++) {
      path.append(i == 0 ? "" : "/");
      for (int letter = random.nextInt(3); letter >= 0; letter--) {
        path.append(letters[random.nextInt(letters.length)]);
      }
    }
    return LogicalPath.of(path.toString());
  }

  @Test
  void refusesWhatIsNoKey() {
    for (byte[] bad : List.of(new byte[] {'a'}, new byte[] {'a', '/', 'b', 0, 0, 'c'})) {
      assertThatThrownBy(() -> new SortKeyTable(List.of(bad)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not ");
    }
  }
}
