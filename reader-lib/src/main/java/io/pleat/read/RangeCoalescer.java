package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Joins byte ranges of one file into few reads: neighbours go together while the gap between them is worth reading.
 *
 * @param maxGap most bytes that are read for nothing between two ranges
 * @param maxLength longest joined read, in bytes; a single range may be longer
 */
record RangeCoalescer(long maxGap, long maxLength) {
  RangeCoalescer {
    checkArgument(maxGap >= 0 && maxLength > 0, "impossible bounds: %s, %s", maxGap, maxLength);
  }

  /** One read and the ranges that it answers, in order of their offsets. */
  record Read<T>(long offset, long length, List<T> members) {}

  /** The reads that cover {@code ranges}, in order of their offsets. Ranges may touch, overlap and repeat. */
  <T> List<Read<T>> coalesce(List<T> ranges, ToLongFunction<T> offset, ToLongFunction<T> length) {
    List<T> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingLong(offset));
    List<Read<T>> reads = new ArrayList<>();
    List<T> members = new ArrayList<>();
    long start = 0;
    long end = 0;
    for (T range : sorted) {
      long from = offset.applyAsLong(range);
      long to = Math.addExact(from, length.applyAsLong(range));
      if (!members.isEmpty()
          && (from - end > maxGap || Math.max(end, to) - start > maxLength && to > end)) {
        reads.add(new Read<>(start, end - start, members));
        members = new ArrayList<>();
      }
      if (members.isEmpty()) {
        start = from;
        end = to;
      }
      members.add(range);
      end = Math.max(end, to);
    }
    if (!members.isEmpty()) {
      reads.add(new Read<>(start, end - start, members));
    }
    return reads;
  }
}
