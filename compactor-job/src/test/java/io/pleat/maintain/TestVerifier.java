package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogedContainer;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.TextCatalog;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.maintain.VerifyRequest.Level;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.ForwardingStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class TestVerifier {
  @TempDir
  private Path directory;

  private final List<Finding> findings = new CopyOnWriteArrayList<>();
  private final Map<String, Set<String>> lost = new TreeMap<>();
  private final List<DamageCost> costs = new ArrayList<>();
  private CatalogReader catalog = new NoCatalogReader();
  private FoldedTree tree;

  @BeforeEach
  void fold() throws IOException {
    tree = FoldedTree.awkward(directory);
  }

  private VerifyReport verify(Path dataset, Level level) throws IOException {
    return verify(new VerifyRequest(dataset.toString(), level, Map.of(), 2));
  }

  private VerifyReport verify(VerifyRequest request) throws IOException {
    findings.clear();
    lost.clear();
    costs.clear();
    return Verifier.verify(request, catalog, listener());
  }

  private VerifyListener listener() {
    return new VerifyListener() {
      @Override
      public void found(Finding finding) {
        findings.add(finding);
      }

      @Override
      public void lost(String where, LogicalPath path) {
        lost.computeIfAbsent(where, unknown -> new TreeSet<>()).add(path.toString());
      }

      @Override
      public void cost(DamageCost cost) {
        costs.add(cost);
      }
    };
  }

  private VerifyReport verify(Level level) throws IOException {
    return verify(tree.dataset(), level);
  }

  private Path only(String kind) throws IOException {
    try (Stream<Path> files = Files.list(tree.dataset().resolve(kind))) {
      return files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
    }
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at < 0 ? bytes.length + at : at] ^= 0x40;
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @EnumSource
  void aSoundDatasetIsSoundAtEveryLevel(Level level) throws IOException {
    VerifyReport report = verify(level);
    assertThat(findings).isEmpty();
    assertThat(report.isSound()).isTrue();
    assertThat(report.version()).isOne();
    assertThat(report.containers()).isEqualTo(2);
    assertThat(report.files()).isEqualTo(15);
  }

  @Test
  void aDamagedPayloadShowsAtLevelData() throws IOException {
    byte[] content = Files.readAllBytes(tree.source().resolve("a-b"));
    Path container = null;
    for (Path each : tree.containers()) {
      int at = TestUnfolder.indexOf(Files.readAllBytes(each), content);
      if (at >= 0) {
        flip(each, at);
        container = each;
      }
    }
    assertThat(verify(Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(Level.METADATA).isSound()).isTrue();
    assertThat(verify(Level.DATA).isSound()).isFalse();
    assertThat(findings).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(finding.what()).contains("CRC32C").contains("'a-b'").contains("at offset");
    });
    assertThat(findings.get(0).where()).endsWith(container.getFileName().toString());
  }

  @Test
  void howManyThreadsCheckChangesNothing() throws IOException {
    for (Path each : tree.containers()) {
      flip(each, 200);
      flip(each, 2000);
    }
    Set<Finding> first = Set.of();
    for (int threads : new int[] {1, 2, 7}) {
      VerifyRequest request =
          new VerifyRequest(tree.dataset().toString(), Level.DATA, Map.of(), threads);
      assertThat(verify(request).isSound()).isFalse();
      first = first.isEmpty() ? Set.copyOf(findings) : first;
      assertThat(findings).as("%s threads", threads).containsExactlyInAnyOrderElementsOf(first);
    }
  }

  /** The container that holds the bytes of a file of the source, and where. */
  private record Place(Path container, int offset) {}

  private Place place(String file) throws IOException {
    byte[] content = Files.readAllBytes(tree.source().resolve(file));
    for (Path each : tree.containers()) {
      int at = TestUnfolder.indexOf(Files.readAllBytes(each), content);
      if (at >= 0) {
        return new Place(each, at);
      }
    }
    throw new AssertionError(file);
  }

  /** The files of a container by its index block. */
  private Set<String> filesOf(Path container) throws IOException {
    Set<String> paths = new TreeSet<>();
    for (Entry entry : entriesOf(container)) {
      paths.add(entry.path().toString());
    }
    return paths;
  }

  private List<Entry> entriesOf(Path container) throws IOException {
    ContainerId id = idOf(container);
    try (Store store = Stores.open(tree.dataset().toString(), Map.of());
        ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      return List.copyOf(reader.index().entries(0, reader.index().entryCount()));
    }
  }

  private static ContainerId idOf(Path container) {
    return ContainerId.parse(container.getFileName().toString().substring(0, 32));
  }

  private static String where(Path container) {
    return "containers/" + container.getFileName();
  }

  /** A catalogue that has the rows of one container, whatever the file is called. */
  private static CatalogReader catalogOf(List<Entry> entries) {
    return new NoCatalogReader() {
      private static final long serialVersionUID = 1;

      @Override
      public void read(Store dataset, FileReference file, Rows rows) throws IOException {
        for (Entry entry : entries) {
          rows.row(entry);
        }
      }
    };
  }

  @Test
  void aDamagedPayloadCostsItsFile() throws IOException {
    Place place = place("a-b");
    flip(place.container(), place.offset());
    verify(Level.DATA);
    assertThat(lost).isEqualTo(Map.of(where(place.container()), Set.of("a-b")));
    assertThat(costs)
        .containsExactly(new DamageCost(
            DamageCost.Part.CONTAINER,
            where(place.container()),
            idOf(place.container()).toString(),
            1,
            0));
  }

  @Test
  void aDamagedRecordHeaderCostsNothing() throws IOException {
    Place place = place("a-b");
    flip(place.container(), place.offset() - 1);
    assertThat(verify(Level.DATA).isSound()).isFalse();
    assertThat(lost).isEmpty();
    assertThat(costs).isEmpty();
  }

  @Test
  void aDamagedPayloadBehindADamagedHeaderCostsItsFile() throws IOException {
    Place place = place("a-b");
    flip(place.container(), place.offset() - 1);
    flip(place.container(), place.offset());
    verify(Level.DATA);
    assertThat(lost).isEqualTo(Map.of(where(place.container()), Set.of("a-b")));
  }

  @Test
  void aDamagedIndexBlockCostsEveryFileOfItsContainerAndRecordsNameThem() throws IOException {
    Path container = tree.containers().get(0);
    Set<String> files = filesOf(container);
    flip(container, -1);
    for (Level level : List.of(Level.STRUCTURE, Level.METADATA, Level.DATA)) {
      verify(level);
      assertThat(lost).as("%s", level).isEqualTo(Map.of(where(container), files));
      assertThat(costs).extracting(DamageCost::files).containsExactly((long) files.size());
      assertThat(costs.get(0).unnamed()).isZero();
    }
  }

  @Test
  void filesOfAMissingContainerAreNamedByTheCatalogueOrCounted() throws IOException {
    Path container = tree.containers().get(0);
    List<Entry> entries = entriesOf(container);
    Set<String> files = filesOf(container);
    Files.delete(container);
    verify(Level.STRUCTURE);
    assertThat(lost).isEmpty();
    assertThat(costs)
        .extracting(DamageCost::files, DamageCost::unnamed)
        .containsExactly(tuple((long) files.size(), (long) files.size()));
    catalog = catalogOf(entries);
    verify(Level.STRUCTURE);
    assertThat(lost).isEqualTo(Map.of(where(container), files));
    assertThat(costs).extracting(DamageCost::unnamed).containsExactly(0L);
  }

  @Test
  void deadEntriesAreNoLoss() throws IOException {
    Path dataset = directory.resolve("dead");
    ContainerId id;
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, tree.source().toString());
      id = builder.add(new Content().file("dead", "dead").file("live", "live"));
      builder.commit();
      builder.removeFile("dead").commit();
    }
    Path container = dataset.resolve(ContainerSummary.pathOf(id).toString());
    flip(
        container, TestUnfolder.indexOf(Files.readAllBytes(container), "dead".getBytes(UTF_8)) + 4);
    flip(container, -1);
    verify(dataset, Level.DATA);
    assertThat(lost.values()).containsExactly(Set.of("live"));
  }

  @Test
  void aDamagedDeletionVectorOrManifestCostsItsContainersAndTheDatasetDoesNotOpen()
      throws IOException {
    Path dataset = directory.resolve("vector");
    ContainerId id;
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, tree.source().toString());
      id = builder.add(new Content().file("dead", "dead").file("live", "live"));
      builder.commit();
      builder.add(new Content().file("other", "other"));
      builder.removeFile("dead").commit();
    }
    Path vector;
    try (Stream<Path> files = Files.list(dataset.resolve("_pleat/deletes"))) {
      vector = files.findFirst().orElseThrow();
    }
    flip(vector, 30);
    verify(dataset, Level.DATA);
    String where = "_pleat/deletes/" + vector.getFileName();
    assertThat(lost).isEqualTo(Map.of(where, Set.of("dead", "live")));
    assertThat(costs)
        .containsExactly(
            new DamageCost(DamageCost.Part.DELETION_VECTOR, where, id.toString(), 2, 0));
    assertThat(findings).as("nothing but that").hasSize(1);
    flip(vector, 30);

    String manifest;
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      manifest = DatasetLog.open(store)
          .current()
          .orElseThrow()
          .manifests()
          .get(0)
          .file()
          .path()
          .toString();
    }
    flip(dataset.resolve(manifest), 30);
    verify(dataset, Level.DATA);
    assertThat(costs).containsExactly(new DamageCost(DamageCost.Part.MANIFEST, manifest, "", 1, 1));
    catalog = new NoCatalogReader() {
      private static final long serialVersionUID = 1;

      @Override
      public void readContainers(Store store, FileReference file, ContainerRows rows)
          throws IOException {
        rows.row(new CatalogedContainer(id, 0, 0, 2, 1, LogicalPath.of("catalog/files/none")));
      }
    };
    verify(dataset, Level.DATA);
    assertThat(lost).isEqualTo(Map.of(manifest, Set.of("live")));
    assertThat(costs).containsExactly(new DamageCost(DamageCost.Part.MANIFEST, manifest, "", 1, 0));
  }

  @Test
  void allLostFilesAreInTheListBesideTheRunsRecord() throws IOException {
    Path container = tree.containers().get(0);
    Set<String> files = filesOf(container);
    flip(container, -1);
    VerifyRequest recorded =
        new VerifyRequest(tree.dataset().toString(), Level.STRUCTURE, 0, Map.of(), 1, true);
    assertThat(Files.exists(tree.dataset().resolve("_pleat/runs"))).isFalse();
    verify(recorded);
    JsonNode run = new ObjectMapper().readTree(only("_pleat/runs").toFile());
    assertThat(run.get("verb").asText()).isEqualTo("verify");
    assertThat(run.get("outcome").asText()).isEqualTo("not sound");
    assertThat(run.get("lostFiles").asInt()).isEqualTo(files.size());
    assertThat(run.get("costs").get(0).get("where").asText()).isEqualTo(where(container));
    JsonNode list = run.get("lostLists").get(0);
    assertThat(list.get("rows").asInt()).isEqualTo(files.size());
    List<String> lines =
        Files.readAllLines(tree.dataset().resolve(list.get("path").asText()));
    Set<String> named = new TreeSet<>();
    for (String line : lines.subList(1, lines.size())) {
      named.add(new ObjectMapper().readTree(line.split("\t")[0]).asText());
      assertThat(line).endsWith("\t\"" + where(container) + "\"");
    }
    assertThat(named).isEqualTo(files);
  }

  @Test
  void anEarlierSnapshotIsCheckedForItself() throws IOException {
    Path dataset = directory.resolve("history");
    ContainerId second;
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, tree.source().toString());
      builder.add(new Content().file("a", "a"));
      builder.commit();
      second = builder.add(new Content().file("b", "b"));
      builder.commit();
    }
    Files.delete(dataset.resolve(ContainerSummary.pathOf(second).toString()));
    assertThat(verify(dataset, Level.DATA).isSound()).isFalse();
    VerifyReport first =
        verify(new VerifyRequest(dataset.toString(), Level.DATA, 1, Map.of(), 1, false));
    assertThat(first.isSound()).isTrue();
    assertThat(first.version()).isOne();
    assertThat(first.files()).isOne();
    assertThatThrownBy(
            () -> verify(new VerifyRequest(dataset.toString(), Level.DATA, 3, Map.of(), 1, false)))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("there is no snapshot 3, the newest is 2");
  }

  @Test
  void aDamagedRecordHeaderShowsAtLevelMetadata() throws IOException {
    byte[] content = Files.readAllBytes(tree.source().resolve("a-b"));
    for (Path each : tree.containers()) {
      int at = TestUnfolder.indexOf(Files.readAllBytes(each), content);
      if (at >= 0) {
        flip(each, at - 1); // the end of the header's checksum
      }
    }
    assertThat(verify(Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(Level.METADATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .satisfiesExactly(
            what -> assertThat(what).startsWith("CRC32C of record header is not the stored"),
            what -> assertThat(what).startsWith("record of entry ").contains("'a-b'"));
  }

  @Test
  void aDamagedFileHeaderCostsNothing() throws IOException {
    for (Path container : tree.containers()) {
      flip(container, 8);
    }
    for (Level level : Level.values()) {
      findings.clear();
      VerifyReport report = verify(level);
      assertThat(report.isSound()).as("%s", level).isFalse();
      assertThat(findings)
          .as("%s", level)
          .hasSize(tree.containers().size())
          .allSatisfy(finding -> assertThat(finding.what()).contains("CRC32C of header"));
    }
  }

  @Test
  void whatMayNotBeReadIsNotLost() throws IOException {
    try (Store store = Stores.open(tree.dataset().toString(), Map.of())) {
      Store denying = new ForwardingStore(store) {
        @Override
        public ByteSource open(LogicalPath path) throws IOException {
          if (path.toString().startsWith("containers/")) {
            throw new AccessDeniedException(path.toString());
          }
          return super.open(path);
        }
      };
      VerifyRequest request = new VerifyRequest(tree.dataset().toString(), Level.DATA, Map.of(), 2);
      assertThat(Verifier.verify(request, denying, catalog, listener()).isSound())
          .isFalse();
    }
    assertThat(findings)
        .hasSize(2)
        .allSatisfy(finding -> assertThat(finding.what()).contains("permission denied"));
    assertThat(lost).isEmpty();
    assertThat(costs).isEmpty();
  }

  @Test
  void everyDamagedContainerIsNamed() throws IOException {
    for (Path container : tree.containers()) {
      flip(container, -100);
    }
    VerifyReport report = verify(Level.STRUCTURE);
    assertThat(report.isSound()).isFalse();
    assertThat(findings).hasSize(2).allSatisfy(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(finding.where()).startsWith("containers/");
    });
    assertThat(verify(Level.SOURCE).isSound()).isFalse();
  }

  @Test
  void missingAndTruncatedContainersAreNamed() throws IOException {
    List<Path> containers = tree.containers();
    Files.delete(containers.get(0));
    byte[] bytes = Files.readAllBytes(containers.get(1));
    Files.write(containers.get(1), java.util.Arrays.copyOf(bytes, bytes.length - 7));
    assertThat(verify(Level.DATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .anyMatch(what -> what.equals("is missing"))
        .anyMatch(what -> what.contains("the manifest says " + bytes.length));
  }

  @Test
  void aForeignContainerIsRefused() throws IOException {
    List<Path> containers = tree.containers();
    Files.write(containers.get(0), Files.readAllBytes(containers.get(1)));
    assertThat(verify(Level.STRUCTURE).isSound()).isFalse();
    assertThat(findings)
        .allMatch(
            finding -> finding.where().endsWith(containers.get(0).getFileName().toString()));
  }

  @Test
  void aDamagedManifestOrSnapshotIsNamed() throws IOException {
    flip(only("_pleat/manifests"), 40);
    VerifyReport report = verify(Level.SOURCE);
    assertThat(report.isSound()).isFalse();
    assertThat(findings).anySatisfy(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(finding.where()).startsWith("_pleat/manifests/");
    });
    flip(only("_pleat/snapshots"), 40);
    assertThat(verify(Level.STRUCTURE).isSound()).isFalse();
    assertThat(findings)
        .singleElement()
        .satisfies(finding -> assertThat(finding.where()).startsWith("_pleat/snapshots"));
  }

  @Test
  void aDamagedOrMissingCatalogueShowsAtLevelMetadata() throws IOException {
    flip(only("catalog/files"), 2);
    Files.delete(only("catalog/containers"));
    assertThat(verify(Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(Level.METADATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .anyMatch(what -> what.startsWith("CRC32C of file is 0x"))
        .anyMatch(what -> what.equals("is missing"));
  }

  @Test
  void aPathThatIsLiveTwiceOrBelowAFileIsFound() throws IOException {
    Path one = directory.resolve("one");
    Path other = directory.resolve("other");
    try (Store store = Stores.open(one.toString(), Map.of());
        Store donor = Stores.open(other.toString(), Map.of())) {
      String source = tree.source().toString();
      DatasetBuilder builder = DatasetBuilder.on(store, source);
      builder.add(new Content().file("a/x", "one").file("b", "b").file("d/y", "y"));
      final Snapshot base = builder.commit();
      DatasetBuilder second = DatasetBuilder.on(donor, source);
      second.add(new Content().file("a/x", "two").file("b/below", "x"));
      List<ContainerSummary> foreign = DatasetLog.open(donor).containers(second.commit());
      for (ContainerSummary container : foreign) {
        for (LogicalPath file : List.of(container.path(), container.catalog().path())) {
          Files.copy(other.resolve(file.toString()), one.resolve(file.toString()));
        }
      }
      SnapshotChange change = new SnapshotChange(
          "fold", UUID.randomUUID(), source, foreign, Map.of(), base.statistics());
      DatasetLog.open(store).commit(Optional.of(base), change, new TextCatalog());
    }
    assertThat(verify(one, Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(one, Level.METADATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .anyMatch(what -> what.startsWith("says 6 live files, there are "))
        .filteredOn(what -> !what.startsWith("says "))
        .hasSize(2)
        .anyMatch(what -> what.contains("'a/x' is live in containers/"))
        .anyMatch(what -> what.contains("the live file 'b' in container"));
  }

  @Test
  void changesInTheSourceAreSaidButNoDamage() throws IOException {
    Path source = tree.source();
    Files.delete(source.resolve("a.b"));
    Files.writeString(source.resolve("new-file"), "new");
    Files.write(source.resolve("a-b"), new byte[12_345]);
    Files.setLastModifiedTime(source.resolve("_underscore"), FileTime.fromMillis(1));
    FoldedTree.setMode(source.resolve(".hidden/.file"), 0600);
    Files.setLastModifiedTime(source.resolve("a/large"), FileTime.fromMillis(1));
    VerifyReport report = verify(Level.SOURCE);
    assertThat(report.isSound()).isTrue();
    assertThat(findings)
        .extracting(finding -> finding.kind() + " " + finding.where())
        .containsExactlyInAnyOrder(
            "MISSING a.b",
            "NEW new-file",
            "CHANGED a-b",
            "CHANGED _underscore",
            "CHANGED a/large",
            "ATTRIBUTES .hidden/.file");
  }

  @Test
  void otherBytesUnderTheSameLengthAndTimeAreADifference() throws IOException {
    Path file = tree.source().resolve("a-b");
    FileTime time = Files.getLastModifiedTime(file);
    flip(file, 0);
    Files.setLastModifiedTime(file, time);
    VerifyReport report = verify(Level.SOURCE);
    assertThat(report.isSound()).isFalse();
    assertThat(findings).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DIFFERS);
      assertThat(finding.where()).isEqualTo("a-b");
    });
  }

  @Test
  void withoutASourceThereIsNothingToCompareWith() throws IOException {
    Files.move(tree.source(), directory.resolve("moved"));
    assertThat(verify(Level.DATA).isSound()).isTrue();
    assertThatThrownBy(() -> verify(Level.SOURCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the source root is gone");
  }
}
