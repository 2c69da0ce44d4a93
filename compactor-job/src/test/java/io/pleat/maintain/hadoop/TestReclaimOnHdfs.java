package io.pleat.maintain.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.parquet.ParquetAuditLog;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.LocalFoldEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.ReclaimOptions;
import io.pleat.maintain.ReclaimReport;
import io.pleat.maintain.ReclaimRequest;
import io.pleat.maintain.Reclaimer;
import io.pleat.maintain.Survey;
import io.pleat.maintain.Surveyor;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestReclaimOnHdfs {
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
    for (int i = 0; i < 5; i++) {
      Path file = new Path(source + "/d/f" + i);
      try (FSDataOutputStream out = hdfs.create(file)) {
        out.writeBytes("content " + i);
      }
      hdfs.setTimes(file, 1_600_000_000_000L, -1);
    }
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
  void originalsGoToTheTrashByTheirOldNames() throws IOException {
    Map<String, String> settings = new HashMap<>(cluster.configuration());
    settings.put("fs.trash.interval", "60");
    ReclaimReport report = reclaim(settings, true);
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).containsEntry("deleted", 5L);
    assertThat(hdfs.listStatus(new Path(source + "/d"))).isEmpty();
    Path directory = new Path(source + "/d");
    Path trashed =
        new Path(hdfs.getTrashRoot(directory), "Current" + directory.toUri().getPath() + "/f3");
    assertThat(hdfs.exists(trashed)).isTrue();
    assertReads();
  }

  @Test
  void withoutTrashTheyAreDeleted() throws IOException {
    assertThat(reclaim(cluster.configuration(), false).outcomes()).containsEntry("deleted", 5L);
    assertThat(hdfs.listStatus(new Path(source + "/d"))).isEmpty();
    assertReads();
  }

  @Test
  void aSurveySaysWhatItWouldGainAndWhatItGained() throws IOException {
    Survey before = survey();
    assertThat(before.gaps()).isEmpty();
    assertThat(before.reclaim()).isEqualTo(new Survey.ReclaimGain(5, 45, 0, 0));
    assertThat(before.heap().isThere()).isTrue();
    // Five files of a block each, the root and d.
    assertThat(before.heap().objectsBefore()).isEqualTo(5 + 5 + 2);
    assertThat(before.totals().likelyBlocks())
        .isEqualTo(before.totals().files())
        .isEqualTo(files(dataset));
    reclaim(cluster.configuration(), false);
    Survey after = survey();
    assertThat(after.reclaim()).isEqualTo(new Survey.ReclaimGain(0, 0, 0, 5));
    assertThat(after.objectsNow()).isEqualTo(files(dataset) + files(source));
  }

  private Survey survey() throws IOException {
    try (Store store = Stores.open(dataset, cluster.configuration())) {
      return Surveyor.survey(store);
    }
  }

  private long files(String location) throws IOException {
    return hdfs.getContentSummary(new Path(location)).getFileCount();
  }

  @Test
  void snapshotsThatKeepTheSpaceAreSaid() throws IOException {
    Path root = new Path(source);
    ((DistributedFileSystem) hdfs).allowSnapshot(root);
    hdfs.createSnapshot(root, "kept");
    assertThat(reclaim(cluster.configuration(), false).keptBySnapshots())
        .containsExactly(root.toUri().getPath());
  }

  @Test
  void weakerContainersAreRefused() throws IOException {
    hdfs.setReplication(new Path(source + "/d/f2"), (short) 3);
    ReclaimReport report = reclaim(cluster.configuration(), false);
    assertThat(report.failures()).hasSize(1).first().asString().contains("more weakly");
    assertThat(hdfs.listStatus(new Path(source + "/d"))).hasSize(5);
  }

  @Test
  void aFileThatSomebodyWritesStays() throws IOException {
    Path file = new Path(source + "/d/f2");
    try (FSDataOutputStream out = hdfs.append(file)) {
      ReclaimReport report = reclaim(cluster.configuration(), false);
      assertThat(report.outcomes()).containsEntry("deleted", 4L).containsEntry("changed", 1L);
      out.writeBytes(" and more");
    }
    assertThat(hdfs.getFileStatus(file).getLen()).isEqualTo(18);
  }

  private ReclaimReport reclaim(Map<String, String> settings, boolean trash) throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Reclaimer.reclaim(
          new ReclaimRequest(
              source,
              dataset,
              settings,
              ReclaimOptions.defaults().withGrace(Duration.ZERO).withTrash(trash)),
          engine,
          new ParquetCatalogWriter(),
          new ParquetAuditLog(),
          ProgressListener.NONE);
    }
  }

  private void assertReads() throws IOException {
    try (FoldedDataset held =
        FoldedDataset.open(dataset, cluster.configuration(), ReaderOptions.defaults())) {
      for (int i = 0; i < 5; i++) {
        assertThat(held.read(LogicalPath.of("d/f" + i)).remaining()).isEqualTo(9);
      }
    }
  }
}
