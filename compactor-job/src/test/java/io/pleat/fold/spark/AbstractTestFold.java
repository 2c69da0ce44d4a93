package io.pleat.fold.spark;

import com.holdenkarau.spark.testing.SharedJavaSparkContext;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.ProgressListener;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Folds in the Spark context of spark-testing-base: a local source tree and its dataset, which subclasses need not use. */
abstract class AbstractTestFold extends SharedJavaSparkContext {
  /** So old that no file of it is racy; with a fraction that every digit of it must survive. */
  static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-02-02T02:02:02.123456789Z"));

  @TempDir
  Path temp;

  Path source;
  Path dataset;

  @Override
  public SparkConf conf() {
    return super.conf().set("spark.ui.enabled", "false").set("spark.master", "local[2]");
  }

  @BeforeEach
  void up() throws IOException {
    runBefore();
    source = Files.createDirectory(temp.resolve("source"));
    dataset = temp.resolve("dataset");
  }

  @AfterAll
  static void down() {
    SharedJavaSparkContext.runAfterClass();
  }

  /** Folds the source tree into the dataset. */
  final FoldReport fold() throws IOException {
    return fold(FoldOptions.defaults());
  }

  final FoldReport fold(FoldOptions options) throws IOException {
    return fold(source.toString(), dataset.toString(), Map.of(), options, ProgressListener.NONE);
  }

  final FoldReport fold(ProgressListener progress) throws IOException {
    return fold(source.toString(), dataset.toString(), Map.of(), FoldOptions.defaults(), progress);
  }

  final FoldReport fold(String from, String to, Map<String, String> configuration)
      throws IOException {
    return fold(from, to, configuration, FoldOptions.defaults(), ProgressListener.NONE);
  }

  final FoldReport fold(
      String from,
      String to,
      Map<String, String> configuration,
      FoldOptions options,
      ProgressListener progress)
      throws IOException {
    return SparkFold.fold(jsc(), new FoldRequest(from, to, configuration, options), progress);
  }

  interface Action {
    void run() throws Exception;
  }

  /** Does something when the named phase begins. */
  static ProgressListener before(String phase, Action action) {
    return new ProgressListener() {
      @Override
      public void phase(String name, long files, long bytes) {
        if (name.equals(phase)) {
          try {
            action.run();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        }
      }
    };
  }

  /** Writes a file of the source, modified long ago; its content's length is in its time, so that a new one is seen. */
  final Path write(String path, String content) throws IOException {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(
        file, FileTime.from(LONG_AGO.toInstant().plusSeconds(content.length())));
    return file;
  }

  /** Opens the dataset; pass-through files of the source may be read. */
  final FoldedDataset open() throws IOException {
    return FoldedDataset.open(
        dataset.toString(),
        Map.of(),
        ReaderOptions.defaults()
            .withAllowedSourceRoots(Set.of(source.toRealPath().toString())));
  }

  /** Every file of the dataset, one char a byte. */
  final Map<String, String> contents() throws IOException {
    try (FoldedDataset reader = open()) {
      return contents(reader);
    }
  }

  static Map<String, String> contents(FoldedDataset reader) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<ListedItem> items = reader.listRecursively(LogicalPath.ROOT)) {
      for (ListedItem item : items.filter(item -> !item.isDirectory()).toList()) {
        all.put(
            item.path().toString(),
            StandardCharsets.ISO_8859_1.decode(reader.read(item.path())).toString());
      }
    }
    return all;
  }

  /** The lists of loose files of all runs, one after another. */
  final String looseLists() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(dataset.resolve("_pleat/runs"))) {
      List<Path> lists = files.filter(file -> file.toString().endsWith(".tsv")).toList();
      for (Path list : lists) {
        all.append(Files.readString(list));
      }
    }
    return all.toString();
  }
}
