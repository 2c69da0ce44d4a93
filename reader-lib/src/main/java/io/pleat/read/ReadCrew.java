package io.pleat.read;

import static io.pleat.format.Preconditions.checkState;

import java.io.Closeable;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Threads that read beside whoever asks. The asking thread works along, so that it never waits for a thread to become free, and nothing
 * that runs here can wait for itself. Threads start when they are needed and end when they are not. Thread-safe.
 */
final class ReadCrew implements Closeable {
  private static final int IDLE_SECONDS = 10;

  private final int threads;
  private final ThreadPoolExecutor helpers;

  /** @param threads how many things run at once for one who asks, himself included */
  ReadCrew(int threads) {
    this.threads = threads;
    AtomicInteger number = new AtomicInteger();
    this.helpers = new ThreadPoolExecutor(
        threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
          Thread thread = new Thread(work, "pleat-read-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    helpers.allowCoreThreadTimeOut(true);
  }

  /**
   * Runs {@code task} once for each number below {@code tasks}, several at a time, and returns when all have run. What a task throws is
   * thrown here, once all others have run.
   */
  void run(int tasks, IntConsumer task) {
    if (tasks == 0) {
      return;
    }
    AtomicInteger next = new AtomicInteger();
    CountDownLatch left = new CountDownLatch(tasks);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable work = () -> {
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        try {
          task.accept(i);
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        } finally {
          left.countDown();
        }
      }
    };
    for (int helper = Math.min(threads, tasks) - 1; helper > 0; helper--) {
      if (!tryStart(work)) {
        break;
      }
    }
    work.run();
    awaitUninterruptibly(left);
    Throwable thrown = failure.get();
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /** What {@code work} gives, in one of the threads. */
  <T> CompletableFuture<T> start(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    boolean started = tryStart(() -> {
      try {
        result.complete(work.call());
      } catch (Throwable e) {
        result.completeExceptionally(e);
      }
    });
    checkState(started, "the dataset was closed");
    return result;
  }

  /** How many things run at once for one who asks. */
  int threads() {
    return threads;
  }

  private boolean tryStart(Runnable work) {
    try {
      helpers.execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** What still runs is a read, which ends. */
  private static void awaitUninterruptibly(CountDownLatch left) {
    boolean interrupted = false;
    while (true) {
      try {
        left.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts nothing any more; what runs finishes. */
  @Override
  public void close() {
    helpers.shutdown();
  }
}
