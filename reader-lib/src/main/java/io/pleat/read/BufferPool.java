package io.pleat.read;

import static io.pleat.format.Preconditions.checkState;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Direct memory that is used again. Bounds what lies idle, not what is out: who borrows is bounded elsewhere. Thread-safe.
 */
final class BufferPool {
  /*
   * Sizes go in steps of a quarter of a power of two, so that at most a fifth of a buffer is waste. A thread that reads one file after the
   * other takes the buffer that it gave back last, from a cell of its own stripe and without a lock; batches and large buffers go
   * through one queue a size, under a lock that is held for a push or a pop.
   *
   * Memory is never freed by hand: somebody may still hold a buffer that he gave back, and would then read memory that is not there.
   * What does not fit the bound is left to the garbage collector, as what nobody gives back is.
   */
  private static final int SMALLEST_LOG = 12;
  private static final int STEPS = 4;
  private static final int CLASSES = STEPS * (Integer.SIZE - 1 - SMALLEST_LOG);

  /** Sizes up to 64 KiB have cells. */
  private static final int CELL_CLASSES = STEPS * (16 - SMALLEST_LOG) + 1;

  private static final int STRIPES =
      Integer.highestOneBit(Math.max(8, 2 * Runtime.getRuntime().availableProcessors()));

  /** References from one stripe to the next: more than two cache lines. */
  private static final int STRIDE = 64;

  private final ReadStatistics statistics;
  private final AtomicReferenceArray<Memory> cells =
      new AtomicReferenceArray<>((STRIPES + 1) * STRIDE);
  private final Shelf[] shelves = new Shelf[CLASSES + 1];

  // Guarded by this.
  private long bound;
  private long idle; // bytes on the shelves

  /** @param bound on the bytes that lie idle, a few buffers of up to 64 KiB a thread left out */
  BufferPool(long bound, ReadStatistics statistics) {
    this.bound = bound;
    this.statistics = statistics;
    for (int size = 0; size < shelves.length; size++) {
      shelves[size] = new Shelf();
    }
  }

  private static final class Shelf {
    // Guarded by this.
    private final Deque<Memory> idle = new ArrayDeque<>();
  }

  /**
   * Memory of at least {@code length} bytes, held once; its buffer's limit is {@code length}.
   *
   * @throws IOException if this JVM allows no more direct memory
   */
  Memory take(int length) throws IOException {
    int size = sizeClass(length);
    Memory found = size < CELL_CLASSES ? cells.getAndSet(cell(size), null) : null;
    if (found == null) {
      found = fromShelf(size);
    }
    if (found == null) {
      found = new Memory(allocate(length, size), size);
    }
    statistics.pooledBuffersTaken.increment();
    found.holders.set(1);
    found.bytes.clear().limit(length);
    return found;
  }

  private static ByteBuffer allocate(int length, int size) throws IOException {
    try {
      return ByteBuffer.allocateDirect(capacity(size));
    } catch (OutOfMemoryError e) {
      throw new IOException(
          "cannot get " + length
              + " bytes off the heap; release what was read, ask for less at once, or"
              + " raise -XX:MaxDirectMemorySize",
          e);
    }
  }

  private Memory fromShelf(int size) {
    Memory found;
    synchronized (shelves[size]) {
      found = shelves[size].idle.poll();
    }
    if (found != null) {
      synchronized (this) {
        idle -= found.bytes.capacity();
      }
    }
    return found;
  }

  private void giveBack(Memory memory) {
    statistics.pooledBuffersReleased.increment();
    if (memory.size < CELL_CLASSES && cells.compareAndSet(cell(memory.size), null, memory)) {
      return;
    }
    synchronized (this) {
      if (idle + memory.bytes.capacity() > bound) {
        return;
      }
      idle += memory.bytes.capacity();
    }
    synchronized (shelves[memory.size]) {
      shelves[memory.size].idle.push(memory);
    }
  }

  /** Changes the bound by so many bytes; what then lies idle beyond it goes when it comes back next. */
  synchronized void raiseBound(long bytes) {
    bound += bytes;
  }

  /** Bytes on the shelves. */
  synchronized long idleBytes() {
    return idle;
  }

  private static int cell(int size) {
    return (1 + ((int) Thread.currentThread().getId() & STRIPES - 1)) * STRIDE + size;
  }

  /** The smallest class that holds {@code length} bytes. */
  static int sizeClass(int length) {
    if (length <= 1 << SMALLEST_LOG) {
      return 0;
    }
    int log = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(length - 1);
    return STEPS * (log - SMALLEST_LOG) + (length - 1 >>> log - 2) - STEPS + 1;
  }

  /** Bytes of the buffers of a class. */
  static int capacity(int size) {
    int log = SMALLEST_LOG + size / STEPS;
    long bytes = (long) (STEPS + size % STEPS) << log - 2;
    return (int) Math.min(bytes, Integer.MAX_VALUE - 8);
  }

  /** Some memory, held by one or more; it goes back to the pool when the last has released it. */
  final class Memory {
    private final ByteBuffer bytes;
    private final int size;
    private final AtomicInteger holders = new AtomicInteger();

    Memory(ByteBuffer bytes, int size) {
      this.bytes = bytes;
      this.size = size;
    }

    /** The memory; whoever holds it alone may move and fill it. */
    ByteBuffer bytes() {
      return bytes;
    }

    /** Holds it once more; only for one who holds it. */
    void retain() {
      holders.getAndIncrement();
    }

    /** Gives up one hold. */
    void release() {
      int left = holders.decrementAndGet();
      checkState(left >= 0, "memory was released more often than held");
      if (left == 0) {
        giveBack(this);
      }
    }

    /** Hands the caller's hold on to one file's bytes. */
    PooledBytes handOver(int from, int length) {
      return new PooledBytes(bytes.slice(from, length), this);
    }

    /** One file's bytes, which hold the memory beside the caller. */
    PooledBytes share(int from, int length) {
      retain();
      return handOver(from, length);
    }
  }
}
