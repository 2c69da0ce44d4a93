package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.TextCatalog;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.DatasetBuilder.Expected;
import io.pleat.read.FoldedDataset;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.ForwardingStore;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestCompactor {
  private static final CompactionRules RULES =
      CompactionRules.defaults().withContainerBytes(4000).withMaxEntries(1000);

  private MemoryStore store = new MemoryStore();
  private DatasetBuilder builder = DatasetBuilder.on(store, "/source");

  @Test
  void deadRowsGoAndSmallContainersAreMerged() throws IOException {
    ContainerId mostlyDead = prepare();
    Map<LogicalPath, Expected> tree = builder.tree();
    List<ContainerSummary> before = containers();

    CompactReport report = compact(store);

    DatasetView.assertHolds("compacted", store, tree);
    assertThat(report.isSound()).isTrue();
    assertThat(report.containersBefore()).isEqualTo(before.size()).isEqualTo(7);
    assertThat(report.removed()).isEqualTo(6);
    assertThat(containers()).hasSize(7 - report.removed() + report.added());
    assertThat(containers()).extracting(ContainerSummary::id).doesNotContain(mostlyDead);
    assertThat(report.commits()).isGreaterThan(0);
    Snapshot head = DatasetLog.open(store).current().orElseThrow();
    assertThat(head.operation()).isEqualTo("compact");
    assertThat(head.version()).isEqualTo(report.version());
    assertThat(head.statistics().files()).isEqualTo(builder.files().size());
    // Rewritten ones meet the others, so a look-up needs their filters.
    assertThat(containers())
        .filteredOn(c -> c.sequence() > 8)
        .allMatch(c -> c.filter().isPresent());

    long files = store.files().size();
    CompactReport again = compact(store);
    assertThat(again.commits()).isZero();
    assertThat(again.version()).isEqualTo(report.version());
    assertThat(store.files()).hasSize((int) files);
  }

  @Test
  void dryRunSaysWhatWouldBeDoneAndWritesNothing() throws IOException {
    prepare();
    List<LogicalPath> before = store.files();

    CompactReport would = compact(store, RULES, true);

    assertThat(store.files()).isEqualTo(before);
    CompactReport done = compact(store);
    assertThat(would.removed()).isEqualTo(done.removed());
    assertThat(would.added()).isEqualTo(done.added());
    assertThat(would.bytesRemoved()).isEqualTo(done.bytesRemoved());
    assertThat(would.bytesAdded()).isGreaterThanOrEqualTo(done.bytesAdded());
  }

  @Test
  void containerOfWhichNothingIsLiveIsTakenAway() throws IOException {
    builder.add(new Content().file("a", "a").file("b", "b"));
    builder.add(new Content().file("c", "c"));
    builder.commit();
    builder.removeFile("a").removeFile("b").commit();

    CompactReport report = compact(store);

    assertThat(report.removed()).isEqualTo(1);
    assertThat(report.added()).isZero();
    DatasetView.assertHolds("taken away", store, builder.tree());
    assertThat(containers()).hasSize(1);
  }

  @Test
  void damagedFileStaysLiveInItsContainerWhichIsNotSelectedAgain() throws IOException {
    Content content = new Content();
    for (int i = 0; i < 20; i++) {
      content.file("f" + i, "content of file " + i);
    }
    ContainerId id = builder.add(content);
    builder.add(new Content().file("other", "other"));
    builder.commit();
    for (int i = 0; i < 15; i++) {
      builder.removeFile("f" + i);
    }
    builder.commit();
    Bytes.flip(store, ContainerSummary.pathOf(id), offsetOf(id, "f17"));
    List<LeftBehind> left = new ArrayList<>();

    CompactReport report = compact(store, RULES, false, new CompactListener() {
      @Override
      public void leftBehind(LeftBehind file) {
        left.add(file);
      }
    });

    assertThat(report.isSound()).isFalse();
    assertThat(report.leftBehind()).isEqualTo(1);
    assertThat(left).extracting(LeftBehind::path).containsExactly(LogicalPath.of("f17"));
    assertThat(containers()).extracting(ContainerSummary::id).contains(id);
    Snapshot head = DatasetLog.open(store).current().orElseThrow();
    assertThat(DatasetLog.open(store).deletionVector(head, id).cardinality()).isEqualTo(19);
    try (FoldedDataset dataset = DatasetView.open(store)) {
      assertThat(dataset.read(LogicalPath.of("f18")).remaining()).isEqualTo(18);
      assertThatThrownBy(() -> dataset.read(LogicalPath.of("f17")))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(id.toString());
    }
    assertThat(compact(store).commits()).isZero();
    assertThat(compact(store).isSound()).isTrue(); // nothing was looked at
  }

  @Test
  void brokenContainersAreSaidAndBlockNoOthers() throws IOException {
    ContainerId missing = builder.add(new Content().file("a", "a").file("b", "b"));
    ContainerId broken = builder.add(new Content().file("c", "c").file("d", "d"));
    builder.add(new Content().file("e", "e").file("f", "f"));
    builder.commit();
    builder.removeFile("a").removeFile("c").removeFile("e").commit();
    store.delete(ContainerSummary.pathOf(missing));
    long length = Bytes.read(store, ContainerSummary.pathOf(broken)).length;
    Bytes.flip(store, ContainerSummary.pathOf(broken), length - 1);
    List<String> said = new ArrayList<>();

    CompactReport report = compact(store, RULES, false, new CompactListener() {
      @Override
      public void broken(BrokenContainer container) {
        said.add(container.reason());
      }
    });

    assertThat(report.broken()).isEqualTo(2);
    assertThat(report.removed()).isEqualTo(1);
    assertThat(said).hasSize(2);
    assertThat(said).anyMatch(s -> s.equals("containers/" + missing + ".pleat is missing"));
    assertThat(said).anyMatch(s -> s.contains(broken.toString()) && s.contains("at offset"));
    assertThat(compact(store).commits()).isZero();
  }

  @Test
  void tooLittleSpaceIsSaidBeforeAnythingIsWritten() throws IOException {
    prepare();
    int before = store.files().size();
    Store full = new ForwardingStore(store) {
      @Override
      public OptionalLong usableSpace() {
        return OptionalLong.of(10);
      }
    };

    assertThatThrownBy(() -> compact(full))
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "too little space at memory:/test: the compaction writes up to \\d+ bytes, 10 are free.*");
    assertThat(store.files()).hasSize(before);
  }

  @Test
  void deletesThatAreCommittedMeanwhileSurvive() throws IOException {
    prepare();
    RivalStore rivals = new RivalStore(store)
        .then(() -> builder.removeFile("big/f03").removeFile("s1/x").commit())
        .then(() -> builder.removeFile("s2/y").removeDirectory("s2").commit());

    compact(rivals);

    assertThat(rivals.allCame()).isTrue();
    DatasetView.assertHolds("deletes", store, builder.tree());
    assertThat(containers()).hasSizeLessThan(7);
  }

  @Test
  void foldsThatAreCommittedMeanwhileSurvive() throws IOException {
    prepare();
    Attributes changed = new Attributes(99, 9, 0700, "u", "g", "");
    RivalStore rivals = new RivalStore(store).then(() -> {
      builder.removeFile("big/f03");
      builder.add(new Content()
          .file("big/f03", "another content")
          .file("new", "new")
          .directory("s1", changed)
          .filter());
      builder.commit();
    });

    compact(rivals);

    assertThat(rivals.allCame()).isTrue();
    DatasetView.assertHolds("folds", store, builder.tree());
  }

  @Test
  void reclaimedMarksGoWithTheirRows() throws IOException {
    prepare();
    DatasetLog log = DatasetLog.open(store);
    reclaim(log, "big/f03", "s1/x");
    RivalStore rivals = new RivalStore(store).then(() -> reclaim(log, "big/f05", "s2/y"));

    compact(rivals);

    assertThat(rivals.allCame()).isTrue();
    DatasetView.assertHolds("reclaimed", store, builder.tree());
    assertThat(reclaimed(log)).containsExactlyInAnyOrder("big/f03", "s1/x", "big/f05", "s2/y");
  }

  @Test
  void reclaimedMarksStayWithFilesThatStayBehind() throws IOException {
    ContainerId id = prepare();
    DatasetLog log = DatasetLog.open(store);
    reclaim(log, "big/f03", "big/f05");
    Bytes.flip(store, ContainerSummary.pathOf(id), offsetOf(id, "big/f05"));

    compact(store);

    assertThat(reclaimed(log)).containsExactlyInAnyOrder("big/f03", "big/f05");
    assertThat(containers()).extracting(ContainerSummary::id).contains(id);
  }

  @Test
  void rewriteIsDroppedWhenAnotherCompactionWasQuicker() throws IOException {
    prepare();
    int[] commits = {0};
    RivalStore rivals =
        new RivalStore(store).then(() -> commits[0] = compact(store).commits());

    CompactReport report = compact(rivals);

    assertThat(commits[0]).isGreaterThan(0);
    assertThat(report.dropped()).isGreaterThan(0);
    DatasetView.assertHolds("both", store, builder.tree());
    Set<LogicalPath> referenced = new HashSet<>();
    DatasetLog log = DatasetLog.open(store);
    for (long v = 1; v <= log.current().orElseThrow().version(); v++) {
      log.containers(log.snapshot(v)).forEach(c -> referenced.add(c.path()));
    }
    assertThat(store.files().stream().filter(p -> p.toString().startsWith("containers/")))
        .containsExactlyInAnyOrderElementsOf(referenced);
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whateverHappensAtAnyOperationNothingIsLostAndTheNextRunFinishes(Fault fault)
      throws IOException {
    prepare();
    FaultyStore counting = FaultyStore.counting(store);
    compact(counting);
    int finished = containers().size();
    for (long at = 0; at < counting.operations(); at++) {
      if (!fault.happensAt(counting.log().get((int) at))) {
        continue;
      }
      store = new MemoryStore();
      builder = DatasetBuilder.on(store, "/source");
      prepare();
      FaultyStore faulty = FaultyStore.faultyAt(store, fault, at);
      try {
        compact(faulty);
      } catch (IOException e) {
        assertThat(fault.isToldBy(e)).as("%s at %s: %s", fault, at, e).isTrue();
      }
      store.crash();
      String what = fault + " at operation " + at + " of " + counting.operations();
      DatasetView.assertHolds(what, store, builder.tree());
      assertThat(compact(store).isSound()).as(what).isTrue();
      DatasetView.assertHolds(what + ", finished", store, builder.tree());
      assertThat(compact(store).commits()).as(what).isZero();
      assertThat(containers()).as(what).hasSizeLessThanOrEqualTo(finished + 1);
    }
  }

  @Test
  void randomDatasetsKeepWhatIsLiveWhateverIsCommittedMeanwhile() throws IOException {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 25; round++) {
      store = new MemoryStore();
      builder = DatasetBuilder.on(store, "/source");
      for (int i = random.nextInt(12); i >= 0; i--) {
        change(random);
      }
      RivalStore rivals = new RivalStore(store);
      for (int i = random.nextInt(4); i > 0; i--) {
        rivals.then(() -> change(random));
      }
      CompactionRules rules = RULES
          .withContainerBytes(500 + random.nextInt(5000))
          .withMinDeadShare(0.05 + 0.9 * random.nextDouble())
          .withMinSmall(2 + random.nextInt(3));
      compact(rivals, rules, false);
      DatasetView.assertHolds("seed " + seed + " round " + round, store, builder.tree());
    }
  }

  /** Adds, replaces and removes files, as folds and rms do. */
  private void change(Random random) throws IOException {
    Content content = new Content().filter();
    int files = 1 + random.nextInt(20);
    for (int f = 0; f < files; f++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      content.file(
          "d" + random.nextInt(4) + "/s" + random.nextInt(3) + "/f" + random.nextInt(60),
          bytes,
          new Attributes(random.nextInt(), 0, 0644, "u", "g", ""));
    }
    if (random.nextBoolean()) {
      String directory = "d" + random.nextInt(4);
      builder.removeDirectory(directory);
      content.directory(directory, new Attributes(random.nextInt(), 0, 0700, "u", "g", ""));
    }
    builder.add(content);
    for (LogicalPath path : List.copyOf(builder.files().keySet())) {
      if (random.nextInt(4) == 0) {
        builder.removeFile(path.toString());
      }
    }
    builder.commit();
  }

  /** One container that is mostly dead, one that is full, five small ones. */
  private ContainerId prepare() throws IOException {
    Content big = new Content().directory("").directory("big").directory("gone");
    for (int i = 0; i < 20; i++) {
      big.file(String.format("big/f%02d", i), "x".repeat(100 + i));
    }
    ContainerId mostlyDead = builder.add(big);
    builder.add(new Content().directory("full").file("full/f", "y".repeat(3000)));
    builder.commit();
    for (int i = 0; i < 5; i++) {
      builder.add(new Content()
          .directory("s" + i)
          .file("s" + i + "/x", "x" + i)
          .file("s" + i + "/y", "y" + i)
          .passThrough("s" + i + "/z", 1L << 40, DatasetBuilder.PLAIN)
          .filter());
      builder.commit();
    }
    for (int i = 8; i < 20; i++) {
      builder.removeFile(String.format("big/f%02d", i));
    }
    builder.removeDirectory("gone");
    builder.commit();
    return mostlyDead;
  }

  private void reclaim(DatasetLog log, String... paths) throws IOException {
    Map<ContainerId, ReclaimedRows> rows = new java.util.HashMap<>();
    Map<ContainerId, List<Integer>> byContainer = new java.util.HashMap<>();
    for (String path : paths) {
      DatasetBuilder.LiveFile file = builder.files().get(LogicalPath.of(path));
      byContainer.computeIfAbsent(file.container(), id -> new ArrayList<>()).add(file.row());
    }
    byContainer.forEach((id, list) ->
        rows.put(id, ReclaimedRows.of(list.stream().mapToInt(Integer::intValue).toArray())));
    log.commit(
        log.current(),
        SnapshotChange.by("reclaim", UUID.randomUUID(), "/source").withNewlyReclaimed(rows),
        new TextCatalog());
  }

  private List<String> reclaimed(DatasetLog log) throws IOException {
    Snapshot head = log.current().orElseThrow();
    List<String> paths = new ArrayList<>();
    for (ContainerSummary container : log.containers(head)) {
      try (ByteSource source = store.open(container.path());
          ContainerReader reader = ContainerReader.open(source, container.id())) {
        for (int row : log.reclaimedRows(head, container.id()).toBitmap()) {
          paths.add(reader.index().path(row).toString());
        }
      }
    }
    return paths;
  }

  private long offsetOf(ContainerId id, String path) throws IOException {
    try (ByteSource source = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(source, id)) {
      return reader
          .index()
          .extent(reader.index().find(LogicalPath.of(path).utf8()))
          .offset();
    }
  }

  private List<ContainerSummary> containers() throws IOException {
    DatasetLog log = DatasetLog.open(store);
    return log.containers(log.current().orElseThrow());
  }

  private static CompactReport compact(Store on) throws IOException {
    return compact(on, RULES, false);
  }

  private static CompactReport compact(Store on, CompactionRules rules, boolean dryRun)
      throws IOException {
    return compact(on, rules, dryRun, CompactListener.NONE);
  }

  private static CompactReport compact(
      Store on, CompactionRules rules, boolean dryRun, CompactListener listener)
      throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Compactor.compact(
          new CompactRequest("memory", Map.of(), rules, dryRun),
          () -> on,
          engine,
          new TextCatalog(),
          TextEntryCatalog::new,
          listener);
    }
  }
}
