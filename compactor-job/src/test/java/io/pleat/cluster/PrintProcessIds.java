package io.pleat.cluster;

import java.io.IOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** An application that prints the driver's process id and those of the processes that run its tasks. */
public final class PrintProcessIds {
  private PrintProcessIds() {}

  /** Runs one task for each of ARGS[0] partitions. */
  public static void main(String[] args) throws IOException {
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      int tasks = Integer.parseInt(args[0]);
      List<Long> executors = session
          .range(0, tasks, 1, tasks)
          .toJavaRDD()
          .map(i -> ProcessHandle.current().pid())
          .collect();
      System.out.println("driver " + ProcessHandle.current().pid());
      executors.forEach(pid -> System.out.println("executor " + pid));
    }
  }
}
