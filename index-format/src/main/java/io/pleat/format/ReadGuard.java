package io.pleat.format;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Lets memory go once nobody reads it any more: readers enter and leave, and what was retired is freed by whoever leaves last. One
 * guard serves every index block of the process, so that its cells stay in the readers' caches however many blocks there are. Threads count in
 * different cache lines, so readers do not slow each other down.
 */
final class ReadGuard {
  /*
   * Sleepable RCU (McKenney, "Sleepable Read-Copy Update", LWN 2006): each stripe has two cells, and readers count in the cell of the phase
   * that they saw. An owner first marks its memory closed, then retires it. A batch of retired memory is freed after (1) the other phase's
   * cells were each seen at zero, (2) the phase was flipped, and (3) the cells of the phase before were each seen at zero. Whoever had
   * entered before the mark is in one of the two and was waited for. Whoever enters later sees the mark (all of these accesses are
   * sequentially consistent) and turns back, also one that read the phase before the flip and counted after it. New readers count in
   * the phase that is not waited for, so waiting ends however busy the guard is.
   */
  private static final int STRIPES =
      Integer.highestOneBit(Math.max(16, 4 * Runtime.getRuntime().availableProcessors()));

  /** Ints of two 64-byte cache lines, which some processors fetch together. */
  private static final int STRIDE = 32;

  private final AtomicIntegerArray cells = new AtomicIntegerArray((STRIPES + 1) * STRIDE);
  private final Queue<Runnable> retired = new ArrayDeque<>();
  private List<Runnable> batch = List.of();
  private boolean flipped;
  private volatile int phase;
  private volatile boolean waiting;

  /** Enters; pair it with {@link #leave}. The caller then looks whether the memory is closed. */
  int enter() {
    return enter(cell());
  }

  /** The cell that this thread would count in now. */
  int cell() {
    return ((int) Thread.currentThread().getId() & STRIPES - 1) * STRIDE + STRIDE + phase;
  }

  /** Enters by a cell that {@link #cell} gave, perhaps a while ago. */
  int enter(int cell) {
    cells.getAndIncrement(cell);
    return cell;
  }

  /** @param cell what {@link #enter} returned */
  void leave(int cell) {
    cells.getAndDecrement(cell);
    if (waiting) {
      advance();
    }
  }

  /**
   * Runs {@code free}, once, when everybody who is inside now has left: at once if nobody is, otherwise in a thread that leaves.
   *
   * @param free of memory that is already marked as closed
   */
  void retire(Runnable free) {
    synchronized (retired) {
      retired.add(free);
      waiting = true;
    }
    advance();
  }

  private void advance() {
    List<Runnable> due = new ArrayList<>();
    synchronized (retired) {
      while (waiting) {
        if (batch.isEmpty()) {
          batch = new ArrayList<>(retired);
          retired.clear();
          flipped = false;
        }
        if (!flipped && isEmpty(phase ^ 1)) {
          phase ^= 1;
          flipped = true;
        }
        if (!flipped || !isEmpty(phase ^ 1)) {
          break;
        }
        due.addAll(batch);
        batch = List.of();
        waiting = !retired.isEmpty();
      }
    }
    due.forEach(Runnable::run);
  }

  private boolean isEmpty(int ofPhase) {
    for (int stripe = 1; stripe <= STRIPES; stripe++) {
      if (cells.get(stripe * STRIDE + ofPhase) != 0) {
        return false;
      }
    }
    return true;
  }
}
