package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestRangeCoalescer {
  private record Range(long offset, long length) {
    long end() {
      return offset + length;
    }
  }

  @Test
  void nothingNeedsNoRead() {
    assertThat(coalesce(10, 100)).isEmpty();
  }

  @Test
  void neighboursWithinGapGoTogether() {
    Range one = new Range(0, 10);
    Range two = new Range(15, 10);
    Range three = new Range(36, 10);
    assertThat(coalesce(10, 100, three, one, two))
        .containsExactly(
            new RangeCoalescer.Read<>(0, 25, List.of(one, two)),
            new RangeCoalescer.Read<>(36, 10, List.of(three)));
  }

  @Test
  void readsStopAtLongestLength() {
    Range one = new Range(0, 60);
    Range two = new Range(60, 41);
    assertThat(coalesce(10, 100, one, two)).hasSize(2);
    assertThat(coalesce(10, 101, one, two)).hasSize(1);
  }

  @Test
  void longRangeStandsAlone() {
    Range huge = new Range(10, 1000);
    assertThat(coalesce(10, 100, huge, new Range(0, 10)))
        .extracting(RangeCoalescer.Read::length)
        .containsExactly(10L, 1000L);
  }

  @Test
  void sameRangeTwiceIsReadOnce() {
    Range one = new Range(5, 200);
    assertThat(coalesce(0, 100, one, one, new Range(5, 0)))
        .containsExactly(new RangeCoalescer.Read<>(5, 200, List.of(one, one, new Range(5, 0))));
  }

  @Test
  void impossibleBoundsAreRefused() {
    assertThatThrownBy(() -> new RangeCoalescer(-1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("impossible bounds: -1, 1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyRangeIsCoveredOnce(long seed) {
    Random random = new Random(seed);
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ranges.add(new Range(random.nextInt(20_000), random.nextInt(100)));
    }
    List<Range> covered = new ArrayList<>();
    long end = -1;
    for (RangeCoalescer.Read<Range> read : coalesce(8, 1000, ranges.toArray(Range[]::new))) {
      assertThat(read.length()).as("seed %s", seed).isLessThanOrEqualTo(1000);
      assertThat(read.offset()).isGreaterThanOrEqualTo(end);
      for (Range range : read.members()) {
        assertThat(range.offset()).isGreaterThanOrEqualTo(read.offset());
        assertThat(range.end()).isLessThanOrEqualTo(read.offset() + read.length());
      }
      covered.addAll(read.members());
    }
    assertThat(covered).containsExactlyInAnyOrderElementsOf(ranges);
  }

  private static List<RangeCoalescer.Read<Range>> coalesce(
      long maxGap, long maxLength, Range... ranges) {
    return new RangeCoalescer(maxGap, maxLength)
        .coalesce(List.of(ranges), Range::offset, Range::length);
  }
}
