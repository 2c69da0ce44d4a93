package io.pleat.torture;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.LocalFoldEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.fold.spark.SparkFold;
import io.pleat.fold.spark.SparkTaskEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What the driver and its workers share.
 *
 * @param engine {@code local}, or {@code spark}: what workers fold, compact, reclaim and repair on
 * @param stores settings of the file systems that both lie in
 */
record TortureSettings(
    String source, String dataset, String engine, Map<String, String> stores, TortureFiles files) {
  private static final String STORE = "store.";
  private static final String SPARK = "spark";
  private static final Map<String, String> SPARK_SETTINGS = Map.of("spark.master", "local[2]");

  /** Whether workers use Spark. */
  boolean onSpark() {
    return engine.equals(SPARK);
  }

  /** Runs tasks; whoever opens it closes it. */
  TaskEngine taskEngine() throws IOException {
    return onSpark() ? SparkTaskEngine.open(SPARK_SETTINGS, 1) : new LocalTaskEngine(1);
  }

  FoldReport fold(FoldOptions options) throws IOException {
    FoldRequest request = new FoldRequest(source, dataset, stores, options);
    if (onSpark()) {
      return SparkFold.fold(request, SPARK_SETTINGS, ProgressListener.NONE);
    }
    try (LocalFoldEngine local = new LocalFoldEngine(1)) {
      return new FoldAction(
              request,
              local,
              new ParquetCatalogWriter(),
              ParquetEntryCatalog::new,
              ProgressListener.NONE)
          .run();
    }
  }

  /** These, on threads of this process. */
  TortureSettings locally() {
    return new TortureSettings(source, dataset, "local", stores, files);
  }

  void save(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("source", source);
    properties.setProperty("dataset", dataset);
    properties.setProperty("engine", engine);
    properties.setProperty("seed", Long.toString(files.seed()));
    properties.setProperty("count", Integer.toString(files.count()));
    properties.setProperty("largest", Integer.toString(files.largest()));
    stores.forEach((key, value) -> properties.setProperty(STORE + key, value));
    try (OutputStream out = Files.newOutputStream(file)) {
      properties.store(out, null);
    }
  }

  static TortureSettings load(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    Map<String, String> stores = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(STORE)) {
        stores.put(key.substring(STORE.length()), properties.getProperty(key));
      }
    }
    return new TortureSettings(
        properties.getProperty("source"),
        properties.getProperty("dataset"),
        properties.getProperty("engine"),
        stores,
        new TortureFiles(
            Long.parseLong(properties.getProperty("seed")),
            Integer.parseInt(properties.getProperty("count")),
            Integer.parseInt(properties.getProperty("largest"))));
  }
}
