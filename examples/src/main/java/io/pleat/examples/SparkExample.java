package io.pleat.examples;

import org.apache.spark.sql.SparkSession;

/** Runs what an example does with Spark. */
final class SparkExample {
  private SparkExample() {}

  interface Body {
    void run(SparkSession spark);
  }

  /** In the session of spark-submit, or on this machine alone. */
  static void run(String name, Body body) {
    SparkSession.Builder builder = SparkSession.builder().appName(name);
    if (System.getProperty("spark.master") == null) {
      builder.master("local[*]");
    }
    SparkSession spark = builder.getOrCreate();
    try {
      body.run(spark);
    } finally {
      spark.stop();
    }
  }
}
