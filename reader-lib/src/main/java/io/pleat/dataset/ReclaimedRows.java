package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.function.IntConsumer;
import org.roaringbitmap.RoaringBitmap;

/**
 * The entries of one container whose original was deleted, by ordinal: the container holds the only copy. None of them is dead. Immutable.
 */
public final class ReclaimedRows {
  /** No original was deleted. */
  public static final ReclaimedRows NONE = new ReclaimedRows(new RoaringBitmap());

  private final RoaringBitmap rows;

  private ReclaimedRows(RoaringBitmap rows) {
    checkArgument(rows.isEmpty() || rows.last() >= 0, "rows are numbered from 0 to 2^31 - 1");
    this.rows = rows;
  }

  /** The entries of {@code ordinals}, copied. */
  public static ReclaimedRows of(int... ordinals) {
    return new ReclaimedRows(RoaringBitmap.bitmapOf(ordinals));
  }

  /** The entries of {@code bitmap}, copied. */
  public static ReclaimedRows copyOf(RoaringBitmap bitmap) {
    return new ReclaimedRows(bitmap.clone());
  }

  /** The entries of {@code bitmap}, which nobody else may change from now on. */
  static ReclaimedRows adopt(RoaringBitmap bitmap) {
    return new ReclaimedRows(bitmap);
  }

  /** Whether the entry's original was deleted. */
  public boolean contains(int ordinal) {
    return rows.contains(ordinal);
  }

  /** Whether this holds for any entry of {@code from} (inclusive) to {@code to} (exclusive). */
  public boolean containsAny(int from, int to) {
    return from < to && rows.intersects((long) from, (long) to);
  }

  /** How many they are. */
  public int cardinality() {
    return rows.getCardinality();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return rows.isEmpty();
  }

  /** Visits the ordinals in ascending order. */
  public void forEach(IntConsumer consumer) {
    rows.forEach((org.roaringbitmap.IntConsumer) consumer::accept);
  }

  /** A copy of the ordinals. */
  public RoaringBitmap toBitmap() {
    return rows.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReclaimedRows reclaimed && rows.equals(reclaimed.rows);
  }

  @Override
  public int hashCode() {
    return rows.hashCode();
  }
}
