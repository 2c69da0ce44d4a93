package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.KeyRangeTable;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKeyTable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Which containers of a snapshot may hold a key. Containers are numbered in order of their first keys. Immutable.
 */
final class ContainerRanges {
  /*
   * An interval tree without nodes: the containers lie sorted by first key, the middle of each half-open run of numbers stands for
   * that run and knows the highest last key in it. A search leaves a run as soon as that is below what it looks for, so it costs
   * O(log n + found), also when an incremental fold left containers that span all others.
   *
   * Most containers meet no other. They are marked, and found by one search in a table of all ranges.
   */

  /** No container. */
  static final int NONE = -1;

  /** More than one container, or perhaps just one. */
  static final int SEVERAL = -2;

  private final byte[][] first;
  private final byte[][] last;
  private final int[] highestLast;
  private final long[] sequence;
  private final SortKeyTable firsts;
  private final SortKeyTable lasts;
  private final KeyRangeTable table;
  private final BitSet alone = new BitSet();

  /** @param containers in order of their first keys */
  ContainerRanges(List<ContainerSummary> containers) {
    int count = containers.size();
    first = new byte[count][];
    last = new byte[count][];
    highestLast = new int[count];
    sequence = new long[count];
    for (int i = 0; i < count; i++) {
      first[i] = containers.get(i).range().first();
      last[i] = containers.get(i).range().last();
      sequence[i] = containers.get(i).sequence();
    }
    raise(0, count);
    firsts = new SortKeyTable(Arrays.asList(first));
    lasts = new SortKeyTable(Arrays.asList(last));
    table = new KeyRangeTable(firsts, lasts);
    byte[] reached = null;
    for (int i = 0; i < count; i++) {
      alone.set(i, reached == null || Arrays.compareUnsigned(reached, first[i]) < 0);
      reached = reached == null || Arrays.compareUnsigned(reached, last[i]) < 0 ? last[i] : reached;
    }
  }

  /** The only container that can hold the file at {@code path}, or {@link #NONE}, or {@link #SEVERAL}; makes no garbage. */
  int only(LogicalPath path) {
    int found = table.find(path);
    if (found >= 0) {
      return alone.get(found) ? found : SEVERAL;
    }
    return found == NONE || alone.get(-found - 2) ? NONE : SEVERAL;
  }

  /** The lowest key of a container; not to be changed. */
  byte[] first(int number) {
    return first[number];
  }

  /** The highest key of a container; not to be changed. */
  byte[] last(int number) {
    return last[number];
  }

  /** The version that added a container. */
  long sequence(int number) {
    return sequence[number];
  }

  /** The containers whose range holds {@code key}, the newest first. */
  int[] containing(byte[] key) {
    Found found = new Found();
    collect(0, first.length, key, key, true, found);
    return newestFirst(found.numbers());
  }

  /** The containers whose range holds the key of the file at {@code path}, the newest first. */
  int[] containing(LogicalPath path) {
    Found found = new Found();
    collect(0, firsts.countNotAbove(path), first.length, path, found);
    return newestFirst(found.numbers());
  }

  private int[] newestFirst(int[] numbers) {
    for (int i = 1; i < numbers.length; i++) {
      int number = numbers[i];
      int at = i;
      for (; at > 0 && sequence[numbers[at - 1]] < sequence[number]; at--) {
        numbers[at] = numbers[at - 1];
      }
      numbers[at] = number;
    }
    return numbers;
  }

  /** The containers whose range meets {@code keys}, in order of their first keys. */
  int[] meeting(KeySpan keys) {
    Found found = new Found();
    collect(0, first.length, keys.from(), keys.to(), false, found);
    return found.numbers();
  }

  private int raise(int from, int to) {
    if (from >= to) {
      return NONE;
    }
    int middle = (from + to) >>> 1;
    highestLast[middle] = higher(middle, higher(raise(from, middle), raise(middle + 1, to)));
    return highestLast[middle];
  }

  /** Which of two containers has the higher last key. */
  private int higher(int one, int other) {
    return one == NONE || other != NONE && Arrays.compareUnsigned(last[one], last[other]) < 0
        ? other
        : one;
  }

  /** Collects those of the runs' numbers below {@code end} that end at the path or above it. */
  private void collect(int from, int end, int to, LogicalPath path, Found found) {
    if (from >= Math.min(end, to)) {
      return;
    }
    int middle = (from + to) >>> 1;
    if (lasts.compare(path, highestLast[middle]) > 0) {
      return;
    }
    collect(from, end, middle, path, found);
    if (middle < end) {
      if (lasts.compare(path, middle) <= 0) {
        found.add(middle);
      }
      collect(middle + 1, end, to, path, found);
    }
  }

  /** Collects what ends at or above {@code low} and starts below {@code high} (or at it, if inclusive; null is no bound). */
  private void collect(int from, int to, byte[] low, byte[] high, boolean inclusive, Found found) {
    if (from >= to) {
      return;
    }
    int middle = (from + to) >>> 1;
    if (Arrays.compareUnsigned(last[highestLast[middle]], low) < 0) {
      return;
    }
    collect(from, middle, low, high, inclusive, found);
    int order = high == null ? -1 : Arrays.compareUnsigned(first[middle], high);
    if (order < 0 || order == 0 && inclusive) {
      if (Arrays.compareUnsigned(last[middle], low) >= 0) {
        found.add(middle);
      }
      collect(middle + 1, to, low, high, inclusive, found);
    }
  }

  private static final class Found {
    private static final int[] NONE = {};

    private int[] numbers = NONE;
    private int size;

    void add(int number) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, size == 0 ? 1 : 2 * size + 6);
      }
      numbers[size++] = number;
    }

    int[] numbers() {
      return size == numbers.length ? numbers : Arrays.copyOf(numbers, size);
    }
  }
}
