package io.pleat.format;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts the calls that run over a piece of memory, so that it can be freed when the last has left. Threads count in different cache
 * lines, so calls on many threads do not slow each other down.
 */
final class BorrowCount {
  /*
   * Each call adds 1 to its thread's cell, and then looks whether the count is closed; close() first sets closed, and then looks at the
   * cells. Both are sequentially consistent, so either the call sees `closed` and turns back, or close() sees the call and leaves the freeing
   * to it. After `closed` is set a cell rises only for a call that turns back without touching the memory; hence cells that were each
   * seen at zero after that moment prove that nobody is inside. The thread that finds them so frees, once.
   */
  private static final int STRIPES = 32;

  /** Ints of one 64-byte cache line. */
  private static final int STRIDE = 16;

  /** About what one of these takes. */
  static final long RESIDENT_BYTES = (STRIPES + 1L) * STRIDE * Integer.BYTES;

  private final AtomicIntegerArray cells = new AtomicIntegerArray((STRIPES + 1) * STRIDE);
  private final AtomicBoolean freed = new AtomicBoolean();
  private final Runnable free;
  private volatile boolean closed;

  /** @param free called exactly once, by whichever thread leaves last */
  BorrowCount(Runnable free) {
    this.free = free;
  }

  /**
   * Enters; pair it with {@link #leave}.
   *
   * @return what {@code leave} is to be given
   * @throws IllegalStateException if {@link #close} was called
   */
  int enter() {
    int cell = ((int) Thread.currentThread().getId() & STRIPES - 1) * STRIDE + STRIDE;
    cells.getAndIncrement(cell);
    if (closed) {
      leave(cell);
      throw new IllegalStateException("index block is closed");
    }
    return cell;
  }

  void leave(int cell) {
    cells.getAndDecrement(cell);
    if (closed) {
      freeIfIdle();
    }
  }

  /** Lets nobody in any more, and frees when nobody is inside; idempotent. */
  void close() {
    closed = true;
    freeIfIdle();
  }

  private void freeIfIdle() {
    for (int stripe = 1; stripe <= STRIPES; stripe++) {
      if (cells.get(stripe * STRIDE) != 0) {
        return;
      }
    }
    if (freed.compareAndSet(false, true)) {
      free.run();
    }
  }
}
