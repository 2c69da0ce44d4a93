package io.pleat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSparkPleat {
  @TempDir
  Path folder;

  @Test
  void largestDirectoriesAndTheBytesOfTheFirst() throws IOException {
    String location = folder.resolve("images.pleat").toString();
    Map<String, Long> bytes = new TreeMap<>();
    FoldedFiles.at(location, Map.of())
        .forEach((path, content) -> bytes.merge(
            path.substring(0, path.indexOf('/') + 1), (long) content.length, Long::sum));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SparkSession spark = SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate();
    try {
      SparkPleat.run(spark, new String[] {location}, new PrintStream(out, true, UTF_8));
    } finally {
      spark.stop();
    }
    List<String> expected = bytes.entrySet().stream()
        .sorted(Comparator.comparing(directory -> -directory.getValue()))
        .map(directory ->
            String.format(Locale.ROOT, "%,15d  %s", directory.getValue(), directory.getKey()))
        .toList();
    List<String> lines = out.toString(UTF_8).lines().toList();
    assertThat(lines.subList(0, lines.size() - 1)).isEqualTo(expected);
    String first = lines.get(0).substring(17);
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo(String.format(
            Locale.ROOT, "%,d bytes read of small files below '%s'", bytes.get(first), first));
  }
}
