package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.fold.FoldReport;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two folds that both reach their commit before either has committed. */
class TestFoldRaces extends AbstractTestFold {
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
    fold();
    write("d/f3", "changed");
    write("d/new", "new");
    race();
    assertContents(21);
    FoldReport after = fold();
    assertThat(after.committed()).isEmpty();
    assertThat(after.files()).isEqualTo(21);
  }

  private List<FoldReport> race() throws Exception {
    CyclicBarrier bothStaged = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<FoldReport>> folds = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        folds.add(threads.submit(() ->
            fold(before("commit", () -> bothStaged.await(100, TimeUnit.SECONDS)))));
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

  private void assertContents(int files) throws IOException {
    try (FoldedDataset reader = open();
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
