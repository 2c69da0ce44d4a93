package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.format.ContainerId;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestContainerRanges {
  @Test
  void noContainersHoldNothing() {
    ContainerRanges ranges = new ContainerRanges(List.of());
    assertThat(ranges.containing(key("a"))).isEmpty();
    assertThat(ranges.meeting(KeySpan.subtreeOf(LogicalPath.ROOT))).isEmpty();
  }

  @Test
  void endsOfRangesAreInclusive() {
    ContainerRanges ranges =
        new ContainerRanges(List.of(container("a/1", "a/5", 1), container("a/7", "a/9", 1)));
    assertThat(ranges.containing(key("a/1"))).containsExactly(0);
    assertThat(ranges.containing(key("a/5"))).containsExactly(0);
    assertThat(ranges.containing(key("a/6"))).isEmpty();
    assertThat(ranges.containing(key("a/9"))).containsExactly(1);
  }

  @Test
  void newestComesFirst() {
    ContainerRanges ranges = new ContainerRanges(List.of(
        container("a/1", "a/9", 2), container("a/2", "a/8", 3), container("a/3", "a/4", 1)));
    assertThat(ranges.containing(key("a/3"))).containsExactly(1, 0, 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void searchAgreesWithScan(long seed) {
    Random random = new Random(seed);
    List<String> names = new ArrayList<>();
    for (String directory : List.of("", "a/", "a-b/", "a/b/", "a.b/", "a b/", "a/b/c/", "é/")) {
      for (int i = 0; i < 12; i++) {
        names.add(directory + "f" + i);
      }
    }
    List<ContainerSummary> containers = new ArrayList<>();
    for (int i = 0; i < random.nextInt(60); i++) {
      String one = names.get(random.nextInt(names.size()));
      String other = names.get(random.nextInt(names.size()));
      boolean ordered = LogicalPath.of(one).compareTo(LogicalPath.of(other)) <= 0;
      containers.add(
          ordered
              ? container(one, other, random.nextInt(9))
              : container(other, one, random.nextInt(9)));
    }
    containers.sort(Comparator.comparing(c -> c.range().first(), Arrays::compareUnsigned));
    ContainerRanges ranges = new ContainerRanges(containers);
    for (String name : names) {
      byte[] key = key(name);
      int[] found = ranges.containing(key);
      assertThat(found)
          .as("seed %s, %s", seed, name)
          .containsExactlyInAnyOrder(IntStream.range(0, containers.size())
              .filter(i -> containers.get(i).range().contains(key))
              .toArray());
      assertThat(ranges.containing(LogicalPath.of(name)))
          .as("seed %s, %s", seed, name)
          .containsExactly(found);
      int only = ranges.only(LogicalPath.of(name));
      assertThat(only == ContainerRanges.SEVERAL
              || Arrays.equals(found, only == ContainerRanges.NONE ? new int[0] : new int[] {only}))
          .as("seed %s, %s: %s of %s", seed, name, only, Arrays.toString(found))
          .isTrue();
      assertThat(Arrays.stream(found).mapToObj(i -> containers.get(i).sequence()))
          .isSortedAccordingTo(Comparator.reverseOrder());
    }
    for (String directory : List.of("", "a", "a-b", "a/b", "a.b", "a b", "a/b/c", "é", "zz")) {
      for (KeySpan span : List.of(
          KeySpan.filesOf(LogicalPath.of(directory)),
          KeySpan.directoriesOf(LogicalPath.of(directory)),
          KeySpan.subtreeOf(LogicalPath.of(directory)))) {
        assertThat(ranges.meeting(span))
            .as("seed %s, '%s'", seed, directory)
            .containsExactly(IntStream.range(0, containers.size())
                .filter(i -> meets(containers.get(i).range(), span))
                .toArray());
      }
    }
  }

  @Test
  void spansOfDirectoryDoNotReachItsNeighbours() {
    for (String neighbour : List.of("a-b/x", "a.b/x", "a b/x", "ab/x", "b/x", "x")) {
      assertThat(KeySpan.subtreeOf(LogicalPath.of("a")).contains(key(neighbour)))
          .as(neighbour)
          .isFalse();
    }
    KeySpan files = KeySpan.filesOf(LogicalPath.of("a"));
    KeySpan directories = KeySpan.directoriesOf(LogicalPath.of("a"));
    assertThat(files.contains(key("a/x"))).isTrue();
    assertThat(files.contains(key("a/b/x"))).isFalse();
    assertThat(directories.contains(key("a/x"))).isFalse();
    assertThat(directories.contains(key("a/b/x"))).isTrue();
    assertThat(KeySpan.directoriesOf(LogicalPath.ROOT).contains(key("a/x"))).isTrue();
    assertThat(KeySpan.directoriesOf(LogicalPath.ROOT).contains(key("x"))).isFalse();
    assertThat(KeySpan.filesOf(LogicalPath.ROOT).contains(key("x"))).isTrue();
  }

  private static boolean meets(KeyRange range, KeySpan span) {
    return Arrays.compareUnsigned(range.last(), span.from()) >= 0
        && (span.to() == null || Arrays.compareUnsigned(range.first(), span.to()) < 0);
  }

  private static byte[] key(String path) {
    return LogicalPath.of(path).fileKey();
  }

  private static ContainerSummary container(String first, String last, long sequence) {
    return new ContainerSummary(
        ContainerId.random(),
        1000,
        0,
        500,
        2,
        0,
        0,
        10,
        10,
        0,
        new KeyRange(key(first), key(last)),
        sequence,
        new FileReference(LogicalPath.of("catalog/files/x.parquet"), 1, 0),
        FilterSection.NONE);
  }
}
