package io.pleat.examples;

import io.pleat.read.hadoop.DatasetAuthority;
import java.io.PrintStream;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Spark over {@code pleat://}: counts the files of a dataset and their bytes, once as a DataFrame by {@code
 * spark.read.format("binaryFile")} and once as an RDD by {@code binaryFiles}. Nothing here is Pleat's but the URI.
 *
 * <pre>
 *   spark-submit --jars compactor-job/target/pleat-VERSION.jar \
 *     --class io.pleat.examples.SparkBinaryFiles examples/target/examples-VERSION.jar DATASET [FOLDER]
 * </pre>
 */
public final class SparkBinaryFiles {
  private SparkBinaryFiles() {}

  /** Runs under spark-submit, or on this machine alone. */
  public static void main(String[] args) {
    SparkExample.run("pleat-binary-files", spark -> run(spark, args, System.out));
  }

  /** @param args DATASET, and a folder in it unless all is wanted */
  static void run(SparkSession spark, String[] args, PrintStream out) {
    String folder = args.length > 1 ? args[1] : "";
    String uri = "pleat://" + DatasetAuthority.of(args[0]) + "/" + folder;

    Dataset<Row> files =
        spark.read().format("binaryFile").option("recursiveFileLookup", "true").load(uri);
    Row sums = files
        .selectExpr("count(*)", "sum(length(content))", "max(modificationTime)")
        .first();
    out.printf(
        Locale.ROOT,
        "binaryFile: %,d files, %,d bytes, the newest of %s%n",
        sums.getLong(0),
        sums.getLong(1),
        sums.get(2));

    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("mapreduce.input.fileinputformat.input.dir.recursive", "true");
    JavaRDD<Long> lengths =
        context.binaryFiles(uri).values().map(stream -> (long) stream.toArray().length);
    out.printf(
        Locale.ROOT,
        "binaryFiles: %,d files, %,d bytes%n",
        lengths.count(),
        lengths.reduce(Long::sum));
  }
}
