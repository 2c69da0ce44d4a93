package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSortKey {
  /** The definition: the directory, component by component, a shorter one first; then the name. */
  private static final Comparator<LogicalPath> DEFINITION = (left, right) -> {
    int order = compareDirectories(left.parent(), right.parent());
    return order != 0 ? order : compareBytes(left, right);
  };

  private static int compareDirectories(LogicalPath left, LogicalPath right) {
    List<LogicalPath> a = ancestors(left);
    List<LogicalPath> b = ancestors(right);
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = compareBytes(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  private static int compareBytes(LogicalPath left, LogicalPath right) {
    byte[] a = LogicalPath.of("x" + left.name()).utf8();
    byte[] b = LogicalPath.of("x" + right.name()).utf8();
    return Arrays.compareUnsigned(a, b);
  }

  private static List<LogicalPath> ancestors(LogicalPath path) {
    List<LogicalPath> result = new ArrayList<>();
    for (LogicalPath at = path; !at.isRoot(); at = at.parent()) {
      result.add(0, at);
    }
    return result;
  }

  @Test
  void awkwardNamesSortByDirectoryFirst() {
    List<LogicalPath> paths = new ArrayList<>();
    for (String path :
        List.of("a/b", "a-b", "a", "a.b", "a b", "a/b/c", "a-b/c", "a/a/z", "a/z", "a/b-c/d")) {
      paths.add(LogicalPath.of(path));
    }
    paths.sort(null);
    assertThat(paths)
        .extracting(LogicalPath::toString)
        .containsExactly(
            "a", "a b", "a-b", "a.b", "a/b", "a/z", "a/a/z", "a/b/c", "a/b-c/d", "a-b/c");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void keysOrderAsDefinedAndGiveThePathBack(long seed) {
    Random random = new Random(seed);
    List<LogicalPath> paths = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      paths.add(randomPath(random));
    }
    for (LogicalPath left : paths) {
      assertThat(SortKey.toPath(left.fileKey())).isEqualTo(left.utf8());
      assertThat(SortKey.toPath(left.directoryKey())).isEqualTo(left.utf8());
      assertThat(SortKey.isDirectory(left.directoryKey())).isTrue();
      assertThat(SortKey.isDirectory(left.fileKey())).isFalse();
      for (LogicalPath right : paths) {
        assertThat(Integer.signum(left.compareTo(right)))
            .as("seed %s: '%s' and '%s'", seed, left, right)
            .isEqualTo(Integer.signum(DEFINITION.compare(left, right)));
        byte[] other = right.utf8();
        byte[] longer =
            Arrays.copyOf(left.utf8(), left.length() + 3); // what lies behind does not count
        Arrays.fill(longer, left.length(), longer.length, (byte) '/');
        int order = SortKey.compareFiles(
            longer, left.length(), other, SortKey.lastSlash(other, other.length));
        assertThat(Integer.signum(order))
            .as("seed %s: the files '%s' and '%s'", seed, left, right)
            .isEqualTo(Integer.signum(Arrays.compareUnsigned(left.fileKey(), right.fileKey())));
        boolean below = right.startsWith(left);
        assertThat(startsWith(right.directoryKey(), SortKey.subtreePrefix(left.utf8())))
            .isEqualTo(below);
        assertThat(startsWith(right.fileKey(), SortKey.subtreePrefix(left.utf8())))
            .isEqualTo(below && !right.equals(left));
        if (below) {
          assertThat(Arrays.compareUnsigned(left.directoryKey(), right.directoryKey()))
              .isLessThanOrEqualTo(0);
        }
      }
    }
  }

  private static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static LogicalPath randomPath(Random random) {
    String[] names = {
      "a", "b", "ab", "a-b", "a b", "a.b", "a\u0001", "-", "é", "😀", "\u007f", "..."
    };
    LogicalPath path = LogicalPath.of(names[random.nextInt(names.length)]);
    for (int depth = random.nextInt(4); depth > 0; depth--) {
      path = path.resolve(names[random.nextInt(names.length)]);
    }
    return path;
  }

  @Test
  void rootHasTheLeastKey() {
    assertThat(LogicalPath.ROOT.directoryKey()).containsExactly(0, 0);
    assertThat(SortKey.toPath(new byte[] {0, 0})).isEmpty();
    assertThat(SortKey.subtreePrefix(new byte[0])).isEmpty();
  }

  @Test
  void illegalPathsAreRefused() {
    for (String path : List.of("/a", "a/", "a//b", ".", "..", "a/./b", "a/../b", "a\0b", "/")) {
      assertThatThrownBy(() -> LogicalPath.of(path))
          .as(path)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> LogicalPath.of("a\ud800"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unpaired surrogate");
    assertThatThrownBy(() -> LogicalPath.ofUtf8(new byte[] {(byte) 0xC0, (byte) 0x80}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not valid UTF-8");
    assertThatThrownBy(() -> LogicalPath.of("x".repeat(65_536)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("path has 65536 bytes, at most 65535 are allowed");
    assertThat(LogicalPath.of("x".repeat(65_535)).length()).isEqualTo(65_535);
  }

  @Test
  void bytesThatAreNoKeyAreRefused() {
    for (byte[] bytes : new byte[][] {{}, {97}, {0}, {97, 0}, {0, 2, 97}, {97, 0, 0, 98, 0, 0}}) {
      assertThatThrownBy(() -> SortKey.toPath(bytes)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
