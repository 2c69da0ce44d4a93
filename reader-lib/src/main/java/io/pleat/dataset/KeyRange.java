package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.Arrays;

/** An inclusive range of sort keys (see {@link io.pleat.format.SortKey}), in unsigned byte order. Immutable. */
public final class KeyRange {
  private final byte[] first;
  private final byte[] last;

  /** Both ends are copied. */
  public KeyRange(byte[] first, byte[] last) {
    checkArgument(Arrays.compareUnsigned(first, last) <= 0, "key range ends before it starts");
    this.first = first.clone();
    this.last = last.clone();
  }

  /** The lowest key, copied. */
  public byte[] first() {
    return first.clone();
  }

  /** The highest key, copied. */
  public byte[] last() {
    return last.clone();
  }

  /** Whether {@code key} lies in the range. */
  public boolean contains(byte[] key) {
    return Arrays.compareUnsigned(first, key) <= 0 && Arrays.compareUnsigned(key, last) <= 0;
  }

  /** Whether the range holds a key that starts with {@code prefix}, or may hold one. */
  public boolean mayHoldPrefix(byte[] prefix) {
    int head = Math.min(prefix.length, first.length);
    int tail = Math.min(prefix.length, last.length);
    return Arrays.compareUnsigned(first, 0, head, prefix, 0, prefix.length) <= 0
            && Arrays.compareUnsigned(prefix, 0, prefix.length, last, 0, tail) <= 0
        || Arrays.compareUnsigned(first, 0, head, prefix, 0, prefix.length) == 0;
  }

  /** Whether the two ranges share a key. */
  public boolean overlaps(KeyRange other) {
    return Arrays.compareUnsigned(first, other.last) <= 0
        && Arrays.compareUnsigned(other.first, last) <= 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyRange range
        && Arrays.equals(first, range.first)
        && Arrays.equals(last, range.last);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(first) + Arrays.hashCode(last);
  }

  @Override
  public String toString() {
    return Arrays.toString(first) + ".." + Arrays.toString(last);
  }
}
