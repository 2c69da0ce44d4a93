package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A set of snapshot versions, kept as ranges. Immutable.
 *
 * @param ranges ascending, with at least one version between two of them
 */
public record VersionSet(List<Range> ranges) {
  /** No version. */
  public static final VersionSet NONE = new VersionSet(List.of());

  public VersionSet {
    ranges = List.copyOf(ranges);
    for (int i = 1; i < ranges.size(); i++) {
      checkArgument(
          ranges.get(i).first() > ranges.get(i - 1).last() + 1,
          "version %s follows version %s",
          ranges.get(i).first(),
          ranges.get(i - 1).last());
    }
  }

  /** The versions {@code first} to {@code last}, both included. */
  public record Range(long first, long last) {
    public Range {
      checkArgument(
          first > 0 && last >= first && last < Long.MAX_VALUE,
          "impossible versions: %s to %s",
          first,
          last);
    }
  }

  /** The versions, in any order. */
  public static VersionSet of(long... versions) {
    List<Range> ranges = new ArrayList<>();
    for (long version : LongStream.of(versions).sorted().distinct().toArray()) {
      append(ranges, new Range(version, version));
    }
    return new VersionSet(ranges);
  }

  /** All versions of {@code first} to {@code last}, both included. */
  public static VersionSet between(long first, long last) {
    return new VersionSet(List.of(new Range(first, last)));
  }

  private static void append(List<Range> ranges, Range next) {
    Range before = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
    if (before == null || next.first() > before.last() + 1) {
      ranges.add(next);
    } else {
      ranges.set(
          ranges.size() - 1, new Range(before.first(), Math.max(before.last(), next.last())));
    }
  }

  /** Whether the version is one of them. */
  public boolean contains(long version) {
    return ranges.stream().anyMatch(range -> range.first() <= version && version <= range.last());
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  /** How many they are. */
  public long size() {
    return ranges.stream().mapToLong(range -> range.last() - range.first() + 1).sum();
  }

  /** The highest one; 0 if there is none. */
  public long last() {
    return ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).last();
  }

  /** The versions in ascending order. */
  public LongStream stream() {
    return ranges.stream()
        .flatMapToLong(range -> LongStream.rangeClosed(range.first(), range.last()));
  }

  /** The versions in either. */
  public VersionSet or(VersionSet other) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.addAll(other.ranges);
    sorted.sort((a, b) -> Long.compare(a.first(), b.first()));
    List<Range> united = new ArrayList<>();
    sorted.forEach(range -> append(united, range));
    return new VersionSet(united);
  }

  /** The versions that are in this one alone. */
  public VersionSet andNot(VersionSet other) {
    List<Range> left = new ArrayList<>();
    for (Range range : ranges) {
      long from = range.first();
      for (Range hole : other.ranges) {
        if (hole.last() < from || hole.first() > range.last()) {
          continue;
        }
        if (hole.first() > from) {
          left.add(new Range(from, hole.first() - 1));
        }
        from = hole.last() + 1;
      }
      if (from <= range.last()) {
        left.add(new Range(from, range.last()));
      }
    }
    return new VersionSet(left);
  }

  /** For people: {@code 1 to 4, 7}; {@code none} if there is none. */
  @Override
  public String toString() {
    return ranges.isEmpty()
        ? "none"
        : ranges.stream()
            .map(range -> range.first() == range.last()
                ? Long.toString(range.first())
                : range.first() + " to " + range.last())
            .collect(Collectors.joining(", "));
  }
}
