package io.pleat.examples;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import java.io.PrintStream;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Spark's {@code format("pleat")}: the ten largest directories, from the index alone, and then the bytes of the small files of the first of
 * them.
 *
 * <pre>
 *   spark-submit --jars compactor-job/target/pleat-VERSION.jar \
 *     --class io.pleat.examples.SparkPleat examples/target/examples-VERSION.jar DATASET
 * </pre>
 */
public final class SparkPleat {
  private SparkPleat() {}

  /** Runs under spark-submit, or on this machine alone. */
  public static void main(String[] args) {
    SparkExample.run("pleat-data-source", spark -> run(spark, args, System.out));
  }

  /** @param args DATASET, a location or a {@code pleat://} URI */
  static void run(SparkSession spark, String[] args, PrintStream out) {
    Dataset<Row> files = spark.read().format("pleat").load(args[0]);
    Dataset<Row> largest = files
        .selectExpr("regexp_replace(path, '[^/]*$', '') as directory", "length")
        .groupBy("directory")
        .agg(sum("length").as("bytes"))
        .orderBy(col("bytes").desc(), col("directory").asc())
        .limit(10);
    for (Row directory : largest.collectAsList()) {
      out.printf(Locale.ROOT, "%,15d  %s%n", directory.getLong(1), directory.getString(0));
    }
    String first = largest.first().getString(0);
    long bytes = files
        .where(files.col("path").startsWith(first).and(files.col("length").leq(64 << 10)))
        .selectExpr("coalesce(sum(length(content)), 0)")
        .first()
        .getLong(0);
    out.printf(Locale.ROOT, "%,d bytes read of small files below '%s'%n", bytes, first);
  }
}
