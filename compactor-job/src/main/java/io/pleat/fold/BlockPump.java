package io.pleat.fold;

import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Turns a producer that pushes blocks into an iterator, with few blocks in memory: the producer runs on a thread of its own and waits
 * when the consumer is slow.
 */
final class BlockPump implements FoldSteps.Blocks {
  /** Blocks that wait for the consumer at most. */
  private static final int CAPACITY = 16;

  private static final byte[] END = {};

  private final BlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final Thread thread;
  private volatile Throwable failure;
  private byte[] next;

  /** Where a producer puts its blocks. */
  interface Sink {
    void put(byte[] block) throws InterruptedException;
  }

  /** What makes the blocks. */
  interface Producer {
    void run(Sink sink) throws IOException, InterruptedException;
  }

  BlockPump(String name, Producer producer) {
    thread = new Thread(() -> run(producer), name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Producer producer) {
    try {
      producer.run(queue::put);
    } catch (InterruptedException e) {
      return;
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
    try {
      queue.put(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = queue.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while listing", e);
      }
      if (next == END && failure != null) {
        throw failure instanceof IOException e
            ? new java.io.UncheckedIOException(e)
            : new IllegalStateException(failure.getMessage(), failure);
      }
    }
    return next != END;
  }

  @Override
  public byte[] next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    byte[] block = next;
    next = null;
    return block;
  }

  /** Stops the producer. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
