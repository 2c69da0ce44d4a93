package io.pleat.fold;

import java.util.ArrayDeque;

/**
 * Byte arrays for reads, reused so that a fold makes no garbage a byte. Sizes are powers of two. Used by one thread; what is out is
 * bounded by its caller, what is kept by {@code maxKept}.
 */
final class SlabPool {
  private static final int SMALLEST = 16 << 10;

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<byte[]>[] free = new ArrayDeque[32];

  private final long maxKept;
  private long kept;

  SlabPool(long maxKept) {
    this.maxKept = maxKept;
  }

  /** The length of the slab that {@link #take} gives for {@code size} bytes. */
  static int slabSize(int size) {
    int atLeast = Math.max(size, SMALLEST);
    int power = Integer.highestOneBit(atLeast);
    return power == atLeast ? power : power << 1;
  }

  byte[] take(int size) {
    int length = slabSize(size);
    ArrayDeque<byte[]> slabs = free[Integer.numberOfTrailingZeros(length)];
    byte[] slab = slabs == null ? null : slabs.poll();
    if (slab == null) {
      return new byte[length];
    }
    kept -= length;
    return slab;
  }

  void give(byte[] slab) {
    if (kept + slab.length > maxKept) {
      return;
    }
    int power = Integer.numberOfTrailingZeros(slab.length);
    if (free[power] == null) {
      free[power] = new ArrayDeque<>();
    }
    free[power].push(slab);
    kept += slab.length;
  }
}
