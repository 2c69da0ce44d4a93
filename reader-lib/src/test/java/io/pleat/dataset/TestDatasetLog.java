package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.ForwardingStore;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDatasetLog {
  private static final Instant NOW = Instant.parse("2026-11-21T03:04:05Z");

  private final MemoryStore store = new MemoryStore();
  private final DatasetLog log =
      DatasetLog.open(store, Clock.fixed(NOW, ZoneOffset.UTC), time -> {});
  private final CatalogWriter catalog = new TextCatalog();

  @Test
  void emptyLocationHasNoSnapshot() throws IOException {
    assertThat(log.current()).isEmpty();
    assertThatThrownBy(() -> log.snapshot(1)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void firstCommitCreatesVersionOne() throws IOException {
    Snapshot snapshot = log.commit(Optional.empty(), Samples.add(1, 2), catalog);

    assertThat(snapshot.version()).isEqualTo(1);
    assertThat(snapshot.committedAt()).isEqualTo(NOW);
    assertThat(snapshot.sourceRoot()).isEqualTo(Samples.SOURCE_ROOT);
    assertThat(snapshot.manifests()).hasSize(1);
    assertThat(snapshot.catalog().deadRows()).isEmpty();
    assertThat(snapshot.statistics())
        .isEqualTo(new SnapshotStatistics(
            200, 198, 2, 4, 1_780_000, 1_760_000, 100_000_000, 200_003, 7, 100_007, 12, 100_010));
    assertThat(log.current()).contains(snapshot);
    assertThat(log.snapshot(1)).isEqualTo(snapshot);
    assertThat(log.containers(snapshot))
        .containsExactly(
            Samples.container(1).withSequence(1), Samples.container(2).withSequence(1));
  }

  @Test
  void laterCommitAddsContainersAndUnitesDeletionVectors() throws IOException {
    Snapshot one = log.commit(Optional.empty(), Samples.add(5), catalog);
    Snapshot two = log.commit(Optional.of(one), Samples.kill(5, 1, 2), catalog);
    Snapshot three = log.commit(
        Optional.of(two),
        new SnapshotChange(
            "fold",
            new UUID(1, 1),
            Samples.SOURCE_ROOT,
            List.of(Samples.container(4)),
            Map.of(Samples.id(5), DeletionVector.of(2, 9), Samples.id(4), DeletionVector.of(3)),
            Samples.delta(1)),
        catalog);

    assertThat(log.containers(three))
        .containsExactly(
            Samples.container(4).withSequence(3), Samples.container(5).withSequence(1));
    assertThat(log.deletionVector(one, Samples.id(5))).isEqualTo(DeletionVector.EMPTY);
    assertThat(log.deletionVector(two, Samples.id(5))).isEqualTo(DeletionVector.of(1, 2));
    assertThat(log.deletionVector(three, Samples.id(5))).isEqualTo(DeletionVector.of(1, 2, 9));
    assertThat(log.deletionVector(three, Samples.id(4))).isEqualTo(DeletionVector.of(3));
    assertThat(two.manifests()).isEqualTo(one.manifests());
    assertThat(two.statistics().files()).isEqualTo(98);
    assertThat(two.statistics().indexBytes()).isEqualTo(one.statistics().indexBytes());
    assertThat(two.statistics().sourceFiles()).isEqualTo(5);
    assertThat(log.current()).contains(three);
  }

  /** On S3 the length of an object is one request, and its bytes are another. */
  @Test
  void aSnapshotThatExpiresBetweenTheLookAtItsLengthAndTheReadIsNoDamage() throws IOException {
    MemoryStore memory = new MemoryStore();
    DatasetLog writer = DatasetLog.open(memory);
    Snapshot one = writer.commit(Optional.empty(), Samples.add(5), catalog);
    Snapshot two = writer.commit(Optional.of(one), Samples.kill(5, 1), catalog);
    Snapshot three = writer.commit(
        Optional.of(two),
        Samples.change("expire").withCondemned(Condemnation.of(VersionSet.of(1), List.of())),
        catalog);
    ForwardingStore overtaken = new ForwardingStore(memory) {
      private boolean expired;

      @Override
      public ByteSource open(LogicalPath path) throws IOException {
        if (expired || !path.equals(DatasetLayout.snapshot(1))) {
          return super.open(path);
        }
        expired = true;
        long length;
        try (ByteSource before = super.open(path)) {
          length = before.length();
        }
        writer.expire(three, one);
        ByteSource after = super.open(path);
        return new ByteSource() {
          @Override
          public long length() {
            return length;
          }

          @Override
          public void readFully(long position, ByteBuffer target) throws IOException {
            after.readFully(position, target);
          }

          @Override
          public void close() throws IOException {
            after.close();
          }
        };
      }
    };

    assertThatThrownBy(() -> DatasetLog.open(overtaken).snapshot(1))
        .isInstanceOf(SnapshotExpiredException.class);
  }

  @Test
  void rowsThatWereDeadAlreadyWriteNoNewVector() throws IOException {
    Snapshot one = log.commit(Optional.empty(), Samples.add(5), catalog);
    Snapshot two = log.commit(Optional.of(one), Samples.kill(5, 1, 2), catalog);
    Snapshot three = log.commit(Optional.of(two), Samples.kill(5, 2), catalog);

    assertThat(three.deletionVectors()).isEqualTo(two.deletionVectors());
    assertThat(three.catalog().deadRows()).isEqualTo(two.catalog().deadRows());
  }

  @Test
  void moreThanSixteenManifestsAreMergedIntoOne() throws IOException {
    Optional<Snapshot> head = Optional.empty();
    for (int version = 1; version <= 40; version++) {
      head = Optional.of(log.commit(head, Samples.add(version), catalog));
      assertThat(head.get().manifests()).hasSizeBetween(1, 16);
      assertThat(log.containers(head.get())).hasSize(version);
    }
    assertThat(log.snapshot(16).manifests()).hasSize(16);
    assertThat(log.snapshot(17).manifests()).hasSize(1);
    assertThat(log.containers(head.get()))
        .extracting(ContainerSummary::sequence)
        .containsExactlyElementsOf(
            java.util.stream.LongStream.rangeClosed(1, 40).boxed().toList());
  }

  @Test
  void currentPassesOverWhatIsNoSnapshot() throws IOException {
    Snapshot one = log.commit(Optional.empty(), Samples.add(1), catalog);
    String directory = "_pleat/snapshots/";
    for (String name : List.of(
        "00000000000000000000.json",
        "00000000000000000002.json.tmp",
        ".00000000000000000002.json",
        "2.json",
        "0000000000000000000x.json",
        "99999999999999999999.json",
        "00000000000000000002.JSON",
        "readme")) {
      store.put(directory + name, new byte[] {1});
    }
    store.createDirectory(LogicalPath.of(directory + "00000000000000000009.json"));

    assertThat(log.current()).contains(one);
  }

  @Test
  void changeThatFitsNothingIsMisuse() throws IOException {
    Snapshot one = log.commit(Optional.empty(), Samples.add(1), catalog);
    List<LogicalPath> before = store.files();

    assertMisuse(Optional.of(one), empty(), "the change is empty: there is nothing to commit");
    assertMisuse(
        Optional.of(one),
        Samples.kill(9, 1),
        "rows of an unknown container are marked: " + Samples.id(9));
    assertMisuse(
        Optional.of(one), Samples.add(1), "container " + Samples.id(1) + " is there already");
    assertMisuse(
        Optional.of(one),
        new SnapshotChange(
            "fold",
            new UUID(1, 1),
            "elsewhere",
            List.of(Samples.container(2)),
            Map.of(),
            Samples.delta(1)),
        "dataset was folded from 'memory:/source', the change is from 'elsewhere'");
    assertMisuse(
        Optional.of(one),
        new SnapshotChange(
            "fold",
            new UUID(1, 1),
            Samples.SOURCE_ROOT,
            List.of(Samples.container(2)),
            Map.of(),
            new SnapshotStatistics(-101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        "files would be -1 after adding -101");
    assertThat(store.files()).isEqualTo(before);
  }

  private void assertMisuse(Optional<Snapshot> base, SnapshotChange change, String message) {
    assertThatThrownBy(() -> log.commit(base, change, catalog))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static SnapshotChange empty() {
    return new SnapshotChange(
        "fold",
        new UUID(1, 1),
        Samples.SOURCE_ROOT,
        List.of(),
        Map.of(Samples.id(1), DeletionVector.EMPTY),
        SnapshotStatistics.NONE);
  }

  @Test
  void everyReferencedFileIsCheckedBeforeItIsParsed() throws IOException {
    Snapshot one = log.commit(Optional.empty(), Samples.add(1), catalog);
    Snapshot two = log.commit(Optional.of(one), Samples.kill(1, 1), catalog);
    String manifest = two.manifests().get(0).file().path().toString();
    String vector = two.deletionVectors().get(0).file().path().toString();
    byte[] other = ManifestCodec.encode(List.of(Samples.container(3)));
    store.put(manifest, other);
    assertThatThrownBy(() -> log.containers(two))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageMatching("CRC32C of file is 0x[0-9a-f]{8}, its reference says 0x[0-9a-f]{8}: "
            + "memory:/test/" + manifest + " at offset 0");
    store.put(manifest, new byte[3]);
    assertThatThrownBy(() -> log.containers(two))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageMatching(
            "file has 3 bytes, its reference says \\d+: memory:/test/" + manifest + " at offset 3");
    store.put(vector, DeletionVectorCodec.encode(Samples.id(1), DeletionVector.of(7)));
    assertThatThrownBy(() -> log.deletionVector(two, Samples.id(1)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("CRC32C of file is");
  }

  @Test
  void snapshotUnderAnotherNameIsRefused() throws IOException {
    log.commit(Optional.empty(), Samples.add(1), catalog);
    store.put(
        "_pleat/snapshots/00000000000000000002.json",
        store.get("_pleat/snapshots/00000000000000000001.json"));

    assertThatThrownBy(log::current)
        .isInstanceOf(CorruptDataException.class)
        .hasMessage("snapshot says that its version is 1, its name says 2: "
            + "memory:/test/_pleat/snapshots/00000000000000000002.json at offset 0");
  }

  @Test
  void damagedHeadIsAnErrorAndNoOlderSnapshotTakesItsPlace() throws IOException {
    Snapshot one = log.commit(Optional.empty(), Samples.add(1), catalog);
    log.commit(Optional.of(one), Samples.add(2), catalog);
    store.put("_pleat/snapshots/00000000000000000002.json", new byte[0]);

    assertThatThrownBy(log::current)
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("00000000000000000002.json at offset 0");
  }

  @Test
  void storageCountsEveryFile() throws IOException {
    store.put(Samples.container(1).path().toString(), new byte[1000]);
    store.put(Samples.container(2).path().toString(), new byte[500]);
    Snapshot one = log.commit(Optional.empty(), Samples.add(1), catalog);

    DatasetStorage storage = log.storageOf(one);

    assertThat(storage.containerFiles()).isEqualTo(1);
    assertThat(storage.containerBytes()).isEqualTo(1000);
    assertThat(storage.files()).isEqualTo(store.files().size());
    assertThat(storage.otherFiles()).isEqualTo(4);
    long bytes = 0;
    for (LogicalPath path : store.files()) {
      bytes += store.get(path.toString()).length;
    }
    assertThat(storage.bytes()).isEqualTo(bytes);
  }

  @Test
  void locationIsNothingThenUnfinishedThenDataset() throws IOException {
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.NOTHING);
    log.probe();
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.UNFINISHED);
    store.put(Samples.container(1).path().toString(), new byte[1000]);
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.UNFINISHED);
    log.commit(Optional.empty(), Samples.add(1), catalog);
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.DATASET);
  }

  @Test
  void locationThatHoldsOtherThingsIsRecognised() throws IOException {
    store.put("containers/cargo.txt", new byte[1]);
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.OTHER);
    log.probe();
    store.put("mine.txt", new byte[1]);
    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.OTHER);
  }

  @Test
  void unfinishedIsRecognisedWhereDirectoriesVanish() throws IOException {
    store.put(Samples.container(1).path().toString(), new byte[1000]);
    store.put("catalog/files/x.parquet", new byte[1000]);

    assertThat(DatasetLog.inspect(store)).isEqualTo(LocationState.UNFINISHED);
  }

  @Test
  void localDirectoryHoldsADatasetWithoutHadoopOrParquet(@TempDir Path directory)
      throws IOException {
    Path root = directory.resolve("a b%20#\u00e9");
    try (Store local = Stores.open(root.toString(), Map.of())) {
      DatasetLog localLog = DatasetLog.open(local);
      assertThat(DatasetLog.inspect(local)).isEqualTo(LocationState.NOTHING);
      assertThat(localLog.current()).isEmpty();
      localLog.probe();
      assertThat(DatasetLog.inspect(local)).isEqualTo(LocationState.UNFINISHED);
      Snapshot one = localLog.commit(Optional.empty(), Samples.add(1, 2), catalog);
      Snapshot two = localLog.commit(Optional.of(one), Samples.kill(1, 1), catalog);
      assertThat(DatasetLog.inspect(local)).isEqualTo(LocationState.DATASET);
      assertThat(localLog.current()).contains(two);
      assertThat(localLog.containers(two)).hasSize(2);
      assertThatThrownBy(() -> localLog.commit(Optional.of(one), Samples.add(3), catalog))
          .isInstanceOf(CommitConflictException.class);
      assertThat(localLog.storageOf(two).files()).isEqualTo(6);
    }
    try (Store below = Stores.open(directory.toString(), Map.of())) {
      assertThat(DatasetLog.inspect(below)).isEqualTo(LocationState.OTHER);
    }
  }
}
