package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.dataset.TextCatalog;
import io.pleat.dataset.parquet.ParquetCatalogReader;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.DatasetBuilder.Expected;
import io.pleat.read.FoldedDataset;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestHeadRebuilder {
  private MemoryStore store = new MemoryStore();
  private DatasetBuilder builder;
  private ContainerId first;

  /** Version 1: two containers. Version 2 replaces a file and a directory's attributes. Version 3 removes files. */
  private void prepare(CatalogWriter catalog) throws IOException {
    builder = DatasetBuilder.on(store, "/no/such/source").withCatalog(catalog);
    first = builder.add(new Content()
        .directory("")
        .directory("a")
        .file("a/1", "content of 1")
        .file("a/2", "content of 2")
        .file("a/3", "content of 3")
        .file("z", ""));
    builder.add(new Content().directory("a/b").file("a/b/4", "content of 4").file("other", "5"));
    builder.commit();
    builder.add(new Content().file("a/2", "new content of 2").file("new", "6").file("o2", "7"));
    builder.commit();
    builder.removeFile("a/3").removeFile("o2").commit();
  }

  private void prepare() throws IOException {
    prepare(new ParquetCatalogWriter());
  }

  private Snapshot head() throws IOException {
    return DatasetLog.open(store).current().orElseThrow();
  }

  private void damage(LogicalPath path) throws IOException {
    Bytes.flip(store, path, Bytes.read(store, path).length / 2);
  }

  private static LogicalPath snapshot(int version) {
    return LogicalPath.of(String.format("_pleat/snapshots/%020d.json", version));
  }

  private void delete(String directory) throws IOException {
    for (LogicalPath path : store.files()) {
      if (path.toString().startsWith(directory)) {
        store.delete(path);
      }
    }
  }

  private RepairReport repair(Store on, boolean dryRun) throws IOException {
    return repair(
        on,
        dryRun,
        new ParquetCatalogWriter(),
        new ParquetCatalogReader(),
        ParquetEntryCatalog::new);
  }

  private static RepairReport repair(
      Store on,
      boolean dryRun,
      CatalogWriter writer,
      CatalogReader reader,
      EntryCatalogFactory rows)
      throws IOException {
    RepairRequest request =
        new RepairRequest("memory", Map.of(), Set.of(), dryRun, false, true, "/no/such/source");
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Repairer.repair(request, () -> on, engine, writer, reader, rows, RepairListener.NONE);
    }
  }

  private HeadReport rebuilt() throws IOException {
    RepairReport report = repair(store, false);
    assertThat(report.isSound()).as("%s", report).isTrue();
    return report.head().orElseThrow();
  }

  @Test
  void soundHeadIsLeftAlone() throws IOException {
    prepare();
    List<LogicalPath> before = store.files();
    assertThat(repair(store, false).head()).isEmpty();
    assertThat(store.files()).isEqualTo(before);
  }

  /** Version 2 stands there, sound, and nobody takes it. */
  @Test
  void nobodyTakesAnOlderSnapshotForADamagedHead() throws IOException {
    prepare();
    damage(snapshot(3));
    String name = snapshot(3).toString();
    assertThatThrownBy(this::head)
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining(name);
    assertThatThrownBy(() -> DatasetView.open(store)).hasMessageContaining(name);
    RepairRequest plain = new RepairRequest("memory", Map.of(), Set.of(), false, false);
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      assertThatThrownBy(() -> Repairer.repair(
              plain,
              () -> store,
              engine,
              new TextCatalog(),
              new NoCatalogReader(),
              TextEntryCatalog::new,
              RepairListener.NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("--from-containers");
    }
    VerifyReport verified = Verifier.verify(
        new VerifyRequest("memory", VerifyRequest.Level.STRUCTURE, Map.of(), 1),
        store,
        new NoCatalogReader(),
        VerifyListener.NONE);
    assertThat(verified.isSound()).isFalse();
    assertThat(verified.version()).isZero();
  }

  @Test
  void headIsMadeFromTheCataloguesNewestLists() throws IOException {
    prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    damage(snapshot(3));

    RepairReport would = repair(store, true);
    assertThat(would.head().orElseThrow().files()).isEqualTo(builder.files().size());
    assertThatThrownBy(this::head).isInstanceOf(CorruptDataException.class);

    HeadReport report = rebuilt();

    assertThat(report.version()).isEqualTo(4);
    assertThat(report.base()).isEqualTo(2);
    assertThat(report.removed()).isEqualTo(2);
    assertThat(report.unknown())
        .singleElement()
        .satisfies(what -> assertThat(what).startsWith("what versions 3 to 3 removed, but for"));
    DatasetView.assertHolds("from the catalogue", store, tree);
    assertThat(repair(store, false).head()).isEmpty();
  }

  @Test
  void withoutTheCatalogueRemovedFilesComeBackAndThatIsSaid() throws IOException {
    prepare();
    damage(snapshot(3));
    delete("catalog/dead/");

    HeadReport report = rebuilt();

    assertThat(report.unknown())
        .singleElement()
        .satisfies(what -> assertThat(what)
            .startsWith("what versions 3 to 3 removed: such files come back unless"));
    assertThat(text("a/3")).isEqualTo("content of 3");
    assertThat(text("o2")).isEqualTo("7");
    assertThat(text("a/2")).as("what is superseded does not").isEqualTo("new content of 2");
    assertThat(head().statistics().files()).isEqualTo(builder.files().size() + 2);
  }

  @Test
  void containersThatOnlyTheLostHeadListedAreFound() throws IOException {
    prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    damage(snapshot(3));
    damage(snapshot(2));

    HeadReport report = rebuilt();

    assertThat(report.base()).isEqualTo(1);
    assertThat(report.found()).isEqualTo(1);
    DatasetView.assertHolds("from version 1", store, tree);
  }

  @Test
  void headIsMadeOfContainersAlone() throws IOException {
    prepare();
    delete("_pleat/");
    delete("catalog/");

    HeadReport report = rebuilt();

    assertThat(report.base()).isZero();
    assertThat(report.version()).isEqualTo(1);
    assertThat(report.found()).isEqualTo(3);
    assertThat(report.superseded()).isEqualTo(1);
    assertThat(report.unknown())
        .anySatisfy(what -> assertThat(what).startsWith("which containers the head listed"))
        .anySatisfy(what -> assertThat(what).startsWith("what was ever removed"));
    assertThat(text("a/2")).isEqualTo("new content of 2");
    assertThat(text("a/3")).isEqualTo("content of 3");
    assertVerified();
  }

  @Test
  void containerWithoutIndexBlockThatNothingListsIsMadeAnewFromItsRecords() throws IOException {
    prepare();
    ContainerId newest = builder.files().get(LogicalPath.of("new")).container();
    ContainerSummary container = DatasetLog.open(store).containers(head()).stream()
        .filter(each -> each.id().equals(newest))
        .findFirst()
        .orElseThrow();
    delete("_pleat/");
    delete("catalog/");
    Bytes.flip(store, container.path(), container.indexOffset(), container.length());

    HeadReport report = rebuilt();

    assertThat(report.rewritten()).isEqualTo(1);
    assertThat(text("a/1")).isEqualTo("content of 1");
    assertThat(text("a/2")).isEqualTo("new content of 2");
    assertThat(DamageNote.containers(store, DamageNote.State.SET_ASIDE)).containsExactly(newest);
    assertThat(store.files()).contains(container.path());
    assertVerified();
  }

  @Test
  void damagedManifestsAreMadeAnewAndNothingIsUnknown() throws IOException {
    prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    for (Snapshot.ManifestReference manifest : head().manifests()) {
      damage(manifest.file().path());
    }

    HeadReport report = rebuilt();

    assertThat(report.base()).isEqualTo(3);
    assertThat(report.found()).isEqualTo(3);
    assertThat(report.unknown()).isEmpty();
    DatasetView.assertHolds("manifests", store, tree);
  }

  @Test
  void damagedManifestWhoseContainersNothingListsTakesThoseThatLieThere() throws IOException {
    prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    damage(head().manifests().get(0).file().path());
    delete("catalog/containers/");

    HeadReport report = rebuilt();

    assertThat(report.unknown()).hasSize(1);
    DatasetView.assertHolds("strays", store, tree);
  }

  @Test
  void damagedDeletionVectorIsMadeAnewFromTheCatalogue() throws IOException {
    prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    for (Snapshot.DeletionVectorReference vector : head().deletionVectors()) {
      damage(vector.file().path());
    }

    HeadReport report = rebuilt();

    assertThat(report.unknown()).isEmpty();
    assertThat(report.removed()).isEqualTo(3);
    DatasetView.assertHolds("vectors", store, tree);
  }

  @Test
  void deadDirectoriesAreNotInTheCatalogueWhichIsSaid() throws IOException {
    prepare();
    builder.removeDirectory("a/b").removeFile("a/b/4").commit();
    for (Snapshot.DeletionVectorReference vector : head().deletionVectors()) {
      store.delete(vector.file().path());
    }

    HeadReport report = rebuilt();

    assertThat(report.unknown())
        .singleElement()
        .satisfies(what -> assertThat(what).startsWith("which 1 directories of container "));
    assertVerified();
    try (FoldedDataset dataset = DatasetView.open(store)) {
      assertThat(dataset.locate(LogicalPath.of("a/b/4"))).isEmpty();
    }
  }

  @Test
  void withoutTheCatalogueOlderVectorsAndNewerFilesTellWhatIsDead() throws IOException {
    prepare();
    for (Snapshot.DeletionVectorReference vector : head().deletionVectors()) {
      damage(vector.file().path());
    }
    delete("catalog/dead/");

    HeadReport report = rebuilt();

    assertThat(report.unknown())
        .hasSize(2)
        .allSatisfy(what -> assertThat(what).contains("were removed: such files come back"));
    assertThat(text("a/3")).isEqualTo("content of 3");
    assertThat(text("a/2")).isEqualTo("new content of 2");
    assertVerified();
  }

  @Test
  void tombstonesProveRemovals() throws IOException {
    prepare();
    builder
        .addTombstones(
            new Content().passThrough("a/1", "content of 1".length(), DatasetBuilder.PLAIN))
        .removeFile("a/1")
        .commit();
    for (int version = 1; version <= 3; version++) {
      store.delete(snapshot(version));
    }
    for (Snapshot.DeletionVectorReference vector : head().deletionVectors()) {
      damage(vector.file().path());
    }
    delete("catalog/dead/");

    assertThat(rebuilt().removed()).isPositive();

    try (FoldedDataset dataset = DatasetView.open(store)) {
      assertThat(dataset.locate(LogicalPath.of("a/1"))).isEmpty();
      assertThat(dataset.locate(LogicalPath.of("a/3"))).isPresent();
    }
    assertVerified();
  }

  @Test
  void headThatIsGoneIsKnownByARunsRecordAndItsVersionIsNotUsedAgain() throws IOException {
    prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    new RunRecord(UUID.randomUUID(), Map.of("verb", "rm", "version", 3), List.of()).write(store);
    store.delete(snapshot(3));
    List<String> findings = new java.util.ArrayList<>();
    Verifier.verify(
        new VerifyRequest("memory", VerifyRequest.Level.STRUCTURE, Map.of(), 1),
        store,
        new NoCatalogReader(),
        new VerifyListener() {
          @Override
          public void found(Finding finding) {
            findings.add(finding.where() + " " + finding.what());
          }
        });
    assertThat(findings)
        .anySatisfy(what ->
            assertThat(what).startsWith(snapshot(3) + " is missing, though a run committed it"));

    HeadReport report = rebuilt();

    assertThat(report.version()).isEqualTo(4);
    assertThat(report.damaged()).containsExactly(snapshot(3) + " is missing");
    DatasetView.assertHolds("missing", store, tree);
  }

  @Test
  void onlyCopiesKeepTheirMarkAndAreNotDroppedOnWeakEvidence() throws IOException {
    prepare();
    DatasetLog log = DatasetLog.open(store);
    int row = builder.files().get(LogicalPath.of("a/1")).row();
    log.commit(
        Optional.of(head()),
        SnapshotChange.by("reclaim", UUID.randomUUID(), "/no/such/source")
            .withNewlyReclaimed(Map.of(first, ReclaimedRows.of(row)))
            .withLiveDelta(SnapshotStatistics.NONE),
        new ParquetCatalogWriter());
    // As rm --only-copy does; this is the commit whose snapshot is lost.
    log.commit(
        Optional.of(head()),
        SnapshotChange.by("rm", UUID.randomUUID(), "/no/such/source")
            .withNewlyDead(Map.of(first, DeletionVector.of(row)))
            .withLiveDelta(SnapshotStatistics.NONE)
            .endingOnlyCopies(),
        new ParquetCatalogWriter());
    damage(snapshot(5));

    rebuilt();

    assertThat(text("a/1")).isEqualTo("content of 1");
    assertThat(DatasetLog.open(store).reclaimedRows(head(), first).toBitmap().contains(row))
        .isTrue();
    assertVerified();
  }

  @Test
  void damagedMarksOfOnlyCopiesAreTakenRatherTooWide() throws IOException {
    prepare();
    int row = builder.files().get(LogicalPath.of("a/1")).row();
    DatasetLog.open(store)
        .commit(
            Optional.of(head()),
            SnapshotChange.by("reclaim", UUID.randomUUID(), "/no/such/source")
                .withNewlyReclaimed(Map.of(first, ReclaimedRows.of(row)))
                .withLiveDelta(SnapshotStatistics.NONE),
            new ParquetCatalogWriter());
    damage(head().reclaimed().get(0).file().path());
    Map<LogicalPath, Expected> tree = builder.tree();

    HeadReport report = rebuilt();

    assertThat(report.unknown())
        .singleElement()
        .satisfies(what -> assertThat(what).contains("all of them are taken for that"));
    assertThat(DatasetLog.open(store).reclaimedRows(head(), first).cardinality())
        .isEqualTo(2);
    DatasetView.assertHolds("marks", store, tree);
  }

  @Test
  void aFileAboveOthersGivesWayToWhatIsNewer() throws IOException {
    builder = DatasetBuilder.on(store, "/no/such/source").withCatalog(new ParquetCatalogWriter());
    builder.add(new Content().file("a", "a file").file("d/x", "below").file("m", "m"));
    builder.commit();
    builder.removeFile("a").removeFile("d/x");
    builder.add(new Content().file("a/b", "a directory").file("d", "a file").file("n", "n"));
    builder.commit();
    Map<LogicalPath, Expected> tree = builder.tree();
    delete("_pleat/");
    delete("catalog/");

    rebuilt();

    DatasetView.assertHolds("above", store, tree);
  }

  @Test
  void nothingIsMadeOfNothing() {
    assertThatThrownBy(() -> repair(store, false))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("neither a snapshot nor a container is here");
  }

  /** Before the commit nobody reads anything; after it everybody reads all of it; and the next run finishes. */
  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whateverHappensAtAnyOperationTheNextRunMends(Fault fault) throws IOException {
    prepareDamaged();
    FaultyStore counting = FaultyStore.counting(store);
    repair(counting, false);
    for (long at = 0; at < counting.operations(); at++) {
      if (!fault.happensAt(counting.log().get((int) at))) {
        continue;
      }
      Map<LogicalPath, Expected> tree = prepareDamaged();
      FaultyStore faulty = FaultyStore.faultyAt(store, fault, at);
      try {
        repair(faulty, false);
      } catch (IOException e) {
        assertThat(fault.isToldBy(e)).as("%s at %s: %s", fault, at, e).isTrue();
      }
      store.crash();
      String what = fault + " at operation " + at + " "
          + (at < faulty.log().size() ? faulty.log().get((int) at) : "");
      try (FoldedDataset dataset = DatasetView.open(store)) {
        assertThat(dataset.snapshot().version()).as(what).isGreaterThan(3);
      } catch (CorruptDataException e) {
        assertThat(e).hasMessageContaining(snapshot(3).toString());
      }
      assertThat(repair(store, false).isSound()).as(what).isTrue();
      DatasetView.assertHolds(what, store, tree);
    }
  }

  /** The head and a container that no readable manifest lists are damaged. */
  private Map<LogicalPath, Expected> prepareDamaged() throws IOException {
    store = new MemoryStore();
    prepare();
    damage(snapshot(3));
    damage(snapshot(2));
    return builder.tree();
  }

  private void assertVerified() throws IOException {
    List<String> found = new java.util.ArrayList<>();
    Verifier.verify(
        new VerifyRequest("memory", VerifyRequest.Level.DATA, Map.of(), 1),
        store,
        new NoCatalogReader(),
        new VerifyListener() {
          @Override
          public void found(Finding finding) {
            found.add(finding.toString());
          }
        });
    assertThat(found).isEmpty();
  }

  private String text(String path) throws IOException {
    try (FoldedDataset dataset = DatasetView.open(store)) {
      return UTF_8.decode(dataset.read(LogicalPath.of(path))).toString();
    }
  }
}
