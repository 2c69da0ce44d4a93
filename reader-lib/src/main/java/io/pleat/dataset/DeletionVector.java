package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.function.IntConsumer;
import org.roaringbitmap.RoaringBitmap;

/**
 * The rows of one container that are no longer live: ordinals of entries, and for directories the container's number of entries plus
 * the directory's index. Immutable.
 */
public final class DeletionVector {
  /** Nothing is dead. */
  public static final DeletionVector EMPTY = new DeletionVector(new RoaringBitmap());

  private final RoaringBitmap dead;

  private DeletionVector(RoaringBitmap dead) {
    checkArgument(dead.isEmpty() || dead.last() >= 0, "rows are numbered from 0 to 2^31 - 1");
    this.dead = dead;
  }

  /** The rows of {@code ordinals}, copied. */
  public static DeletionVector of(int... ordinals) {
    return new DeletionVector(RoaringBitmap.bitmapOf(ordinals));
  }

  /** The rows of {@code bitmap}, copied. */
  public static DeletionVector copyOf(RoaringBitmap bitmap) {
    return new DeletionVector(bitmap.clone());
  }

  /** The rows of {@code bitmap}, which nobody else may change from now on. */
  static DeletionVector adopt(RoaringBitmap bitmap) {
    return new DeletionVector(bitmap);
  }

  /** Whether the row is dead. */
  public boolean contains(int ordinal) {
    return dead.contains(ordinal);
  }

  /** Whether every row of {@code from} (inclusive) to {@code to} (exclusive) is dead. */
  public boolean containsAll(int from, int to) {
    return from >= to || dead.contains((long) from, (long) to);
  }

  /** How many rows are dead. */
  public int cardinality() {
    return dead.getCardinality();
  }

  /** Whether nothing is dead. */
  public boolean isEmpty() {
    return dead.isEmpty();
  }

  /** The rows that are dead in either. */
  public DeletionVector or(DeletionVector other) {
    return new DeletionVector(RoaringBitmap.or(dead, other.dead));
  }

  /** Visits the dead rows in ascending order. */
  public void forEach(IntConsumer consumer) {
    dead.forEach((org.roaringbitmap.IntConsumer) consumer::accept);
  }

  /** A copy of the rows. */
  public RoaringBitmap toBitmap() {
    return dead.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeletionVector vector && dead.equals(vector.dead);
  }

  @Override
  public int hashCode() {
    return dead.hashCode();
  }
}
