package io.pleat.maintain.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.LocalFoldEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.RemoveRequest;
import io.pleat.maintain.Remover;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.OutOfSpace;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A quota of names that ends a run at its next new file, wherever that is: what was committed is whole, and without the quota the next run finishes. */
class TestQuotaOnHdfs {
  private static final int MOST_NEW_NAMES = 40;

  private MiniHdfs cluster;
  private FileSystem hdfs;
  private String source;
  private String dataset;

  @BeforeEach
  void fold() throws IOException {
    cluster = MiniHdfs.shared();
    hdfs = cluster.fileSystem();
    source = cluster.freshDirectory();
    dataset = cluster.freshDirectory();
    for (int i = 0; i < 3; i++) {
      write(i);
    }
    foldAgain();
  }

  private void write(int number) throws IOException {
    Path file = new Path(source + "/d/f" + number);
    try (FSDataOutputStream out = hdfs.create(file)) {
      out.writeBytes("content " + number);
    }
    hdfs.setTimes(file, 1_600_000_000_000L, -1);
  }

  private interface Run {
    void run() throws IOException;
  }

  private void foldAgain() throws IOException {
    try (LocalFoldEngine engine = new LocalFoldEngine(1)) {
      new FoldAction(
              new FoldRequest(
                  source,
                  dataset,
                  cluster.configuration(),
                  FoldOptions.defaults().withAllowWiderAccess(true)),
              engine,
              new ParquetCatalogWriter(),
              ParquetEntryCatalog::new,
              ProgressListener.NONE)
          .run();
    }
  }

  @Test
  void aFoldThatMeetsItsQuota() throws IOException {
    write(3);
    assertEndsAtEachNewName(3, this::foldAgain);
    assertThat(content("d/f3")).contains("content 3");
  }

  @Test
  void aRemovalThatMeetsItsQuota() throws IOException {
    assertEndsAtEachNewName(
        1,
        () -> new Remover(
                new RemoveRequest(
                    dataset,
                    cluster.configuration(),
                    List.of(LogicalPath.of("d/f1")),
                    false,
                    false,
                    false),
                new ParquetCatalogWriter())
            .run());
    assertThat(content("d/f1")).isEmpty();
    assertThat(content("d/f2")).contains("content 2");
  }

  /** Runs it with room for ever more names, until it has enough. */
  private void assertEndsAtEachNewName(int step, Run run) throws IOException {
    Path root = new Path(dataset);
    final long before = head().version();
    int failures = 0;
    for (int more = 0; more < MOST_NEW_NAMES; more += step) {
      setNameQuota(hdfs.getContentSummary(root).getFileCount()
          + hdfs.getContentSummary(root).getDirectoryCount()
          + more);
      Optional<IOException> failure = Optional.empty();
      try {
        run.run();
      } catch (IOException e) {
        failure = Optional.of(e);
      } finally {
        setNameQuota(HdfsConstants.QUOTA_RESET);
      }
      if (failure.isEmpty()) {
        assertThat(failures).isPositive();
        assertThat(head().version()).isGreaterThan(before);
        return;
      }
      failures++;
      assertThat(OutOfSpace.is(failure.get())).as("%s", failure.get()).isTrue();
      assertThat(content("d/f2")).contains("content 2");
      assertThat(head().version()).as("a run that fails has committed nothing").isEqualTo(before);
      assertThat(content("d/f1")).contains("content 1");
    }
    throw new AssertionError("still no room with " + MOST_NEW_NAMES + " more names");
  }

  private void setNameQuota(long names) throws IOException {
    ((DistributedFileSystem) hdfs).setQuota(new Path(dataset), names, HdfsConstants.QUOTA_DONT_SET);
  }

  private Snapshot head() throws IOException {
    try (Store store = Stores.open(dataset, cluster.configuration())) {
      return DatasetLog.open(store).current().orElseThrow();
    }
  }

  private Optional<String> content(String path) throws IOException {
    LogicalPath file = LogicalPath.of(path);
    try (FoldedDataset held =
        FoldedDataset.open(dataset, cluster.configuration(), ReaderOptions.defaults())) {
      return held.locate(file).isEmpty()
          ? Optional.empty()
          : Optional.of(StandardCharsets.UTF_8.decode(held.read(file)).toString());
    }
  }
}
