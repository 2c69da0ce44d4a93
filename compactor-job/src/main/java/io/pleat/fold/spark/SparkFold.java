package io.pleat.fold.spark;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import java.io.IOException;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/** Runs folds on Spark: in the session that is there, or in an embedded local one. */
public final class SparkFold {
  private SparkFold() {}

  /**
   * Folds. A Spark context that is there, as under spark-submit, is used and stays open; otherwise one is started with {@code settings} and
   * stopped.
   *
   * @param settings Spark settings; {@code spark.master} defaults to all local cores
   * @throws IllegalArgumentException if source, dataset or settings cannot be used; one line that names thing and remedy
   */
  public static FoldReport fold(
      FoldRequest request, Map<String, String> settings, ProgressListener progress)
      throws IOException {
    boolean running = SparkEnv.get() != null;
    SparkConf configuration = configuration(settings, request.options().parallelism());
    JavaSparkContext context = new JavaSparkContext(start(configuration));
    try {
      return fold(context, request, progress);
    } finally {
      if (!running) {
        context.stop();
      }
    }
  }

  private static SparkContext start(SparkConf configuration) {
    try {
      return SparkContext.getOrCreate(configuration);
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "Spark does not start with master '" + configuration.get("spark.master") + "': "
              + e.getMessage(),
          e);
    }
  }

  /** Folds in the given context, which stays open. */
  public static FoldReport fold(
      JavaSparkContext context, FoldRequest request, ProgressListener progress) throws IOException {
    try (SparkEngine engine = new SparkEngine(context, request.options().parallelism())) {
      return new FoldAction(
              request, engine, new ParquetCatalogWriter(), ParquetEntryCatalog::new, progress)
          .run();
    }
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
}
