package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TestBufferPool {
  private final ReadStatistics statistics = new ReadStatistics();

  @Test
  void classesHoldWhatTheyAreForAndWasteAtMostAFifth() {
    for (int length = 1; length > 0; length += 1 + length / 7) {
      int capacity = BufferPool.capacity(BufferPool.sizeClass(length));
      assertThat(capacity).as("%s", length).isGreaterThanOrEqualTo(Math.min(length, 2147483639));
      if (length > 4096) {
        assertThat(capacity - length).as("%s", length).isLessThanOrEqualTo(capacity / 5 + 1);
      }
    }
    for (int size = 0; size < 60; size++) {
      assertThat(BufferPool.sizeClass(BufferPool.capacity(size))).isEqualTo(size);
      assertThat(BufferPool.sizeClass(BufferPool.capacity(size) + 1)).isEqualTo(size + 1);
    }
  }

  @Test
  void memoryIsUsedAgainOnceReleased() throws IOException {
    BufferPool pool = new BufferPool(1 << 20, statistics);
    for (int length : new int[] {100, 70_000}) {
      BufferPool.Memory one = pool.take(length);
      BufferPool.Memory other = pool.take(length);
      assertThat(other).isNotSameAs(one);
      one.release();
      assertThat(pool.take(length - 1)).isSameAs(one);
      assertThat(one.bytes().limit()).isEqualTo(length - 1);
      assertThat(one.bytes().position()).isZero();
    }
  }

  @Test
  void idleMemoryIsBounded() throws IOException {
    BufferPool pool = new BufferPool(250_000, statistics);
    List<BufferPool.Memory> out = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      out.add(pool.take(100_000));
    }
    out.forEach(BufferPool.Memory::release);
    assertThat(pool.idleBytes()).isPositive().isLessThanOrEqualTo(250_000);
    assertThat(statistics.pooledBuffersOut()).isZero();
  }

  @Test
  void sharedMemoryIsFreeWhenTheLastReleasedIt() throws IOException {
    BufferPool pool = new BufferPool(1 << 20, statistics);
    BufferPool.Memory memory = pool.take(100_000);
    memory.bytes().put(3, (byte) 7);
    PooledBytes one = memory.share(3, 5);
    PooledBytes other = memory.share(8, 5);
    memory.release();
    assertThat(one.buffer().remaining()).isEqualTo(5);
    assertThat(one.buffer().get()).isEqualTo((byte) 7);
    one.close();
    assertThat(statistics.pooledBuffersOut()).isEqualTo(1);
    assertThat(pool.idleBytes()).isZero();
    other.close();
    assertThat(statistics.pooledBuffersOut()).isZero();
    assertThat(pool.idleBytes()).isPositive();
  }

  @Test
  void secondReleaseDoesNothingAndUseAfterReleaseThrows() throws IOException {
    BufferPool pool = new BufferPool(1 << 20, statistics);
    PooledBytes first = pool.take(10).handOver(0, 10);
    first.close();
    PooledBytes second = pool.take(10).handOver(0, 10);
    first.close();
    PooledBytes third = pool.take(10).handOver(0, 10);
    second.buffer().put(0, (byte) 1);
    third.buffer().put(0, (byte) 2);
    assertThat(second.buffer().get(0)).isEqualTo((byte) 1);
    assertThat(first.isReleased()).isTrue();
    assertThat(first.length()).isEqualTo(10);
    assertThatThrownBy(first::buffer)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("pooled bytes were released");
  }

  @Test
  void leakedBuffersAreCountedAndCollected() throws IOException {
    BufferPool pool = new BufferPool(1 << 20, statistics);
    // Many times what a JVM of this size may have off the heap: each must go when nobody has it any
    // more.
    int leaks = (int) (4 * Runtime.getRuntime().maxMemory() / (32 << 20));
    for (int i = 0; i < leaks; i++) {
      pool.take(32 << 20).handOver(0, 10);
    }
    assertThat(statistics.pooledBuffersOut()).isEqualTo(leaks);
  }

  @Test
  void noTwoHaveTheSameMemory() throws Exception {
    BufferPool pool = new BufferPool(1 << 20, statistics);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Callable<Void>> all = new ArrayList<>();
      for (int thread = 0; thread < 6; thread++) {
        byte mark = (byte) thread;
        Random random = new Random(thread);
        all.add(() -> {
          List<PooledBytes> held = new ArrayList<>();
          for (int i = 0; i < 5_000; i++) {
            BufferPool.Memory memory = pool.take(2 + random.nextInt(100_000));
            memory.bytes().put(0, mark).put(1, mark);
            held.add(memory.share(0, 1));
            held.add(memory.share(1, 1));
            memory.release();
            while (held.size() > random.nextInt(8)) {
              try (PooledBytes bytes = held.remove(random.nextInt(held.size()))) {
                assertThat(bytes.buffer().get()).isEqualTo(mark);
              }
            }
          }
          held.forEach(PooledBytes::close);
          return null;
        });
      }
      for (Future<Void> done : threads.invokeAll(all)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(statistics.pooledBuffersOut()).isZero();
  }
}
