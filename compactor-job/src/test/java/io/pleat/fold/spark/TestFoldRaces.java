package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two folds that both reach their commit before either has committed. */
class TestFoldRaces extends SharedJavaSparkContext {
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-02-02T02:02:02Z"));

  @TempDir
  Path temp;

  private Path source;
  private Path dataset;

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

  @Test
  void firstFoldsOfOneTreeHoldEachFileOnce() throws Exception {
    for (int i = 0; i < 50; i++) {
      write("d" + i % 7 + "/f" + i, "content " + i);
    }
    List<FoldReport> reports = race();
    assertThat(reports).filteredOn(report -> report.committed().isPresent()).hasSize(1);
    assertThat(reports).allSatisfy(report -> assertThat(report.version()).isEqualTo(1));
    assertContents(50);
    try (Stream<Path> containers = Files.list(dataset.resolve("containers"))) {
      assertThat(containers).hasSize(1);
    }
  }

  @Test
  void incrementalFoldsReplaceAChangedFileOnce() throws Exception {
    for (int i = 0; i < 20; i++) {
      write("d/f" + i, "content " + i);
    }
    fold(ProgressListener.NONE);
    write("d/f3", "changed");
    write("d/new", "new");
    race();
    assertContents(21);
    FoldReport after = fold(ProgressListener.NONE);
    assertThat(after.committed()).isEmpty();
    assertThat(after.files()).isEqualTo(21);
  }

  private List<FoldReport> race() throws Exception {
    CyclicBarrier bothStaged = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<FoldReport>> folds = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        folds.add(threads.submit(() -> fold(new WaitsBeforeCommit(bothStaged))));
      }
      List<FoldReport> reports = new ArrayList<>();
      for (Future<FoldReport> fold : folds) {
        reports.add(fold.get(120, TimeUnit.SECONDS));
      }
      return reports;
    } finally {
      threads.shutdownNow();
    }
  }

  private record WaitsBeforeCommit(CyclicBarrier barrier) implements ProgressListener {
    @Override
    public void phase(String name, long files, long bytes) {
      if (name.equals("commit")) {
        try {
          barrier.await(100, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private FoldReport fold(ProgressListener progress) throws IOException {
    FoldRequest request =
        new FoldRequest(source.toString(), dataset.toString(), Map.of(), FoldOptions.defaults());
    return SparkFold.fold(jsc(), request, progress);
  }

  private void write(String path, String content) throws IOException {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(
        file, FileTime.from(LONG_AGO.toInstant().plusSeconds(content.length())));
  }

  private void assertContents(int files) throws IOException {
    try (FoldedDataset reader =
            FoldedDataset.open(dataset.toString(), Map.of(), ReaderOptions.defaults());
        Stream<ListedItem> items = reader.listRecursively(LogicalPath.ROOT)) {
      List<ListedItem> found = items.filter(item -> !item.isDirectory()).toList();
      assertThat(found).hasSize(files);
      assertThat(reader.snapshot().statistics().files()).isEqualTo(files);
      for (ListedItem item : found) {
        String original = Files.readString(source.resolve(item.path().toString()));
        assertThat(StandardCharsets.UTF_8.decode(reader.read(item.path())).toString())
            .isEqualTo(original);
      }
    }
  }
}
