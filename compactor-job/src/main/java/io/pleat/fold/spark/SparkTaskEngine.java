package io.pleat.fold.spark;

import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldValues;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Function1;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/** Runs tasks as Spark tasks: one job a call, one task an input. */
public final class SparkTaskEngine implements TaskEngine {
  private static final long LOOK_MILLIS = 100;

  private final ContextLease lease;
  private final JavaSparkContext context;
  private final int concurrentTasks;

  private SparkTaskEngine(ContextLease lease, int parallelism) {
    this.lease = lease;
    this.context = lease.context();
    this.concurrentTasks =
        parallelism > 0 ? parallelism : Math.max(1, context.defaultParallelism());
  }

  /**
   * An engine in the Spark context that is there, as under spark-submit, or in one of its own.
   *
   * @param settings Spark settings; {@code spark.master} defaults to local cores
   * @param parallelism tasks at once; 0 for what Spark offers
   * @throws IllegalArgumentException if Spark does not start with these settings
   * @throws IOException if the cluster's master does not answer; the message names it
   */
  public static SparkTaskEngine open(Map<String, String> settings, int parallelism)
      throws IOException {
    return new SparkTaskEngine(ContextLease.open(settings, parallelism), parallelism);
  }

  @Override
  public int concurrentTasks() {
    return concurrentTasks;
  }

  @Override
  public <I extends Serializable, R extends Serializable> void run(
      String name, List<I> inputs, Task<I, R> task, Results<R> results) throws IOException {
    if (inputs.isEmpty()) {
      return;
    }
    List<byte[]> frozen = inputs.stream().map(FoldValues::bytes).toList();
    // Spark's scheduler hands results over, and must not wait for who takes them.
    BlockingQueue<byte[]> done = new LinkedBlockingQueue<>();
    SimpleFutureAction<BoxedUnit> job = context
        .sc()
        .submitJob(
            context.parallelize(frozen, frozen.size()).setName(name).rdd(),
            processing(FoldValues.bytes(task)),
            partitions(frozen.size()),
            (partition, result) -> {
              done.add(result);
              return BoxedUnit.UNIT;
            },
            () -> BoxedUnit.UNIT);
    boolean ended = false;
    try {
      while (!ended) {
        ended = job.isCompleted(); // before looking: then all results are there
        byte[] result = ended ? done.poll() : done.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        while (result != null) {
          @SuppressWarnings("unchecked")
          R thawed = (R) FoldValues.thaw(result, Serializable.class);
          results.accept(thawed);
          result = done.poll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(name + " was interrupted");
    } finally {
      if (!ended) {
        job.cancel();
      }
    }
    SparkJob.run(() -> job.value().get().get());
  }

  private static <I extends Serializable, R extends Serializable>
      Function1<Iterator<byte[]>, byte[]> processing(byte[] frozenTask) {
    return (Function1<Iterator<byte[]>, byte[]> & Serializable) inputs -> {
      @SuppressWarnings("unchecked")
      Task<I, R> task = FoldValues.thaw(frozenTask, Task.class);
      @SuppressWarnings("unchecked")
      I input = (I) FoldValues.thaw(inputs.next(), Serializable.class);
      try {
        return FoldValues.bytes(task.run(input));
      } catch (IOException e) {
        throw new TaskFailedException(e);
      }
    };
  }

  private static Seq<Object> partitions(int count) {
    return CollectionConverters.asScala(
            IntStream.range(0, count).mapToObj(i -> (Object) i).toList())
        .toSeq();
  }

  @Override
  public void close() {
    lease.close();
  }

  /** Carries a task's failure through Spark, whose functions declare none. */
  private static final class TaskFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TaskFailedException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
