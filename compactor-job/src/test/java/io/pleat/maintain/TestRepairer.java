package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.TextCatalog;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.zstd.ZstdCodec;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.DatasetBuilder.Expected;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestRepairer {
  private MemoryStore store = new MemoryStore();
  private DatasetBuilder builder = DatasetBuilder.on(store, "/no/such/source");
  private final Map<LogicalPath, List<Entry>> catalog = new HashMap<>();

  @TempDir
  private Path directory;

  @Test
  void soundDatasetIsLeftAlone() throws IOException {
    prepare();
    List<LogicalPath> before = store.files();
    RepairReport report = repair(store, false, false);
    assertThat(report.isSound()).isTrue();
    assertThat(report.checked()).isEqualTo(2);
    assertThat(report.damaged()).isZero();
    assertThat(store.files()).isEqualTo(before);
  }

  @Test
  void indexBlockThatIsGoneIsRebuiltFromRecords() throws IOException {
    ContainerId id = prepare();
    breakIndex(id);
    Map<LogicalPath, Expected> tree = builder.tree();

    RepairReport would = repair(store, true, false);
    assertThat(would.isSound()).isFalse();
    assertThat(would.damaged()).isEqualTo(1);
    assertThat(would.lost()).isZero();

    RepairReport report = repair(store, false, false);
    assertThat(report.isSound()).isTrue();
    assertThat(report.mended()).isEqualTo(1);
    assertThat(report.carried()).isEqualTo(would.carried());
    DatasetView.assertHolds("rebuilt", store, tree);
    assertThat(containers()).extracting(ContainerSummary::id).doesNotContain(id);
    assertThat(repair(store, false, false).damaged()).isZero();
  }

  @Test
  void truncatedContainerGivesBackWhatIsBeforeTheCut() throws IOException {
    ContainerId id = prepare();
    long cut = entry(id, "a/2").extent().offset() + 1;
    byte[] bytes = Bytes.read(store, ContainerSummary.pathOf(id));
    Bytes.replace(store, ContainerSummary.pathOf(id), java.util.Arrays.copyOf(bytes, (int) cut));

    RepairReport report = repair(store, false, true);

    assertThat(report.isSound()).isTrue();
    assertThat(report.lost()).isEqualTo(1); // behind it is only a/3, which is dead
    builder.files().remove(LogicalPath.of("a/2"));
    assertThat(readable()).isEqualTo(builder.files().keySet());
    assertThat(DamageNote.containers(store, DamageNote.State.SET_ASIDE)).containsExactly(id);
    assertThat(store.files()).contains(ContainerSummary.pathOf(id));
  }

  @Test
  void fileWhoseRecordAndIndexEntryAreDamagedIsFoundByTheCatalogue() throws IOException {
    ContainerId id = prepare();
    rememberCatalog(id);
    Entry entry = entry(id, "a/2");
    breakIndex(id);
    Bytes.flip(store, ContainerSummary.pathOf(id), entry.extent().offset() - 4);

    RepairReport report = repair(store, false, false);

    assertThat(report.isSound()).isTrue();
    assertThat(report.lost()).isZero();
    assertThat(readable()).isEqualTo(builder.files().keySet());
  }

  @Test
  void damagedFileStaysAndIsNamedUnlessItIsSetAside() throws IOException {
    ContainerId id = prepare();
    Entry entry = entry(id, "a/2");
    Bytes.flip(store, ContainerSummary.pathOf(id), entry.extent().offset());
    List<LeftBehind> lost = new ArrayList<>();
    List<String> damage = new ArrayList<>();

    RepairReport report = repair(store, false, false, new RepairListener() {
      @Override
      public void lost(LeftBehind file) {
        lost.add(file);
      }

      @Override
      public void damaged(String what) {
        damage.add(what);
      }
    });

    assertThat(report.isSound()).isFalse();
    assertThat(damage)
        .singleElement()
        .satisfies(what -> assertThat(what)
            .contains(id.toString())
            .endsWith("at offset " + entry.extent().offset()));
    assertThat(lost).extracting(LeftBehind::path).containsExactly(LogicalPath.of("a/2"));
    assertThat(containers()).extracting(ContainerSummary::id).contains(id);
    assertThat(readable()).hasSize(builder.files().size() - 1);

    assertThat(repair(store, false, true).isSound()).isTrue();
    builder.removeFile("a/2");
    DatasetView.assertHolds("set aside", store, builder.tree());
    assertThat(DatasetLog.open(store).current().orElseThrow().statistics().files())
        .isEqualTo(builder.files().size());
  }

  @Test
  void missingContainerIsSetAsideWithItsFiles() throws IOException {
    ContainerId id = prepare();
    rememberCatalog(id);
    store.delete(ContainerSummary.pathOf(id));
    List<LogicalPath> lost = new ArrayList<>();

    RepairReport report = repair(store, false, true, new RepairListener() {
      @Override
      public void lost(LeftBehind file) {
        lost.add(file.path());
      }
    });

    assertThat(report.isSound()).isTrue();
    assertThat(lost)
        .containsExactlyInAnyOrder(
            LogicalPath.of("a/1"), LogicalPath.of("a/2"), LogicalPath.of("z"));
    assertThat(readable())
        .containsExactlyInAnyOrder(LogicalPath.of("a/b/4"), LogicalPath.of("other"));
    assertThat(containers()).hasSize(1);
  }

  @Test
  void catalogueFileThatIsGoneIsWrittenAnew() throws IOException {
    ContainerId id = prepare();
    ContainerSummary container =
        containers().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    store.delete(container.catalog().path());
    Map<LogicalPath, Expected> tree = builder.tree();

    RepairReport report = repair(store, false, false);

    assertThat(report.catalogFiles()).isEqualTo(1);
    assertThat(report.isSound()).isTrue();
    DatasetView.assertHolds("catalogue", store, tree);
    assertThat(containers()).extracting(ContainerSummary::id).contains(id);
  }

  @Test
  void snapshotsOwnCatalogueIsWrittenAnew() throws IOException {
    prepare();
    DatasetLog log = DatasetLog.open(store);
    store.delete(log.current().orElseThrow().catalog().containers().path());
    Bytes.flip(
        store, log.current().orElseThrow().catalog().deadRows().orElseThrow().path(), 0);
    Map<LogicalPath, Expected> tree = builder.tree();

    assertThat(repair(store, false, false).isSound()).isTrue();

    DatasetView.assertHolds("catalogue", store, tree);
  }

  @Test
  void oneContainerCanBeAskedFor() throws IOException {
    ContainerId id = prepare();
    breakIndex(id);
    ContainerId other = containers().stream()
        .map(ContainerSummary::id)
        .filter(each -> !each.equals(id))
        .findFirst()
        .orElseThrow();
    assertThat(repair(store, Set.of(other)).damaged()).isZero();
    assertThat(repair(store, Set.of(id)).mended()).isEqualTo(1);
    assertThatThrownBy(() -> repair(store, Set.of(id)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no container " + id);
  }

  @Test
  void damagedFilesComeFromUnchangedOriginals() throws IOException {
    Path source = Files.createDirectories(directory.resolve("source"));
    Files.writeString(source.resolve("same"), "content");
    Files.writeString(source.resolve("changed"), "content");
    FoldedTree tree = FoldedTree.of(source, directory.resolve("dataset"), 10);
    ContainerId id =
        ContainerId.parse(tree.containers().get(0).getFileName().toString().substring(0, 32));
    try (Store local = Stores.open(tree.dataset().toString(), Map.of())) {
      for (String path : List.of("same", "changed")) {
        try (ByteSource bytes = local.open(ContainerSummary.pathOf(id));
            ContainerReader reader = ContainerReader.open(bytes, id)) {
          long offset =
              reader.index().extent(reader.index().find(path.getBytes(UTF_8))).offset();
          Bytes.flip(local, ContainerSummary.pathOf(id), offset);
        }
      }
      Files.writeString(source.resolve("changed"), "changed");

      RepairReport report = repair(local, false, false);

      assertThat(report.rescued()).isEqualTo(1);
      assertThat(report.lost()).isEqualTo(1);
      try (var dataset = DatasetView.open(local)) {
        assertThat(dataset.read(LogicalPath.of("same")))
            .isEqualTo(ByteBuffer.wrap("content".getBytes(UTF_8)));
        assertThatThrownBy(() -> dataset.read(LogicalPath.of("changed")))
            .hasMessageContaining(id.toString());
      }
    }
  }

  @Test
  void compressedContainersAreRebuiltWithTheirDictionary() throws IOException {
    byte[] dictionary = "words that occur again and again in files ".repeat(9).getBytes(UTF_8);
    Content content = new Content().dictionary(dictionary);
    try (ZstdCodec codec = ZstdCodec.withDictionary(3, dictionary)) {
      for (int i = 0; i < 20; i++) {
        byte[] bytes = ("again and again, words that occur in files " + i).getBytes(UTF_8);
        content.file("f" + i, bytes, codec.encode(ByteBuffer.wrap(bytes)), DatasetBuilder.PLAIN);
      }
    }
    ContainerId id = builder.add(content);
    builder.commit();
    breakIndex(id);

    assertThat(repair(store, false, false).isSound()).isTrue();

    DatasetView.assertHolds("dictionary", store, builder.tree());
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whateverHappensAtAnyOperationTheNextRunMends(Fault fault) throws IOException {
    breakIndex(prepare());
    FaultyStore counting = FaultyStore.counting(store);
    repair(counting, false, false);
    for (long at = 0; at < counting.operations(); at++) {
      if (!fault.happensAt(counting.log().get((int) at))) {
        continue;
      }
      store = new MemoryStore();
      builder = DatasetBuilder.on(store, "/no/such/source");
      breakIndex(prepare());
      FaultyStore faulty = FaultyStore.faultyAt(store, fault, at);
      try {
        repair(faulty, false, false);
      } catch (IOException e) {
        assertThat(fault.isToldBy(e)).as("%s at %s: %s", fault, at, e).isTrue();
      }
      store.crash();
      String what = fault + " at operation " + at + " " + faulty.log().get((int) at);
      assertThat(repair(store, false, false).isSound()).as(what).isTrue();
      DatasetView.assertHolds(what, store, builder.tree());
    }
  }

  /** Two containers; the first has a dead file and a dead directory. */
  private ContainerId prepare() throws IOException {
    ContainerId first = builder.add(new Content()
        .directory("")
        .directory("a")
        .directory("gone")
        .file("a/1", "content of 1")
        .file("a/2", "content of 2")
        .file("a/3", "content of 3")
        .file("z", "")
        .passThrough("z-large", 1L << 40, DatasetBuilder.PLAIN));
    builder.add(new Content().directory("a/b").file("a/b/4", "content of 4").file("other", "5"));
    builder.commit();
    builder.removeFile("a/3").removeDirectory("gone").removeFile("z-large").commit();
    return first;
  }

  private void breakIndex(ContainerId id) throws IOException {
    ContainerSummary container =
        containers().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    Bytes.flip(store, container.path(), container.indexOffset(), container.length());
  }

  private void rememberCatalog(ContainerId id) throws IOException {
    ContainerSummary container =
        containers().stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    List<Entry> entries = new ArrayList<>();
    try (ByteSource bytes = store.open(container.path());
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      entries.addAll(reader.index().entries(0, reader.index().entryCount()));
    }
    catalog.put(container.catalog().path(), entries);
  }

  private Entry entry(ContainerId id, String path) throws IOException {
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      return reader.index().entry(reader.index().find(path.getBytes(UTF_8)));
    }
  }

  /** The paths whose bytes a fresh reader gets, as they were folded. */
  private Set<LogicalPath> readable() throws IOException {
    Set<LogicalPath> readable = new java.util.HashSet<>();
    try (var dataset = DatasetView.open(store)) {
      for (LogicalPath path : List.of(
          LogicalPath.of("a/1"),
          LogicalPath.of("a/2"),
          LogicalPath.of("a/3"),
          LogicalPath.of("a/b/4"),
          LogicalPath.of("other"),
          LogicalPath.of("z"))) {
        try {
          ByteBuffer bytes = dataset.read(path);
          assertThat(bytes).isEqualTo(ByteBuffer.wrap(builder.files().get(path).bytes()));
          readable.add(path);
        } catch (IOException e) {
          assertThat(e.getMessage()).isNotEmpty();
        }
      }
    }
    return readable;
  }

  private List<ContainerSummary> containers() throws IOException {
    DatasetLog log = DatasetLog.open(store);
    return log.containers(log.current().orElseThrow());
  }

  private RepairReport repair(Store on, boolean dryRun, boolean setAside) throws IOException {
    return repair(on, dryRun, setAside, RepairListener.NONE);
  }

  private RepairReport repair(Store on, boolean dryRun, boolean setAside, RepairListener listener)
      throws IOException {
    return repair(on, new RepairRequest("memory", Map.of(), Set.of(), dryRun, setAside), listener);
  }

  private RepairReport repair(Store on, Set<ContainerId> containers) throws IOException {
    return repair(
        on, new RepairRequest("memory", Map.of(), containers, false, false), RepairListener.NONE);
  }

  private RepairReport repair(Store on, RepairRequest request, RepairListener listener)
      throws IOException {
    CatalogReader reader = new NoCatalogReader() {
      private static final long serialVersionUID = 1;

      @Override
      public void read(Store dataset, FileReference file, Rows rows) throws IOException {
        for (Entry entry : catalog.getOrDefault(file.path(), List.of())) {
          rows.row(entry);
        }
      }
    };
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Repairer.repair(
          request, () -> on, engine, new TextCatalog(), reader, TextEntryCatalog::new, listener);
    }
  }
}
