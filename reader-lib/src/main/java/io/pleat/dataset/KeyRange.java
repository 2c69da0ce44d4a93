package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** An inclusive range of sort keys (see {@link io.pleat.format.SortKey}), in unsigned byte order. Immutable. */
public final class KeyRange implements Serializable {
  private static final long serialVersionUID = 1;

  private final byte[] first;
  private final byte[] last;

  /** Both ends are copied. */
  public KeyRange(byte[] first, byte[] last) {
    checkArgument(Arrays.compareUnsigned(first, last) <= 0, "key range ends before it starts");
    this.first = first.clone();
    this.last = last.clone();
  }

  private KeyRange(byte[] keys, int firstLength) {
    this.first = Arrays.copyOf(keys, firstLength);
    this.last = Arrays.copyOfRange(keys, firstLength, keys.length);
    checkArgument(Arrays.compareUnsigned(first, last) <= 0, "key range ends before it starts");
  }

  /** The range whose two keys stand one after the other in {@code keys}. */
  static KeyRange ofAdjacent(byte[] keys, int firstLength) {
    return new KeyRange(keys, firstLength);
  }

  /** Order of the first keys, then of the last ones. */
  int compareTo(KeyRange other) {
    int order = Arrays.compareUnsigned(first, other.first);
    return order != 0 ? order : Arrays.compareUnsigned(last, other.last);
  }

  int firstLength() {
    return first.length;
  }

  int lastLength() {
    return last.length;
  }

  /** Puts the first key, then the last one. */
  void putTo(ByteBuffer buffer) {
    buffer.put(first).put(last);
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
    return HexFormat.of().formatHex(first) + ".." + HexFormat.of().formatHex(last);
  }
}
