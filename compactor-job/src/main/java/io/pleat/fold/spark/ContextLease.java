package io.pleat.fold.spark;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/** The Spark context that is there, as under spark-submit, which stays open; otherwise one of our own, which ends with this. */
final class ContextLease implements Closeable {
  private final JavaSparkContext context;
  private final boolean own;

  private ContextLease(JavaSparkContext context, boolean own) {
    this.context = context;
    this.own = own;
  }

  /**
   * Takes the context.
   *
   * @param settings Spark settings; {@code spark.master} defaults to local cores
   * @param parallelism how many of them; 0 for all
   * @throws IllegalArgumentException if Spark does not start with these settings
   * @throws IOException if the cluster's master does not answer; the message names it
   */
  static ContextLease open(Map<String, String> settings, int parallelism) throws IOException {
    boolean running = SparkEnv.get() != null;
    SparkConf configuration = configuration(settings, parallelism);
    if (!running) {
      StandaloneMaster.requireReachable(configuration.get("spark.master"));
    }
    return new ContextLease(new JavaSparkContext(start(configuration, running)), !running);
  }

  /** @param running whether there is a context, which is then used */
  private static SparkContext start(SparkConf configuration, boolean running) throws IOException {
    SparkContext context;
    try {
      context = SparkContext.getOrCreate(configuration);
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "Spark does not start with master '" + configuration.get("spark.master") + "': "
              + e.getMessage(),
          e);
    }
    if (!running) {
      StandaloneMaster.requireRegistered(configuration.get("spark.master"), context);
    }
    return context;
  }

  private static SparkConf configuration(Map<String, String> settings, int parallelism) {
    SparkConf configuration = new SparkConf();
    settings.forEach(configuration::set);
    configuration.setIfMissing("spark.app.name", "pleat");
    if (!configuration.contains("spark.master")) {
      String local = "local[" + (parallelism > 0 ? String.valueOf(parallelism) : "*") + "]";
      configuration.set("spark.master", local);
    }
    if (configuration.get("spark.master").startsWith("local")) {
      // Embedded: nobody looks at a web page, and nothing may listen beyond this machine.
      configuration.setIfMissing("spark.ui.enabled", "false");
      configuration.setIfMissing("spark.driver.host", "127.0.0.1");
      configuration.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      // Listing and plan lie on disk until the commit: as text of sorted names, they shrink to a
      // third.
      configuration.setIfMissing("spark.rdd.compress", "true");
      // What nobody looks at would otherwise be the only thing here that grows with the number of
      // tasks.
      configuration.setIfMissing("spark.ui.retainedTasks", "1000");
      configuration.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
      // Byte arrays alone go through it, which refer to nothing.
      configuration.setIfMissing("spark.kryo.referenceTracking", "false");
    }
    return configuration;
  }

  JavaSparkContext context() {
    return context;
  }

  @Override
  public void close() {
    if (own) {
      context.stop();
    }
  }
}
