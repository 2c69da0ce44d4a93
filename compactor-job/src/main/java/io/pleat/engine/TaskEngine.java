package io.pleat.engine;

import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * Runs one task over many inputs, many at a time, perhaps on other machines. Inputs, tasks and results travel, so they are values; a task opens
 * what it needs where it runs, and keeps nothing. It may be run again, and twice at once: names of files that it writes are fresh in each run.
 */
public interface TaskEngine extends Closeable {
  /** What is done to one input; may be run many times, here or elsewhere. */
  interface Task<I extends Serializable, R extends Serializable> extends Serializable {
    /**
     * Does it.
     *
     * @throws IOException if the whole run is to fail, perhaps after other attempts; what concerns this input alone belongs in the result
     */
    R run(I input) throws IOException;
  }

  /** Takes results, one at a time, in the thread that called {@link TaskEngine#run}. */
  interface Results<R> {
    /**
     * Takes one.
     *
     * @throws IOException if the run is to end: no task is started any more
     */
    void accept(R result) throws IOException;
  }

  /** Tasks that it runs at once. */
  int concurrentTasks();

  /**
   * Runs the task over all inputs and hands out each result once, when it is there, in no order. After a failure no task is started any more,
   * but where the engine is remote those that run may take a while to end.
   *
   * @param name what is done, one word, for the engine's own displays
   * @param inputs each is one task; small, for they are all held here
   */
  <I extends Serializable, R extends Serializable> void run(
      String name, List<I> inputs, Task<I, R> task, Results<R> results) throws IOException;

  /** Lets go of the engine; ends its session if it was started for it. */
  @Override
  void close() throws IOException;
}
