package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.pleat.dataset.ForgedDataset;
import io.pleat.dataset.TextCatalog;
import io.pleat.dataset.parquet.ParquetAuditLog;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.format.ContainerId;
import io.pleat.format.Forged;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.VerifyRequest.Level;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.FoldedDataset;
import io.pleat.read.HostileDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever somebody made a dataset say, with right checksums: {@code verify} names it or it is harmless; {@code unfold} writes nothing outside its target, and no wrong bytes
 * in it; {@code reclaim} and {@code repair} leave each file's bytes readable; all of it soon, and in the memory that the tests have.
 */
class TestHostileDatasets {
  private static final Duration LONGEST = Duration.ofSeconds(120);

  @TempDir
  private Path directory;

  private final Map<String, String> failed = new ConcurrentSkipListMap<>();
  private final Map<String, String> incomplete = new ConcurrentSkipListMap<>();
  private Path source;
  private Path dataset;
  private Path target;
  private Path outside;

  @BeforeEach
  void writeOriginals() throws IOException {
    source = directory.toRealPath().resolve("deep/source");
    dataset = directory.toRealPath().resolve("deep/dataset");
    target = directory.toRealPath().resolve("deep/target");
    outside = Files.createDirectories(directory.toRealPath().resolve("outside"));
    Map<String, String> originals = new TreeMap<>(HostileDataset.files());
    originals.put(HostileDataset.PASS_THROUGH, HostileDataset.CONTENT);
    for (Map.Entry<String, String> each : originals.entrySet()) {
      Path file = source.resolve(each.getKey());
      Files.createDirectories(file.getParent());
      Files.writeString(file, each.getValue());
      Files.setLastModifiedTime(
          file, FileTime.fromMillis(1000 * DatasetBuilder.PLAIN.mtimeSeconds()));
    }
  }

  private void write(HostileDataset hostile) throws IOException {
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      hostile.write(store, source.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(HostileDataset.class)
  void isNamedByVerifyOrHarmless(HostileDataset hostile) throws IOException {
    write(hostile);
    assertTimeoutPreemptively(LONGEST, () -> {
      List<String> findings = verify();
      if (hostile.verifySays().isPresent()) {
        assertThat(findings).anyMatch(what -> what.contains(hostile.verifySays().get()));
      } else {
        assertThat(findings).isEmpty();
      }
    });
  }

  @ParameterizedTest
  @EnumSource(HostileDataset.class)
  void unfoldsWithinItsTargetOrNotAtAll(HostileDataset hostile) throws IOException {
    write(hostile);
    final Map<String, String> before = FoldedTree.describe(directory);
    assertTimeoutPreemptively(LONGEST, () -> unfoldIfPossible());
    assertNothingElseChanged(before, target);
    if (Files.exists(target)) {
      try (Stream<Path> restored = Files.walk(target)) {
        for (Path each : restored.filter(path -> !Files.isDirectory(path)).toList()) {
          assertThat(each).isRegularFile();
          assertThat(Files.readString(each))
              .as("%s", each)
              .isEqualToIgnoringCase(HostileDataset.CONTENT);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(HostileDataset.class)
  void reclaimAndRepairLoseNothing(HostileDataset hostile) throws IOException {
    write(hostile);
    assertTimeoutPreemptively(LONGEST, () -> {
      repairIfPossible(true);
      assertEveryOriginalIsThere();
      Map<String, String> before = FoldedTree.describe(directory);
      reclaimIfPossible();
      assertNothingElseChanged(before, directory.toRealPath().resolve("deep"));
      assertEachFileIsReadable();
      repairIfPossible(false);
      assertNothingElseChanged(before, directory.toRealPath().resolve("deep"));
      assertEachFileIsReadable();
    });
  }

  private List<String> verify() throws IOException {
    List<String> findings = new ArrayList<>();
    Verifier.verify(
        new VerifyRequest(dataset.toString(), Level.DATA, Map.of(), 2),
        new NoCatalogReader(),
        new VerifyListener() {
          @Override
          public void found(Finding finding) {
            synchronized (findings) {
              if (!finding.where().startsWith("catalog/")) {
                findings.add(finding.where() + ": " + finding.what());
              }
            }
          }
        });
    return findings;
  }

  private void unfoldIfPossible() {
    try {
      unfold(UnfoldListener.NONE);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private void unfold(UnfoldListener listener) throws IOException {
    UnfoldRequest request = new UnfoldRequest(
        dataset.toString(), target.toString(), List.of(), Map.of(), UnfoldRequest.Existing.KEEP, 2);
    Unfolder.unfold(request, listener);
  }

  private void reclaimIfPossible() {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      Reclaimer.reclaim(
          new ReclaimRequest(
              source.toString(),
              dataset.toString(),
              Map.of(),
              ReclaimOptions.defaults().withGrace(Duration.ZERO)),
          engine,
          new TextCatalog(),
          new ParquetAuditLog(),
          ProgressListener.NONE);
    } catch (IOException | IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private void repairIfPossible(boolean dryRun) {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      Repairer.repair(
          new RepairRequest(dataset.toString(), Map.of(), Set.of(), dryRun, false),
          engine,
          new TextCatalog(),
          new NoCatalogReader(),
          TextEntryCatalog::new,
          RepairListener.NONE);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  private void assertNothingElseChanged(Map<String, String> before, Path within)
      throws IOException {
    String prefix = directory.toRealPath().relativize(within).toString();
    Map<String, String> then = new TreeMap<>(before);
    Map<String, String> now = new TreeMap<>(FoldedTree.describe(directory));
    for (Map<String, String> each : List.of(then, now)) {
      each.keySet().removeIf(path -> path.startsWith(prefix));
      each.remove("deep"); // its time changed with its first new child
    }
    assertThat(now).isEqualTo(then);
  }

  private void assertEveryOriginalIsThere() throws IOException {
    for (Map.Entry<String, String> each : HostileDataset.files().entrySet()) {
      assertThat(source.resolve(each.getKey())).hasContent(each.getValue());
    }
  }

  /** From its original, or else from the dataset. */
  private void assertEachFileIsReadable() throws IOException {
    for (Map.Entry<String, String> each : HostileDataset.files().entrySet()) {
      Path original = source.resolve(each.getKey());
      if (Files.exists(original)) {
        assertThat(original).hasContent(each.getValue());
        continue;
      }
      try (FoldedDataset held =
          FoldedDataset.open(dataset.toString(), Map.of(), ReaderOptions.defaults())) {
        assertThat(UTF_8.decode(held.read(LogicalPath.of(each.getKey()))).toString())
            .isEqualTo(each.getValue());
      }
    }
    assertThat(source.resolve(HostileDataset.PASS_THROUGH)).hasContent(HostileDataset.CONTENT);
  }

  @Test
  void anotherSourceThanTheOneThatIsNamedIsNotReclaimed() throws IOException {
    write(HostileDataset.ROOT_ELSEWHERE);
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      assertThatThrownBy(() -> Reclaimer.reclaim(
              new ReclaimRequest(
                  source.toString(),
                  dataset.toString(),
                  Map.of(),
                  ReclaimOptions.defaults().withGrace(Duration.ZERO)),
              engine,
              new TextCatalog(),
              new ParquetAuditLog(),
              ProgressListener.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("was folded from /etc, not from");
    }
    assertEveryOriginalIsThere();
  }

  @Test
  void whatIsProvenIsReclaimedAllTheSame() throws IOException {
    write(HostileDataset.DEAD_BEYOND_ITS_ROWS);
    reclaimIfPossible();
    assertThat(source.resolve("aaaa")).doesNotExist();
    assertEachFileIsReadable();
  }

  @Test
  void aFileThatIsLiveTwiceIsNotReclaimed() throws IOException {
    write(HostileDataset.LIVE_TWICE);
    reclaimIfPossible();
    assertThat(source.resolve("aaaa")).hasContent(HostileDataset.CONTENT);
  }

  /** The dataset says that everybody may read what its source lets only the user who unfolds read. */
  @Test
  void aPassThroughFileIsForNobodyMoreThanItsOriginal() throws IOException {
    write(HostileDataset.DEAD_BEYOND_ITS_ROWS);
    FoldedTree.setMode(source.resolve(HostileDataset.PASS_THROUGH), 0600);
    unfold(recording());
    Path restored = target.resolve(HostileDataset.PASS_THROUGH);
    assertThat(restored).hasContent(HostileDataset.CONTENT);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(restored)))
        .isEqualTo("rw-------");
    assertThat(Files.getOwner(restored))
        .isEqualTo(Files.getOwner(source.resolve(HostileDataset.PASS_THROUGH)));
    assertThat(incomplete).containsKey(HostileDataset.PASS_THROUGH);
    assertThat(incomplete.get(HostileDataset.PASS_THROUGH)).contains("original changed");
  }

  /** The directories stand; then one becomes a link. */
  @Test
  void aLinkThatIsSwappedInMeanwhileIsNotFollowed() throws IOException {
    write(HostileDataset.DEAD_BEYOND_ITS_ROWS);
    unfold(new UnfoldListener() {
      @Override
      public void phase(String name, long toDo, long bytesToDo) {
        try {
          Files.delete(target.resolve("xx"));
          Files.createSymbolicLink(target.resolve("xx"), outside);
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void failed(LogicalPath path, String reason) {
        failed.put(path.toString(), reason);
      }
    });
    assertThat(outside).isEmptyDirectory();
    assertThat(failed).containsKey("xx/yyyy");
    assertThat(failed.get("xx/yyyy")).contains("symbolic link");
    assertThat(target.resolve("dddd/yyyy")).hasContent(HostileDataset.CONTENT);
  }

  private UnfoldListener recording() {
    return new UnfoldListener() {
      @Override
      public void incomplete(LogicalPath path, String reason) {
        incomplete.merge(path.toString(), reason, (one, other) -> one + "; " + other);
      }
    };
  }

  /** A container among the files, and one index block that is gone: its records must not pass for the outer one's. */
  @Test
  void aContainerThatWasFoldedFoolsNoRepair() throws IOException {
    MemoryStore store = new MemoryStore();
    MemoryStore donor = new MemoryStore();
    DatasetBuilder inner = DatasetBuilder.on(donor, "/no/such/source");
    ContainerId folded =
        inner.add(new Content().file("a", "other bytes").file("evil", "never folded here"));
    byte[] container = donor.get("containers/" + folded + ".pleat");
    DatasetBuilder builder = DatasetBuilder.on(store, "/no/such/source");
    ContainerId outer = builder.add(new Content()
        .file("a", "right bytes")
        .file("b.pleat", container, DatasetBuilder.PLAIN)
        .file("c", "behind it"));
    builder.commit();
    String path = "containers/" + outer + ".pleat";
    store.put(path, Forged.beheaded(store.get(path)));
    RepairReport report = repair(store);
    assertThat(report.mended()).isEqualTo(1);
    assertThat(report.isSound()).isTrue();
    DatasetView.assertHolds("rebuilt", store, builder.tree());
  }

  /** Records, right by their checksums, that claim to be what no container has. */
  @Test
  void recordsOfImpossibleNumbersAreNotSalvaged() throws IOException {
    for (int ordinal : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 20}) {
      MemoryStore store = new MemoryStore();
      DatasetBuilder builder = DatasetBuilder.on(store, "/no/such/source");
      ContainerId one = builder.add(new Content().file("a", "a").file("b", "b"));
      builder.add(new Content().file("c", "c"));
      builder.commit();
      ForgedDataset.of(store)
          .container(one, (file, id) -> Forged.beheaded(Forged.numbered(file, id, ordinal)));
      RepairReport report = repair(store);
      assertThat(report.lost()).isEqualTo(2);
      assertThat(UTF_8.decode(DatasetView.open(store).read(LogicalPath.of("c"))).toString())
          .isEqualTo("c");
    }
  }

  private static RepairReport repair(Store store) throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Repairer.repair(
          new RepairRequest("memory", Map.of(), Set.of(), false, false),
          () -> store,
          engine,
          new TextCatalog(),
          new NoCatalogReader(),
          TextEntryCatalog::new,
          RepairListener.NONE);
    }
  }
}
