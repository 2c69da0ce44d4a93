package io.pleat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.read.hadoop.DatasetAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSparkBinaryFiles {
  @TempDir
  Path directory;

  @Test
  void dataFrameAndRddHoldEveryFile() throws IOException {
    String location = directory.resolve("images.pleat").toString();
    Map<String, byte[]> files = FoldedFiles.at(location, Map.of());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SparkSession spark = SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.hadoop.pleat.dataset.images", location)
        .getOrCreate();
    try {
      SparkBinaryFiles.run(spark, new String[] {location}, new PrintStream(out, true, UTF_8));
      List<Row> rows = spark
          .read()
          .format("binaryFile")
          .option("pathGlobFilter", "*.jpg")
          .load("pleat://images/class-*")
          .collectAsList();
      assertThat(rows).hasSize(files.size());
      for (Row row : rows) {
        String path = row.<String>getAs("path").substring("pleat://images/".length());
        assertThat(row.<byte[]>getAs("content")).as(path).isEqualTo(files.get(path));
        assertThat(row.<Object>getAs("modificationTime")).hasToString("2023-11-14 22:13:20.0");
      }
      assertThat(spark
              .read()
              .format("binaryFile")
              .load("pleat://" + DatasetAuthority.of(location) + "/class-3")
              .count())
          .isEqualTo(10);
    } finally {
      spark.stop();
    }
    String bytes = String.format(Locale.ROOT, "%,d", FoldedFiles.bytes(files));
    assertThat(out.toString(UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line)
                .startsWith("binaryFile: 40 files, " + bytes + " bytes, the newest of 2023-11-14"),
            line -> assertThat(line).isEqualTo("binaryFiles: 40 files, " + bytes + " bytes"));
  }
}
