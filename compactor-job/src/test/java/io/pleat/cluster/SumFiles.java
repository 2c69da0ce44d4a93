package io.pleat.cluster;

import java.io.IOException;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** An application that prints how many files a dataset has, their bytes, and the sum of their CRC32s, read by its executors. */
public final class SumFiles {
  private SumFiles() {}

  /** Reads the dataset at ARGS[0]. */
  public static void main(String[] args) throws IOException {
    try (SparkSession session = SparkSession.builder().getOrCreate()) {
      List<Long> sums = session
          .read()
          .format("pleat")
          .load(args[0])
          .select("content")
          .toJavaRDD()
          .map(SumFiles::crc)
          .collect();
      Row counts = session
          .read()
          .format("pleat")
          .load(args[0])
          .selectExpr("count(*)", "sum(length)")
          .first();
      System.out.println(counts.getLong(0) + " files, " + counts.getLong(1) + " bytes, sum "
          + sums.stream().mapToLong(sum -> sum).sum());
    }
  }

  private static long crc(Row row) {
    return crc(row.<byte[]>getAs(0));
  }

  static long crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
