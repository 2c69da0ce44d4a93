package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an application needs for local paths: the two modules and five kinds of small jars. */
@Timeout(60)
class TestReaderWithoutHadoop {
  @TempDir
  Path directory;

  @Test
  void localDatasetNeedsNeitherHadoopNorParquet() throws Exception {
    Path source = Files.createDirectories(directory.resolve("source"));
    Files.writeString(source.resolve("big"), "passed through");
    Path dataset = directory.resolve("dataset");
    try (Store store = Stores.open(dataset.toString(), Map.of());
        Store tree = Stores.open(source.toString(), Map.of())) {
      var listed = tree.stat(LogicalPath.of("big")).orElseThrow();
      DatasetBuilder builder = DatasetBuilder.on(store, tree.location());
      builder.add(new Content()
          .directory("")
          .file("a/b", "folded")
          .file("a/c", "dead soon")
          .passThrough("big", listed.length(), listed.attributes()));
      builder.commit();
      builder.removeFile("a/c").commit();
    }
    String classPath = Arrays.stream(
            System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(TestReaderWithoutHadoop::isNeeded)
        .collect(Collectors.joining(File.pathSeparator));
    Path output = directory.resolve("output");
    Process child = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-Dfile.encoding=UTF-8",
            "-cp",
            classPath,
            Child.class.getName(),
            dataset.toString(),
            source.toString())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(child.waitFor(45, TimeUnit.SECONDS)).isTrue();
    } finally {
      child.destroyForcibly();
    }
    assertThat(Files.readString(output).lines().filter(line -> !line.startsWith("SLF4J")))
        .containsExactly("a/b=folded", "big=passed through");
    assertThat(child.exitValue()).isZero();
  }

  private static boolean isNeeded(String element) {
    String name = Path.of(element).getFileName().toString();
    return name.equals("classes")
        || name.equals("test-classes")
        || Stream.of(
                "index-format",
                "reader-lib",
                "jackson-",
                "RoaringBitmap",
                "HdrHistogram",
                "slf4j-api")
            .anyMatch(name::startsWith);
  }

  /** Runs in the child. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      for (String absent : List.of(
          "org.apache.hadoop.conf.Configuration",
          "org.apache.parquet.hadoop.ParquetWriter",
          "com.github.luben.zstd.Zstd",
          "org.apache.avro.Schema")) {
        try {
          Class.forName(absent);
          System.out.println("on the class path: " + absent);
        } catch (ClassNotFoundException e) {
          // as it should be
        }
      }
      ReaderOptions options = ReaderOptions.defaults().withAllowedSourceRoots(Set.of(args[1]));
      try (FoldedDataset dataset = FoldedDataset.open(args[0], Map.of(), options);
          Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
        List<LogicalPath> files =
            items.filter(item -> !item.isDirectory()).map(ListedItem::path).toList();
        files = files.stream()
            .sorted((a, b) -> a.toString().compareTo(b.toString()))
            .toList();
        for (LogicalPath file : files) {
          System.out.println(file + "=" + StandardCharsets.UTF_8.decode(dataset.read(file)));
        }
      }
    }
  }
}
