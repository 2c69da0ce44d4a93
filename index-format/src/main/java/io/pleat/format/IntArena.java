package io.pleat.format;

import java.util.Arrays;

/** A growing array of ints. */
final class IntArena {
  private int[] values;
  private int size;

  IntArena(int capacity) {
    values = new int[capacity];
  }

  int size() {
    return size;
  }

  int get(int index) {
    return values[index];
  }

  void set(int index, int value) {
    values[index] = value;
  }

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size + (size >> 1) + 16);
    }
    values[size++] = value;
  }

  void removeLast() {
    size--;
  }

  int last() {
    return values[size - 1];
  }
}
