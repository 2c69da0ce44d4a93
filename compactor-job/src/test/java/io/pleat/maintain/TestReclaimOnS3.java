package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.pleat.maintain.parquet.AuditRows;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.FileInfo;
import io.pleat.store.ForwardingStore;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Redundancy;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.LocalS3;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Originals in an object store, whose dataset is on a local disk. */
class TestReclaimOnS3 {
  @TempDir
  Path directory;

  private LocalS3 s3;
  private String bucket;
  private String source;
  private String dataset;

  @BeforeEach
  void fold() throws IOException {
    s3 = LocalS3.shared();
    bucket = s3.freshBucket();
    source = "s3a://" + bucket + "/tree";
    dataset = directory.resolve("dataset").toString();
    for (int i = 0; i < 6; i++) {
      put("d/f" + i, "content " + i);
    }
    try (LocalFoldEngine engine = new LocalFoldEngine(1)) {
      new FoldAction(
              new FoldRequest(
                  source,
                  dataset,
                  s3.configuration(),
                  FoldOptions.defaults().withAllowWiderAccess(true)),
              engine,
              new ParquetCatalogWriter(),
              ParquetEntryCatalog::new,
              ProgressListener.NONE)
          .run();
    }
  }

  private void put(String path, String content) throws IOException {
    try (Store store = Stores.open(source, s3.configuration())) {
      store.overwrite(LogicalPath.of(path), content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Map<String, String> objects() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Store store = Stores.open("s3a://" + bucket, s3.configuration())) {
      store.listRecursively(LogicalPath.ROOT, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) throws IOException {
          if (file.kind() == FileInfo.Kind.FILE) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
            store.readUnchanged(file, bytes);
            all.put(
                file.path().toString().substring("tree/".length()),
                StandardCharsets.UTF_8.decode(bytes.flip()).toString());
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
    } catch (java.nio.file.NoSuchFileException e) {
      return all;
    }
    return all;
  }

  private StoreOpener opener() {
    return StoreOpener.at(source, s3.configuration());
  }

  private ReclaimReport reclaim(StoreOpener opener, StoreOpener to, boolean dryRun)
      throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Reclaimer.reclaim(
          new ReclaimRequest(
              source,
              dataset,
              s3.configuration(),
              ReclaimOptions.defaults()
                  .withGrace(Duration.ZERO)
                  .withEmptyDirectories(true)
                  .withDryRun(dryRun)),
          opener,
          to,
          engine,
          new ParquetCatalogWriter(),
          new ParquetAuditLog(),
          ProgressListener.NONE);
    }
  }

  private ReclaimReport reclaim(StoreOpener opener) throws IOException {
    return reclaim(opener, stored("STANDARD", 1), false);
  }

  /** The dataset's store, of which somebody knows how strong it is. */
  private StoreOpener stored(String storageClass, int losses) {
    return () -> new ForwardingStore(Stores.open(dataset, Map.of())) {
      @Override
      public Optional<Redundancy> redundancy(LogicalPath path) {
        return Optional.of(new Redundancy(losses, "storage class " + storageClass));
      }
    };
  }

  @Test
  void objectsGoByTheirEtagAndTheDatasetHasThem() throws IOException {
    put("d/f2", "CONTENT 2"); // as long as before
    put("d/new", "new");
    assertThat(reclaim(opener(), stored("STANDARD", 1), true).outcomes())
        .containsEntry("proven", 5L)
        .containsEntry("changed", 1L);
    assertThat(objects()).hasSize(7);

    ReclaimReport report = reclaim(opener());
    assertThat(report.failures()).isEmpty();
    assertThat(report.outcomes()).containsEntry("deleted", 5L).containsEntry("changed", 1L);
    assertThat(objects())
        .containsExactlyInAnyOrderEntriesOf(Map.of("d/f2", "CONTENT 2", "d/new", "new"));
    try (FoldedDataset held = FoldedDataset.open(dataset, Map.of(), ReaderOptions.defaults())) {
      assertThat(
              StandardCharsets.UTF_8.decode(held.read(LogicalPath.of("d/f4"))).toString())
          .isEqualTo("content 4");
    }
    assertThat(AuditRows.read(dataset)).hasSize(5).allSatisfy(row -> {
      assertThat(row.get("proof")).isEqualTo("etag");
      assertThat((String) row.get("etag")).hasSize(32);
    });
  }

  /** An object that is put again at any instant, with the same length, is kept. */
  @Test
  void whatIsPutBetweenProofAndDeletionStays() throws IOException {
    StoreOpener meddling = () -> new ForwardingStore(opener().open()) {
      @Override
      public boolean deleteUnchanged(FileInfo listed) throws IOException {
        if (listed.path().toString().equals("d/f3")) {
          put("d/f3", "CONTENT 3");
        }
        return super.deleteUnchanged(listed);
      }
    };
    ReclaimReport report = reclaim(meddling);
    assertThat(report.outcomes()).containsEntry("deleted", 5L).containsEntry("changed", 1L);
    assertThat(objects()).containsExactly(Map.entry("d/f3", "CONTENT 3"));
    try (Store store = Stores.open(dataset, Map.of())) {
      assertThat(io.pleat.dataset.DatasetLog.open(store).current().orElseThrow().reclaimedFiles())
          .isEqualTo(5);
    }
  }

  @Test
  void aStoreThatIgnoresTheConditionIsRefused() throws IOException {
    StoreOpener careless = () -> new ForwardingStore(opener().open()) {
      @Override
      public boolean deleteUnchanged(FileInfo listed) throws IOException {
        delete(listed.path());
        return true;
      }
    };
    assertThatThrownBy(() -> reclaim(careless))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be deleted safely")
        .hasMessageContaining("whatever If-Match says");
    StoreOpener unable = () -> new ForwardingStore(opener().open()) {
      @Override
      public boolean deleteUnchanged(FileInfo listed) throws IOException {
        throw new IOException("501 NotImplemented");
      }
    };
    assertThatThrownBy(() -> reclaim(unable)).hasMessageContaining("501 NotImplemented");
    assertThat(objects()).hasSize(6);
  }

  @Test
  void containersInOneZoneAreTooWeak() throws IOException {
    ReclaimReport report = reclaim(opener(), stored("ONEZONE_IA", 0), false);
    assertThat(report.failures())
        .hasSize(1)
        .first()
        .asString()
        .contains("more weakly", "ONEZONE_IA", "STANDARD");
    assertThat(objects()).hasSize(6);
  }
}
