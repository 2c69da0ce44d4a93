package io.pleat.fold.spark;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import java.io.IOException;
import java.util.Map;
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
    try (ContextLease lease = ContextLease.open(settings, request.options().parallelism())) {
      return fold(lease.context(), request, progress);
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
}
