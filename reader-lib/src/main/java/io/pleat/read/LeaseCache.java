package io.pleat.read;

import static io.pleat.format.Preconditions.checkState;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import java.util.function.ToLongFunction;
import org.slf4j.LoggerFactory;

/**
 * Values of numbers 0 to n-1 that are loaded when first asked for, once however many ask, lent out, and kept up to a bound. A value
 * is closed when it was evicted and its last borrower has left. Thread-safe.
 */
final class LeaseCache<V extends Closeable> implements Closeable {
  /*
   * A hit costs two atomic increments on the slot and no lock. The cache itself counts as one holder of each resident slot, so that
   * eviction is: take the slot out of the table, then let go of that one hold. Use is stamped with the number of admissions so
   * far, which hits read but only misses change. (A peek is less: it reads the slot, and holds nothing.) The slot with the lowest stamp is evicted, found by looking at all residents: a
   * miss has just cost a read from the store, and residents are few. Stamps stand apart from slots, so that whoever keeps a value by itself can
   * note a use without another cache miss.
   */

  private final AtomicReferenceArray<Slot> table;
  private final Loader<V> loader;
  private final ToLongFunction<V> weigher;
  private final long bound;
  private final IntConsumer onEvicted;
  private final Runnable onDrained;

  /** By number. Racing threads write what any of them would; who sees an older one evicts too early, no more. */
  private final long[] lastUsed;

  private volatile long admissions;

  // Guarded by this.
  private final List<Slot> residents = new ArrayList<>();
  private long residentWeight;
  private int unclosed;
  private boolean closed;

  /**
   * @param size numbers go from 0 to {@code size - 1}
   * @param bound on the weight of all residents; the one that was admitted last stays whatever it weighs
   * @param onEvicted given the number of each value that was evicted, before that is closed
   * @param onDrained called once, after {@link #close()}, when the last value was closed
   */
  LeaseCache(
      int size,
      Loader<V> loader,
      ToLongFunction<V> weigher,
      long bound,
      IntConsumer onEvicted,
      Runnable onDrained) {
    this.table = new AtomicReferenceArray<>(size);
    this.lastUsed = new long[size];
    this.loader = loader;
    this.weigher = weigher;
    this.bound = bound;
    this.onEvicted = onEvicted;
    this.onDrained = onDrained;
  }

  /** Loads the value of one number. */
  interface Loader<V> {
    V load(int number) throws IOException;
  }

  /** A value on loan; it stays open until this is closed, which must happen exactly once. */
  interface Lease<V> extends AutoCloseable {
    V value();

    @Override
    void close();
  }

  /**
   * Borrows the value of {@code number}, loading it if it is not there. A failed load fails all who wait for it, and is tried again
   * when next asked for.
   *
   * @throws IllegalStateException if the cache was closed
   */
  Lease<V> borrow(int number) throws IOException {
    while (true) {
      Slot slot = table.get(number);
      if (slot == null) {
        Slot fresh = new Slot(number);
        if (enter(fresh)) {
          load(fresh);
          return fresh;
        }
      } else if (slot.retain()) {
        if (slot.awaitLoaded()) {
          touch(slot.number);
          return slot;
        }
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /**
   * The value of {@code number} if it is resident, otherwise null; not borrowed, so it may be evicted and closed at any time: only for values
   * that can bear to be used then. Counts nothing, and writes nothing but once after each admission.
   */
  V peek(int number) {
    Slot slot = table.get(number);
    if (slot == null) {
      return null;
    }
    V value = slot.value;
    if (value != null) {
      touch(number);
    }
    return value;
  }

  /** Notes a use of the value of {@code number} by someone who has it without having asked. */
  void touch(int number) {
    long now = admissions;
    if (lastUsed[number] != now) {
      lastUsed[number] = now;
    }
  }

  /** Takes a value out that turned out to be unusable; whoever asks next loads it anew. */
  void discard(Lease<V> lease) {
    @SuppressWarnings("unchecked")
    Slot slot = (Slot) lease;
    synchronized (this) {
      if (!residents.remove(slot)) {
        return;
      }
      residentWeight -= slot.weight;
      table.compareAndSet(slot.number, slot, null);
    }
    slot.close();
  }

  /** Takes the value of {@code number} out, if it is resident; whoever asks next loads it anew. */
  void discard(int number) {
    Slot slot = table.get(number);
    if (slot != null && slot.value != null) {
      discard(slot);
    }
  }

  /** Weight of what is resident. */
  synchronized long residentWeight() {
    return residentWeight;
  }

  /** How many values are resident. */
  synchronized int residentCount() {
    return residents.size();
  }

  /** Lends nothing any more; what is on loan stays open until it comes back. */
  @Override
  public void close() {
    List<Slot> leaving;
    boolean drained;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      leaving = new ArrayList<>(residents);
      residents.clear();
      residentWeight = 0;
      for (Slot slot : leaving) {
        table.compareAndSet(slot.number, slot, null);
      }
      drained = unclosed == 0;
    }
    leaving.forEach(Slot::close);
    if (drained) {
      onDrained.run();
    }
  }

  private synchronized boolean enter(Slot fresh) {
    checkState(!closed, "the dataset was closed");
    if (!table.compareAndSet(fresh.number, null, fresh)) {
      return false;
    }
    unclosed++;
    return true;
  }

  private void load(Slot slot) throws IOException {
    try {
      V value = loader.load(slot.number);
      slot.weight = weigher.applyAsLong(value);
      slot.value = value;
    } catch (Throwable e) {
      table.compareAndSet(slot.number, slot, null);
      slot.loaded.completeExceptionally(e);
      left();
      throw e;
    }
    admit(slot);
    slot.loaded.complete(null);
  }

  private void admit(Slot admitted) {
    List<Slot> leaving = new ArrayList<>();
    synchronized (this) {
      lastUsed[admitted.number] = ++admissions;
      if (closed) {
        table.compareAndSet(admitted.number, admitted, null);
        leaving.add(admitted);
      } else {
        residents.add(admitted);
        residentWeight += admitted.weight;
        while (residentWeight > bound && residents.size() > 1) {
          leaving.add(evictOne(admitted));
        }
      }
    }
    for (Slot slot : leaving) {
      onEvicted.accept(slot.number);
      slot.close();
    }
  }

  private Slot evictOne(Slot spared) {
    int oldest = -1;
    for (int i = 0; i < residents.size(); i++) {
      Slot slot = residents.get(i);
      if (slot != spared
          && (oldest < 0 || lastUsed[slot.number] < lastUsed[residents.get(oldest).number])) {
        oldest = i;
      }
    }
    Slot slot = residents.get(oldest);
    residents.set(oldest, residents.get(residents.size() - 1));
    residents.remove(residents.size() - 1);
    residentWeight -= slot.weight;
    table.compareAndSet(slot.number, slot, null);
    return slot;
  }

  private void left() {
    boolean drained;
    synchronized (this) {
      unclosed--;
      drained = closed && unclosed == 0;
    }
    if (drained) {
      onDrained.run();
    }
  }

  private final class Slot implements Lease<V> {
    private final int number;
    private final AtomicInteger holders = new AtomicInteger(2); // the cache, and who loads it
    private final CompletableFuture<Void> loaded = new CompletableFuture<>();
    private long weight;
    private volatile V value;

    Slot(int number) {
      this.number = number;
    }

    @Override
    public V value() {
      return value;
    }

    boolean retain() {
      while (true) {
        int now = holders.get();
        if (now == 0) {
          return false;
        }
        if (holders.compareAndSet(now, now + 1)) {
          return true;
        }
      }
    }

    /** False if whoever loaded it was interrupted, which is no business of those who wait: ask again. */
    boolean awaitLoaded() throws IOException {
      if (value != null && loaded.isDone()) {
        return true;
      }
      try {
        loaded.join();
        return true;
      } catch (CompletionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof ClosedByInterruptException
            || cause instanceof InterruptedIOException) {
          return false;
        }
        if (cause instanceof IOException failure) {
          throw failure;
        }
        if (cause instanceof RuntimeException failure) {
          throw failure;
        }
        throw (Error) cause;
      }
    }

    @Override
    public void close() {
      if (holders.decrementAndGet() > 0) {
        return;
      }
      try {
        value.close();
      } catch (IOException | RuntimeException e) {
        LoggerFactory.getLogger(LeaseCache.class).debug("closing {} failed", value, e);
      } finally {
        left();
      }
    }
  }
}
