package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestKeyRangeTable {
  private static final String[] LETTERS = {
    "a", "a", "b", "-", " ", ".x", "\u0001", "é", "aaaaaaa", "n01440764_"
  };

  @Test
  void emptyTableHoldsNothing() {
    SortKeyTable none = new SortKeyTable(List.of());
    assertThat(new KeyRangeTable(none, none).find(LogicalPath.of("a"))).isEqualTo(-1);
  }

  /** Ranges that are disjoint, that touch, that are one key, that repeat; keys of files and of directories. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void agreesWithKeys(long seed) {
    check(seed, List.of(""), 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25, 26})
  void agreesWithKeysThatStartAlike(long seed) {
    check(seed, List.of("train/n014/a", "train/n014/a", "train/n014/", "train/", "train", "u"), 4);
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34})
  void agreesWithKeysWithoutSlash(long seed) {
    check(seed, List.of("name", "name", "nam", "o"), 1);
  }

  /** Deeper than nodes go: each key is a start of the next. */
  @Test
  void agreesWithKeysThatStartWithEachOther() {
    Random random = new Random(41);
    List<byte[]> keys = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      keys.add(LogicalPath.of("a".repeat(4 * i)).fileKey());
    }
    List<LogicalPath> asked = new ArrayList<>();
    for (int i = 1; i <= 410; i++) {
      asked.add(LogicalPath.of("a".repeat(i)));
      asked.add(LogicalPath.of("a".repeat(i) + "b"));
      asked.add(LogicalPath.of("a".repeat(i) + "/b"));
    }
    compare(41, random, keys, asked);
  }

  private static void check(long seed, List<String> starts, int components) {
    Random random = new Random(seed);
    List<byte[]> keys = new ArrayList<>();
    if (starts.size() == 1 && seed % 2 == 0) {
      keys.add(LogicalPath.ROOT.directoryKey());
    }
    for (int i = 0; i < 300; i++) {
      LogicalPath path = LogicalPath.of(starts.get(0) + path(random, components));
      keys.add(random.nextInt(4) > 0 ? path.fileKey() : path.directoryKey());
    }
    List<LogicalPath> asked = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      String start = starts.get(random.nextInt(starts.size()));
      asked.add(LogicalPath.of(start + path(random, components)));
    }
    for (byte[] key : keys) {
      byte[] path = SortKey.toPath(key);
      if (path.length > 0) {
        asked.add(LogicalPath.ofUtf8(path));
      }
    }
    compare(seed, random, keys, asked);
  }

  /** With a plain search over keys. */
  private static void compare(
      long seed, Random random, List<byte[]> keys, List<LogicalPath> asked) {
    keys.sort(Arrays::compareUnsigned);
    List<byte[]> firsts = new ArrayList<>();
    List<byte[]> lasts = new ArrayList<>();
    for (int i = 0; i < keys.size(); i += random.nextInt(2)) {
      firsts.add(keys.get(i));
      i = Math.min(keys.size() - 1, i + random.nextInt(3));
      lasts.add(keys.get(i++));
    }
    KeyRangeTable table = new KeyRangeTable(new SortKeyTable(firsts), new SortKeyTable(lasts));
    for (LogicalPath path : asked) {
      byte[] key = path.fileKey();
      int number = -1;
      while (number + 1 < firsts.size()
          && Arrays.compareUnsigned(firsts.get(number + 1), key) <= 0) {
        number++;
      }
      boolean reaches = number >= 0 && Arrays.compareUnsigned(key, lasts.get(number)) <= 0;
      assertThat(table.find(path))
          .as("seed %s, '%s'", seed, path)
          .isEqualTo(number < 0 || reaches ? number : -number - 2);
    }
  }

  /** Few, awkward letters, so that paths share long starts. */
  private static String path(Random random, int most) {
    StringBuilder path = new StringBuilder();
    int components = 1 + random.nextInt(most);
    for (int i = 0; i < components; i++) {
      path.append(i == 0 ? "" : "/");
      for (int letter = random.nextInt(3); letter >= 0; letter--) {
        path.append(LETTERS[random.nextInt(LETTERS.length)]);
      }
    }
    return path.toString();
  }
}
