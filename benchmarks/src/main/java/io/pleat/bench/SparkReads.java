package io.pleat.bench;

import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.PooledBytes;
import io.pleat.read.PooledReads;
import io.pleat.read.ReaderOptions;
import io.pleat.read.hadoop.DatasetAuthority;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Plans, lists and reads a whole dataset by Spark's data sources, and by the library as the limit, in turn. Arguments: {@code DATASET ROUNDS
 * SIDES}, sides of {@code pleat}, {@code binaryFile} and {@code library}, with commas. Prints as JSON the files, and for each side the tasks
 * and the seconds of each step and round; the first round is one of them.
 */
public final class SparkReads {
  private SparkReads() {}

  private interface Step {
    long run() throws Exception;
  }

  /** Measures the sides in turn, ROUNDS times. */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(args[1]);
    List<String> sides = List.of(args[2].split(","));
    SparkSession spark = SparkSession.builder()
        .master("local[*]")
        .appName("spark-reads")
        .config("spark.ui.enabled", "false")
        .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
    Map<String, List<Double>> seconds = new LinkedHashMap<>();
    Map<String, Long> answers = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (String side : sides) {
        if (side.equals("library")) {
          time("library list", seconds, answers, () -> lengths(args[0]));
          time("library read", seconds, answers, () -> read(args[0]));
          continue;
        }
        time(
            side + " plan",
            seconds,
            answers,
            () -> files(spark, args[0], side)
                .selectExpr("content")
                .queryExecution()
                .toRdd()
                .getNumPartitions());
        time(
            side + " list",
            seconds,
            answers,
            () -> files(spark, args[0], side).selectExpr("sum(length)").first().getLong(0));
        time(
            side + " read",
            seconds,
            answers,
            () -> files(spark, args[0], side)
                .selectExpr("sum(length(content))")
                .first()
                .getLong(0));
      }
    }
    spark.stop();
    long files = paths(args[0]).size();
    System.out.printf(
        Locale.ROOT,
        "{\"files\": %d, \"answers\": {%s}, \"seconds\": {%s}}%n",
        files,
        json(answers),
        json(seconds));
  }

  private static String json(Map<String, ?> values) {
    return values.entrySet().stream()
        .map(value -> "\"" + value.getKey() + "\": " + value.getValue())
        .collect(Collectors.joining(", "));
  }

  private static void time(
      String name, Map<String, List<Double>> seconds, Map<String, Long> answers, Step step)
      throws Exception {
    long start = System.nanoTime();
    long answer = step.run();
    double took = (System.nanoTime() - start) / 1e9;
    seconds.computeIfAbsent(name, any -> new ArrayList<>()).add(took);
    Long before = answers.put(name, answer);
    if (before != null && before != answer) {
      throw new IllegalStateException(name + ": " + answer + ", before " + before);
    }
    System.err.printf(Locale.ROOT, "  %s: %.2f s, %,d%n", name, took, answer);
  }

  private static Dataset<Row> files(SparkSession spark, String dataset, String side) {
    return side.equals("pleat")
        ? spark.read().format("pleat").load(dataset)
        : spark
            .read()
            .format("binaryFile")
            .option("recursiveFileLookup", "true")
            .load("pleat://" + DatasetAuthority.of(dataset) + "/");
  }

  private static long lengths(String location) throws Exception {
    try (FoldedDataset dataset = FoldedDataset.open(location, Map.of(), ReaderOptions.defaults());
        Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      return items
          .flatMap(item -> item.file().stream())
          .mapToLong(file -> file.length())
          .sum();
    }
  }

  private static List<LogicalPath> paths(String location) throws Exception {
    try (FoldedDataset dataset = FoldedDataset.open(location, Map.of(), ReaderOptions.defaults());
        Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      return items.filter(item -> !item.isDirectory()).map(ListedItem::path).toList();
    }
  }

  private static long read(String location) throws Exception {
    List<LogicalPath> paths = paths(location);
    long bytes = 0;
    try (FoldedDataset dataset = FoldedDataset.open(location, Map.of(), ReaderOptions.defaults());
        PooledReads reads = dataset.readAllPooled(paths)) {
      while (reads.hasNext()) {
        try (PooledBytes file = reads.next()) {
          bytes += file.length();
        }
      }
    }
    return bytes;
  }
}
