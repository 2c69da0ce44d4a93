package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.parquet.ParquetAuditLog;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ForwardingStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clocks that are wrong, and times that are coarse: nothing is lost, and nothing goes that is not held. */
class TestReclaimAndClocks {
  private static final Duration HOUR = Duration.ofHours(1);

  @TempDir
  Path directory;

  /**
   * A source whose times have steps of a second, by a clock that is off: a file written again with the same length within that second looks as
   * before, to every fold.
   */
  @ParameterizedTest
  @ValueSource(ints = {-3600, -1, 0, 1, 3600})
  void aFileWrittenTwiceInOneSecondIsNotLost(int offSeconds) throws IOException {
    LivingTree tree = new LivingTree(directory.resolve("t"));
    FileTime second =
        FileTime.from(Instant.now().plusSeconds(offSeconds).truncatedTo(ChronoUnit.SECONDS));
    Path file = tree.source().resolve("f");
    Files.writeString(file, "first bytes");
    Files.setLastModifiedTime(file, second);
    tree.fold();
    Files.writeString(file, "other bytes");
    Files.setLastModifiedTime(file, second);

    ReclaimReport report = reclaim(tree, Duration.ZERO, false);
    assertThat(tree.originals()).containsExactly(Map.entry("f", "other bytes"));
    assertThat(tree.head().reclaimedFiles()).isZero();
    assertThat(report.outcomes()).doesNotContainKey("deleted");
    // Near enough, the fold knows that it may have seen it in the middle of the second; else the
    // bytes tell.
    boolean racy = report.outcomes().containsKey("racy");
    assertThat(racy).isEqualTo(Math.abs(offSeconds) < HOUR.toSeconds() && racy);
    assertThat(report.failures()).hasSize(racy ? 0 : 1);
    if (!racy) {
      assertThat(report.failures().get(0)).contains("f", "other bytes than the dataset");
      Files.setLastModifiedTime(file, FileTime.from(second.toInstant().plusSeconds(5)));
    }
    tree.fold();
    assertThat(tree.held()).containsEntry("f", "other bytes");
    reclaim(tree, Duration.ZERO, false);
    assertThat(tree.held()).containsEntry("f", "other bytes");
  }

  @ParameterizedTest
  @ValueSource(ints = {-3600, 3600})
  void theGracePeriodIsTheStoresAlsoOfADryRun(int offSeconds) throws IOException {
    LivingTree tree = new LivingTree(directory.resolve("t"));
    tree.write("f", "content");
    tree.fold();
    StoreOpener dataset = () -> new OtherClock(Stores.open(tree.dataset(), Map.of()), offSeconds);
    for (boolean dryRun : new boolean[] {true, false}) {
      ReclaimReport young = reclaim(tree, dataset, HOUR.dividedBy(2), dryRun);
      assertThat(young.outcomes()).as("dry run %s", dryRun).containsOnlyKeys("young");
      assertThat(tree.originals()).containsKey("f");
    }
    assertThat(reclaim(tree, dataset, Duration.ZERO, true).outcomes()).containsOnlyKeys("proven");
    try (var probes = Files.list(Path.of(tree.dataset(), "_pleat"))) {
      assertThat(probes.map(each -> each.getFileName().toString()))
          .noneMatch(name -> name.startsWith("probe-"));
    }
    assertThat(reclaim(tree, dataset, Duration.ZERO, false).outcomes())
        .containsEntry("deleted", 1L);
  }

  @Test
  void aDryRunThatMayNotWriteReckonsByThisMachinesClock() throws IOException {
    LivingTree tree = new LivingTree(directory.resolve("t"));
    tree.write("f", "content");
    tree.fold();
    StoreOpener dataset = () -> new ForwardingStore(Stores.open(tree.dataset(), Map.of())) {
      @Override
      public void createExclusively(LogicalPath path, byte[] content) throws IOException {
        throw new IOException("permission denied");
      }
    };
    assertThat(reclaim(tree, dataset, HOUR, true).outcomes()).containsOnlyKeys("young");
  }

  private static ReclaimReport reclaim(LivingTree tree, Duration grace, boolean dryRun)
      throws IOException {
    return reclaim(tree, () -> Stores.open(tree.dataset(), Map.of()), grace, dryRun);
  }

  private static ReclaimReport reclaim(
      LivingTree tree, StoreOpener dataset, Duration grace, boolean dryRun) throws IOException {
    ReclaimRequest request = new ReclaimRequest(
        tree.source().toString(),
        tree.dataset(),
        Map.of(),
        ReclaimOptions.defaults().withGrace(grace).withDryRun(dryRun));
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      return Reclaimer.reclaim(
          request,
          () -> Stores.open(tree.source().toString(), Map.of()),
          dataset,
          engine,
          new ParquetCatalogWriter(),
          new ParquetAuditLog(),
          ProgressListener.NONE);
    }
  }

  /** A store whose clock is off. */
  private static final class OtherClock extends ForwardingStore {
    private final int offSeconds;

    OtherClock(Store store, int offSeconds) {
      super(store);
      this.offSeconds = offSeconds;
    }

    @Override
    public Optional<FileInfo> stat(LogicalPath path) throws IOException {
      return super.stat(path).map(this::shifted);
    }

    private FileInfo shifted(FileInfo file) {
      Attributes before = file.attributes();
      Attributes after = new Attributes(
          before.mtimeSeconds() + offSeconds,
          before.mtimeNanos(),
          before.mode(),
          before.owner(),
          before.group(),
          before.etag());
      return new FileInfo(file.path(), file.kind(), file.length(), after, file.stamp());
    }
  }
}
