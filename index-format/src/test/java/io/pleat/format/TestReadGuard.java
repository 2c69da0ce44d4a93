package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TestReadGuard {
  private static final int READERS = 6;
  private static final int CLOSERS = 2;
  private static final int MEMORIES = 40_000;
  private static final int BLOCKS = 3000;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicBoolean done = new AtomicBoolean();

  @AfterEach
  void stop() {
    done.set(true);
    threads.shutdownNow();
  }

  /** Stands for memory that must not be read once it is freed. */
  private static final class Memory {
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger freed = new AtomicInteger();
    private volatile boolean closed;

    void free() {
      assertThat(inside.get()).as("readers inside when the memory was freed").isZero();
      assertThat(freed.incrementAndGet()).as("times that the memory was freed").isEqualTo(1);
    }

    /** Reads as an index block does; whether it was still open. */
    boolean read(ReadGuard guard, int pause) {
      int cell = guard.enter();
      try {
        if (closed) {
          return false;
        }
        inside.incrementAndGet();
        assertThat(freed.get()).as("freed while a reader is inside").isZero();
        for (int i = 0; i < pause; i++) {
          Thread.onSpinWait();
        }
        if (pause % 64 == 0) {
          Thread.yield(); // so that others run while this one is inside, also on few cores
        }
        assertThat(freed.get()).as("freed while a reader is inside").isZero();
        inside.decrementAndGet();
        return true;
      } finally {
        guard.leave(cell);
      }
    }

    void close(ReadGuard guard) {
      closed = true;
      guard.retire(this::free);
    }
  }

  @Test
  void memoryIsFreedOnceAndNeverWhileSomebodyIsInside() throws Exception {
    ReadGuard guard = new ReadGuard();
    AtomicReferenceArray<Memory> open = new AtomicReferenceArray<>(16);
    for (int i = 0; i < open.length(); i++) {
      open.set(i, new Memory());
    }
    List<Future<?>> readers = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      Random random = new Random(reader);
      readers.add(threads.submit(() -> {
        while (!done.get()) {
          open.get(random.nextInt(open.length())).read(guard, random.nextInt(300));
        }
      }));
    }
    List<Future<List<Memory>>> closers = new ArrayList<>();
    for (int closer = 0; closer < CLOSERS; closer++) {
      Random random = new Random(100 + closer);
      closers.add(threads.submit(() -> {
        List<Memory> closed = new ArrayList<>();
        while (closed.size() < MEMORIES / CLOSERS) {
          Memory memory = open.getAndSet(random.nextInt(open.length()), new Memory());
          memory.close(guard);
          closed.add(memory);
        }
        return closed;
      }));
    }
    List<Memory> closed = new ArrayList<>();
    for (Future<List<Memory>> closer : closers) {
      closed.addAll(closer.get());
    }
    assertThat(closed.stream().filter(memory -> memory.freed.get() > 0))
        .as("freed although the guard was never empty")
        .isNotEmpty();
    done.set(true);
    for (Future<?> reader : readers) {
      reader.get();
    }
    assertThat(closed).hasSize(MEMORIES).allMatch(memory -> memory.freed.get() == 1);
  }

  @Test
  void whoStaysInsideKeepsOnlyWhatWasClosedSince() throws Exception {
    ReadGuard guard = new ReadGuard();
    Memory before = new Memory();
    before.close(guard);
    assertThat(before.freed).hasValue(1);
    int cell = guard.enter();
    List<Memory> since = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Memory memory = new Memory();
      memory.close(guard);
      since.add(memory);
      threads.submit(() -> new Memory().read(guard, 1)).get();
    }
    assertThat(since).allMatch(memory -> memory.freed.get() == 0);
    guard.leave(cell);
    assertThat(since).allMatch(memory -> memory.freed.get() == 1);
  }

  /** Between reading the phase and counting, a thread may sleep through any number of flips. */
  @Test
  void whoCountsLateIsWaitedForToo() {
    ReadGuard guard = new ReadGuard();
    for (int flips = 0; flips < 4; flips++) {
      int late = guard.cell();
      for (int i = 0; i < flips; i++) {
        Memory other = new Memory();
        other.close(guard);
        assertThat(other.freed).hasValue(1);
      }
      Memory memory = new Memory();
      guard.enter(late);
      assertThat(memory.closed).isFalse();
      memory.close(guard);
      assertThat(memory.freed).hasValue(0);
      guard.leave(late);
      assertThat(memory.freed).hasValue(1);
    }
  }

  /** What the guard is for: a block's memory is unmapped when it is freed, so a read too late would end the process. */
  @Test
  void manyIndexBlocksCloseUnderLookups() throws Exception {
    byte[][] files = {container(3), container(300), container(1500)};
    AtomicReferenceArray<IndexBlock> open = new AtomicReferenceArray<>(8);
    for (int i = 0; i < open.length(); i++) {
      open.set(i, open(files[i % files.length]));
    }
    List<Future<Integer>> readers = new ArrayList<>();
    for (int reader = 0; reader < READERS; reader++) {
      Random random = new Random(reader);
      readers.add(threads.submit(() -> {
        int finished = 0;
        while (!done.get()) {
          finished += lookUp(open.get(random.nextInt(open.length())), random) ? 1 : 0;
        }
        return finished;
      }));
    }
    Random random = new Random(99);
    List<IndexBlock> closed = new ArrayList<>();
    for (int i = 0; i < BLOCKS; i++) {
      IndexBlock block =
          open.getAndSet(random.nextInt(open.length()), open(files[random.nextInt(files.length)]));
      block.close();
      closed.add(block);
    }
    done.set(true);
    for (Future<Integer> reader : readers) {
      assertThat(reader.get()).isPositive();
    }
    assertThat(closed).allMatch(block -> block.heldBytes() == 0);
    for (int i = 0; i < open.length(); i++) {
      assertThat(open.get(i).heldBytes()).isPositive();
      open.get(i).close();
      assertThat(open.get(i).heldBytes()).isZero();
    }
  }

  /** Every answer is right; whether the block was open to the end. */
  private static boolean lookUp(IndexBlock block, Random random) throws IOException {
    try {
      for (int i = 0; i < 20; i++) {
        int ordinal = random.nextInt(block.entryCount());
        byte[] path = path(ordinal).getBytes(StandardCharsets.UTF_8);
        assertThat(block.find(path)).isEqualTo(ordinal);
        assertThat(block.entry(ordinal).path().utf8()).isEqualTo(path);
        assertThat(block.findDirectory(new byte[] {'d'})).isEqualTo(1);
      }
      return true;
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("index block is closed");
      return false;
    }
  }

  private static String path(int number) {
    return String.format("d/%06d", number);
  }

  private static IndexBlock open(byte[] file) throws IOException {
    return IndexBlock.open(MemoryFile.source(file), Vectors.id("guard"));
  }

  private static byte[] container(int count) throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, Vectors.id("guard"))) {
      for (int i = 0; i < count; i++) {
        Attributes attributes = new Attributes(i, 0, 0644, "o", "g", "");
        writer.addFile(
            LogicalPath.of(path(i)), attributes, Payload.raw(ByteBuffer.allocate(0)), false);
      }
      writer.finish();
    }
    return sink.bytes();
  }
}
