package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestLeaseCache {
  private static final int WEIGHT = 10;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger evictions = new AtomicInteger();
  private final AtomicInteger drained = new AtomicInteger();
  private final ConcurrentLinkedQueue<Value> all = new ConcurrentLinkedQueue<>();

  private final class Value implements Closeable {
    private final int number;
    private final AtomicBoolean closed = new AtomicBoolean();

    Value(int number) {
      this.number = number;
      all.add(this);
    }

    int use() {
      assertThat(closed).isFalse();
      return number;
    }

    @Override
    public void close() {
      assertThat(closed.getAndSet(true)).isFalse();
    }
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private LeaseCache<Value> cache(int size, long bound) {
    return cache(size, bound, number -> {
      loads.incrementAndGet();
      return new Value(number);
    });
  }

  private LeaseCache<Value> cache(int size, long bound, LeaseCache.Loader<Value> loader) {
    return new LeaseCache<>(
        size,
        loader,
        value -> WEIGHT,
        bound,
        number -> evictions.incrementAndGet(),
        drained::incrementAndGet);
  }

  @Test
  void valueIsLoadedOnceHoweverManyAsk() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    LeaseCache<Value> cache = cache(1, 100, number -> {
      loads.incrementAndGet();
      await(release);
      return new Value(number);
    });
    CyclicBarrier together = new CyclicBarrier(9);
    List<Future<Value>> asked = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      asked.add(threads.submit(() -> {
        together.await();
        try (LeaseCache.Lease<Value> lease = cache.borrow(0)) {
          return lease.value();
        }
      }));
    }
    together.await();
    release.countDown();
    Value first = asked.get(0).get();
    for (Future<Value> future : asked) {
      assertThat(future.get()).isSameAs(first);
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void boundHoldsAndLeastRecentlyUsedLeaves() throws IOException {
    LeaseCache<Value> cache = cache(4, 3 * WEIGHT);
    for (int number : new int[] {0, 1, 2, 0, 3}) {
      cache.borrow(number).close();
    }
    assertThat(cache.residentWeight()).isEqualTo(3 * WEIGHT);
    assertThat(evictions).hasValue(1);
    assertThat(all.stream().filter(value -> value.closed.get()).map(value -> value.number))
        .containsExactly(1);
  }

  @Test
  void boundZeroKeepsJustTheLast() throws IOException {
    LeaseCache<Value> cache = cache(2, 0);
    cache.borrow(0).close();
    cache.borrow(0).close();
    assertThat(loads).hasValue(1);
    cache.borrow(1).close();
    assertThat(cache.residentWeight()).isEqualTo(WEIGHT);
    assertThat(all.peek().closed).isTrue();
  }

  @Test
  void evictedValueStaysOpenUntilLastBorrowerLeft() throws IOException {
    LeaseCache<Value> cache = cache(2, 0);
    LeaseCache.Lease<Value> one = cache.borrow(0);
    LeaseCache.Lease<Value> other = cache.borrow(0);
    cache.borrow(1).close();
    assertThat(one.value().use()).isZero();
    one.close();
    assertThat(other.value().use()).isZero();
    Value value = other.value();
    other.close();
    assertThat(value.closed).isTrue();
  }

  @Test
  void failedLoadIsTriedAgain() throws IOException {
    LeaseCache<Value> cache = cache(1, 100, number -> {
      if (loads.incrementAndGet() == 1) {
        throw new IOException("not today");
      }
      return new Value(number);
    });
    assertThatThrownBy(() -> cache.borrow(0))
        .isInstanceOf(IOException.class)
        .hasMessage("not today");
    cache.borrow(0).close();
    assertThat(loads).hasValue(2);
  }

  @Test
  void interruptedLoaderFailsNobodyElse() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    LeaseCache<Value> cache = cache(1, 100, number -> {
      if (loads.incrementAndGet() == 1) {
        loading.countDown();
        await(release);
        throw new InterruptedIOException("interrupted");
      }
      return new Value(number);
    });
    Future<?> interrupted = threads.submit(() -> cache.borrow(0));
    loading.await();
    CountDownLatch started = new CountDownLatch(1);
    Future<Integer> waiting = threads.submit(() -> {
      started.countDown();
      try (LeaseCache.Lease<Value> lease = cache.borrow(0)) {
        return lease.value().use();
      }
    });
    started.await();
    release.countDown();
    assertThat(waiting.get()).isZero();
    assertThatThrownBy(interrupted::get).hasRootCauseMessage("interrupted");
  }

  @Test
  void discardedValueIsLoadedAnew() throws IOException {
    LeaseCache<Value> cache = cache(1, 100);
    try (LeaseCache.Lease<Value> lease = cache.borrow(0)) {
      cache.discard(lease);
      cache.discard(lease);
      lease.value().use();
    }
    assertThat(all.peek().closed).isTrue();
    assertThat(cache.residentWeight()).isZero();
    cache.borrow(0).close();
    assertThat(loads).hasValue(2);
  }

  @Test
  void closeWaitsForBorrowersAndLendsNoMore() throws IOException {
    LeaseCache<Value> cache = cache(2, 100);
    cache.borrow(1).close();
    LeaseCache.Lease<Value> lease = cache.borrow(0);
    cache.close();
    cache.close();
    assertThatThrownBy(() -> cache.borrow(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the dataset was closed");
    lease.value().use();
    assertThat(drained).hasValue(0);
    lease.close();
    assertThat(drained).hasValue(1);
    assertThat(all).allMatch(value -> value.closed.get());
  }

  @Test
  void peekHoldsNothing() throws Exception {
    LeaseCache<Value> cache = cache(2, WEIGHT);
    assertThat(cache.peek(0)).isNull();
    cache.borrow(0).close();
    Value peeked = cache.peek(0);
    assertThat(peeked.use()).isZero();
    cache.borrow(1).close();
    assertThat(peeked.closed).isTrue();
    assertThat(cache.peek(0)).isNull();
    assertThat(cache.peek(1).use()).isEqualTo(1);
    assertThat(loads).hasValue(2);
  }

  @Test
  void peekKeepsWhatIsUsedResident() throws Exception {
    LeaseCache<Value> cache = cache(4, 3 * WEIGHT);
    cache.borrow(0).close();
    cache.borrow(1).close();
    cache.borrow(2).close();
    assertThat(cache.peek(0).use()).isZero();
    cache.borrow(3).close();
    assertThat(cache.peek(0)).isNotNull();
    assertThat(cache.peek(1)).isNull();
  }

  @Test
  void closeOfUnusedCacheDrains() {
    cache(1, 100).close();
    assertThat(drained).hasValue(1);
  }

  @Test
  void nothingIsUsedAfterItsCloseUnderLoad() throws Exception {
    LeaseCache<Value> cache = cache(16, 3 * WEIGHT);
    List<Future<?>> running = new ArrayList<>();
    for (int thread = 0; thread < 6; thread++) {
      Random random = new Random(thread);
      running.add(threads.submit(() -> {
        for (int i = 0; i < 20_000; i++) {
          int number = random.nextInt(16);
          try (LeaseCache.Lease<Value> lease = cache.borrow(number)) {
            assertThat(lease.value().use()).isEqualTo(number);
            if (i % 1000 == 0) {
              cache.discard(lease);
            }
          }
        }
        return null;
      }));
    }
    for (Future<?> future : running) {
      future.get();
    }
    assertThat(cache.residentWeight()).isLessThanOrEqualTo(3 * WEIGHT);
    cache.close();
    assertThat(drained).hasValue(1);
    assertThat(all).hasSize(loads.get()).allMatch(value -> value.closed.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
