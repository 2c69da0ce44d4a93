package io.pleat.cli;

import io.pleat.engine.LocalTaskEngine;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.spark.SparkTaskEngine;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What the verbs that work on many tasks at once share: under spark-submit and where a master is named, on Spark. */
abstract class EngineVerb extends Verb {
  private static final String MASTER = "--master";

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tasks at once; 0 is what Spark offers, or all cores.")
  private int parallelism;

  @Option(
      names = MASTER,
      paramLabel = "URL",
      description = "Spark's master; without it and outside spark-submit, all local cores.")
  private String master;

  /** Whether Spark will run in this process, which then speaks its own way. */
  static boolean needsSpark(String[] args) {
    if (args.length > 0 && args[0].equals("fold")) {
      return true;
    }
    for (String arg : args) {
      if (arg.equals(MASTER) || arg.startsWith(MASTER + "=")) {
        return true;
      }
    }
    return false;
  }

  /** Tasks at once, as asked for; 0 for what there is. */
  final int parallelism() {
    return parallelism;
  }

  /** Spark's settings, with the master that was asked for. */
  final Map<String, String> sparkSettings() {
    Map<String, String> spark = new HashMap<>(settings().spark());
    if (master != null) {
      spark.put("spark.master", master);
    }
    return spark;
  }

  /** The engine that was asked for; the caller closes it. Without Spark, threads of this process: they start at once. */
  final TaskEngine openEngine() throws IOException {
    boolean submitted = System.getProperty("spark.submit.deployMode") != null;
    if (submitted || master != null) {
      return SparkTaskEngine.open(sparkSettings(), parallelism);
    }
    return new LocalTaskEngine(
        parallelism > 0 ? parallelism : Runtime.getRuntime().availableProcessors());
  }
}
