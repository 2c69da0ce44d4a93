package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import java.util.Arrays;
import java.util.List;

/**
 * Which containers of a snapshot may hold a key. Containers are numbered in order of their first keys. Immutable.
 */
final class ContainerRanges {
  /*
   * An interval tree without nodes: the containers lie sorted by first key, the middle of each half-open run of numbers stands for
   * that run and knows the highest last key in it. A search leaves a run as soon as that is below what it looks for, so it costs
   * O(log n + found), also when an incremental fold left containers that span all others.
   */
  private final byte[][] first;
  private final byte[][] last;
  private final byte[][] highestLast;
  private final long[] sequence;

  /** @param containers in order of their first keys */
  ContainerRanges(List<ContainerSummary> containers) {
    int count = containers.size();
    first = new byte[count][];
    last = new byte[count][];
    highestLast = new byte[count][];
    sequence = new long[count];
    for (int i = 0; i < count; i++) {
      first[i] = containers.get(i).range().first();
      last[i] = containers.get(i).range().last();
      sequence[i] = containers.get(i).sequence();
    }
    raise(0, count);
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
    int[] numbers = found.numbers();
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

  private byte[] raise(int from, int to) {
    if (from >= to) {
      return null;
    }
    int middle = (from + to) >>> 1;
    byte[] highest = higher(last[middle], higher(raise(from, middle), raise(middle + 1, to)));
    highestLast[middle] = highest;
    return highest;
  }

  private static byte[] higher(byte[] one, byte[] other) {
    return one == null || other != null && Arrays.compareUnsigned(one, other) < 0 ? other : one;
  }

  /** Collects what ends at or above {@code low} and starts below {@code high} (or at it, if inclusive; null is no bound). */
  private void collect(int from, int to, byte[] low, byte[] high, boolean inclusive, Found found) {
    if (from >= to) {
      return;
    }
    int middle = (from + to) >>> 1;
    if (Arrays.compareUnsigned(highestLast[middle], low) < 0) {
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
