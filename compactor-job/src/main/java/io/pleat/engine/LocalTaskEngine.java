package io.pleat.engine;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs tasks on threads of this process. Returns only when all that it started has ended. */
public final class LocalTaskEngine implements TaskEngine {
  private final int threads;

  /** @param threads tasks at once */
  public LocalTaskEngine(int threads) {
    checkArgument(threads > 0, "%s threads, at least 1 is needed", threads);
    this.threads = threads;
  }

  @Override
  public int concurrentTasks() {
    return threads;
  }

  @Override
  public <I extends Serializable, R extends Serializable> void run(
      String name, List<I> inputs, Task<I, R> task, Results<R> results) throws IOException {
    AtomicInteger number = new AtomicInteger();
    ExecutorService workers = Executors.newFixedThreadPool(threads, work -> {
      Thread thread = new Thread(work, "pleat-" + name + "-" + number.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    });
    try {
      CompletionService<R> tasks = new ExecutorCompletionService<>(workers);
      int submitted = 0;
      // Few are ahead: a failure starts no others, and results wait for their taker one by one.
      for (int taken = 0; taken < inputs.size(); taken++) {
        while (submitted < inputs.size() && submitted < taken + 2 * threads) {
          I input = inputs.get(submitted++);
          tasks.submit(() -> task.run(input));
        }
        results.accept(take(name, tasks));
      }
    } finally {
      workers.shutdownNow();
      awaitEnd(workers);
    }
  }

  private static <R> R take(String name, CompletionService<R> tasks) throws IOException {
    try {
      return tasks.take().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + " was interrupted");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof IOException failure) {
        throw failure;
      }
      if (cause instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException(name + " failed: " + cause, cause);
    }
  }

  private static void awaitEnd(ExecutorService workers) {
    boolean interrupted = false;
    while (true) {
      try {
        if (workers.awaitTermination(1, TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {}
}
