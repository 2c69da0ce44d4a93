package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.Condemnation;
import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.CondemnedListWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Lease;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.dataset.VersionSet;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.ForwardingStore;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** On a store whose clock moves a second with each change. */
class TestExpirer {
  private static final CatalogWriter CATALOG = new ParquetCatalogWriter();

  /** Longer than a run takes by the store's clock. */
  private static final Duration GRACE = Duration.ofSeconds(1_000);

  private static final ExpireRequest REQUEST =
      ExpireRequest.defaults().withKeep(2).withOlderThan(Duration.ZERO).withGrace(GRACE);

  private final MemoryStore memory = new MemoryStore();
  private ContainerId replaced;

  /** Five snapshots: a container that the third replaces by another, and one that all have but the first. */
  @BeforeEach
  void fold() throws IOException {
    DatasetBuilder builder = DatasetBuilder.on(memory, "/source");
    replaced = builder.add(new Content().file("a", "one").file("b", "two"));
    builder.commit();
    builder.add(new Content().file("c", "three"));
    builder.commit();
    builder.removeFile("a").removeFile("b");
    builder.add(new Content().file("a", "one").file("b", "two"));
    builder.commit();
    remove(replaced);
    builder = DatasetBuilder.addingTo(memory);
    builder.add(new Content().file("d", "four"));
    builder.commit();
    memory.advance(GRACE.plusSeconds(1));
  }

  private void remove(ContainerId container) throws IOException {
    DatasetLog log = DatasetLog.open(memory);
    log.commit(
        log.current(),
        SnapshotChange.by("compact", UUID.randomUUID(), "/source").withRemoved(Set.of(container)),
        CATALOG);
  }

  @Test
  void expiresInTwoRunsAGracePeriodApart() throws IOException {
    Map<String, String> before = contents();
    ExpireReport first = expire(memory, REQUEST);
    assertThat(first.condemned()).isEqualTo(VersionSet.between(1, 3));
    assertThat(first.expired()).isEqualTo(VersionSet.NONE);
    assertThat(first.condemnedFiles()).isGreaterThan(3);
    assertThat(memory.files()).contains(ContainerSummary.pathOf(replaced));
    assertThat(contents(3)).isEqualTo(contents(4)); // may still be read by who has it

    ExpireReport tooEarly = expire(memory, REQUEST);
    assertThat(tooEarly.deletedFiles()).isZero();
    assertThat(tooEarly.waiting()).hasSize(1);
    assertThat(tooEarly.waiting().get(0))
        .startsWith("condemned by version 6: its grace period ends");
    assertThat(memory.files()).contains(ContainerSummary.pathOf(replaced));

    memory.advance(GRACE.plusSeconds(1));
    ExpireReport second = expire(memory, REQUEST);
    assertThat(second.expired()).isEqualTo(VersionSet.between(1, 3));
    assertThat(second.deletedFiles()).isEqualTo(first.condemnedFiles());
    assertThat(memory.files()).doesNotContain(ContainerSummary.pathOf(replaced));
    assertThatThrownBy(() -> DatasetLog.open(memory).snapshot(2))
        .isInstanceOf(SnapshotExpiredException.class)
        .hasMessageContaining("snapshot 2 of memory:/test has expired; these can be read: ");
    assertThat(contents()).isEqualTo(before);
    assertEverythingReferredToIsThere();
  }

  @Test
  void runWithNothingToDoCommitsNothing() throws IOException {
    ExpireReport report = expire(memory, REQUEST.withKeep(10));
    assertThat(report.condemned()).isEqualTo(VersionSet.NONE);
    assertThat(report.condemnedFiles()).isZero();
    assertThat(report.version()).isEqualTo(5);
  }

  @Test
  void dryRunChangesNothingAndSaysTheSame() throws IOException {
    List<LogicalPath> before = memory.files();
    ExpireReport dry = expire(memory, REQUEST.asDryRun());
    assertThat(memory.files()).isEqualTo(before);
    ExpireReport real = expire(memory, REQUEST);
    assertThat(dry.condemned()).isEqualTo(real.condemned());
    assertThat(dry.condemnedFiles()).isEqualTo(real.condemnedFiles());
    assertThat(dry.condemnedBytes()).isEqualTo(real.condemnedBytes());
  }

  @Test
  void youngSnapshotsAndFilesOfRunsUnderWayStay() throws IOException {
    memory.put("containers/00000000000000000000000000000001.pleat", new byte[] {1});
    ExpireReport report = expire(memory, REQUEST.withOlderThan(GRACE.multipliedBy(3)));
    assertThat(report.condemned()).isEqualTo(VersionSet.NONE);
    assertThat(report.condemnedFiles()).isZero();
    memory.advance(GRACE.plusSeconds(1));
    ExpireReport later = expire(memory, REQUEST.withOlderThan(GRACE.multipliedBy(30)));
    assertThat(later.condemned()).isEqualTo(VersionSet.NONE);
    assertThat(later.condemnedFiles()).isEqualTo(1);
  }

  @Test
  void pinnedSnapshotStaysUntilItsLeaseIsOver() throws IOException {
    Lease lease = Lease.acquire(memory, 2, GRACE, "a reader");
    assertThat(expire(memory, REQUEST).condemned()).isEqualTo(VersionSet.of(1, 3));
    memory.advance(GRACE.minusSeconds(200));
    lease.renew();
    memory.advance(GRACE.minusSeconds(200));
    assertThat(expire(memory, REQUEST.withKeep(1)).condemned()).isEqualTo(VersionSet.of(4));
    assertThat(contents(2)).containsKeys("a", "b", "c");
    memory.advance(GRACE); // the reader died
    assertThat(expire(memory, REQUEST.withKeep(9)).condemned()).isEqualTo(VersionSet.NONE);
    assertThat(memory.files().toString()).doesNotContain("_pleat/leases/");
    assertThat(expire(memory, REQUEST.withKeep(1)).condemned().contains(2)).isTrue();
  }

  @Test
  void readerThatIsQuickerThanTheCondemnationKeepsItsFiles() throws IOException {
    Store late = new ForwardingStore(memory) {
      @Override
      public void createExclusively(LogicalPath path, byte[] content) throws IOException {
        if (path.name().startsWith("0000")) {
          Lease.acquire(memory, 3, GRACE.multipliedBy(4), "a quick reader");
        }
        super.createExclusively(path, content);
      }
    };
    assertThat(expire(late, REQUEST).condemned()).isEqualTo(VersionSet.between(1, 3));
    memory.advance(GRACE.plusSeconds(1));
    ExpireReport report = expire(memory, REQUEST);
    assertThat(report.deletedFiles()).isZero();
    assertThat(report.waiting().get(0)).contains("a reader pins snapshot 3 until");
    assertThat(contents(3)).containsKeys("a", "b", "c");
    memory.advance(GRACE.multipliedBy(4));
    assertThat(expire(memory, REQUEST).expired().contains(3)).isTrue();
  }

  @Test
  void condemnedAndExpiredSnapshotsCannotBePinned() throws IOException {
    expire(memory, REQUEST);
    assertThatThrownBy(() -> Lease.acquire(memory, 3, GRACE, "late"))
        .isInstanceOf(CondemnedException.class)
        .hasMessage(
            "snapshot 3 of memory:/test was condemned by version 6 and is about to be deleted");
    memory.advance(GRACE.plusSeconds(1));
    expire(memory, REQUEST);
    assertThatThrownBy(() -> Lease.acquire(memory, 3, GRACE, "later"))
        .isInstanceOf(SnapshotExpiredException.class);
    assertThat(memory.files().toString()).doesNotContain("_pleat/leases/");
  }

  @Test
  void whoeverCommitsWhileFilesAreListedIsSeen() throws IOException {
    boolean[] once = {false};
    Store raced = new ForwardingStore(memory) {
      @Override
      public void createExclusively(LogicalPath path, byte[] content) throws IOException {
        if (path.name().startsWith("0000") && !once[0]) {
          once[0] = true;
          DatasetBuilder winner = DatasetBuilder.addingTo(memory);
          winner.add(new Content().file("e", "five"));
          winner.commit();
        }
        super.createExclusively(path, content);
      }
    };
    ExpireReport report = expire(raced, REQUEST);
    assertThat(report.version()).isEqualTo(7);
    assertThat(report.condemned()).isEqualTo(VersionSet.between(1, 4));
    memory.advance(GRACE.plusSeconds(1));
    expire(memory, REQUEST);
    assertThat(contents()).containsKeys("a", "d", "e");
    assertEverythingReferredToIsThere();
  }

  @Test
  void condemnedFileThatIsReferredToStopsEverything() throws IOException {
    DatasetLog log = DatasetLog.open(memory);
    Snapshot head = log.current().orElseThrow();
    LogicalPath live = log.containers(head).get(0).path();
    try (CondemnedListWriter list = CondemnedListWriter.create(memory)) {
      list.add(live);
      log.commit(
          Optional.of(head),
          SnapshotChange.by("odd", UUID.randomUUID(), "/source")
              .withCondemned(Condemnation.of(VersionSet.NONE, List.of(list.finish()))),
          CATALOG);
    }
    memory.advance(GRACE.plusSeconds(1));
    List<LogicalPath> before = memory.files();
    assertThatThrownBy(() -> expire(memory, REQUEST))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(
            live
                + " was condemned by version 6, but a snapshot that is kept refers to it: nothing was deleted");
    assertThat(memory.files()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whateverHappensAtAnyOperationNothingIsLostAndTheNextRunFinishes(Fault fault)
      throws IOException {
    for (long at = 0; ; at++) {
      MemoryStore copy = memory.copy();
      boolean happened = false;
      for (int run = 0; run < 2; run++) {
        FaultyStore faulty = FaultyStore.faultyAt(copy, fault, at);
        try {
          expire(faulty, REQUEST);
        } catch (IOException e) {
          assertThat(fault.isToldBy(e)).as("%s at %s: %s", fault, at, e).isTrue();
        }
        happened |= faulty.operations() > at;
        copy.crash();
        assertEverythingReferredToIsThere(copy, fault + " at " + at + " of run " + run);
        copy.advance(GRACE.plusSeconds(1));
      }
      // Whatever was left half done: what is condemned now goes in the run after.
      for (int run = 0; run < 3; run++) {
        expire(copy, REQUEST);
        copy.advance(GRACE.plusSeconds(1));
      }
      assertEverythingReferredToIsThere(copy, fault + " at " + at);
      assertThat(contents(copy)).as("%s at %d", fault, at).isEqualTo(contents());
      assertThat(copy.files())
          .as("%s at %d", fault, at)
          .doesNotContain(ContainerSummary.pathOf(replaced));
      if (!happened) {
        return;
      }
    }
  }

  private static ExpireReport expire(Store store, ExpireRequest request) throws IOException {
    return Expirer.expire(store, request, CATALOG, UUID.randomUUID());
  }

  private void assertEverythingReferredToIsThere() throws IOException {
    assertEverythingReferredToIsThere(memory, "");
  }

  private static void assertEverythingReferredToIsThere(MemoryStore store, String what)
      throws IOException {
    DatasetLog log = DatasetLog.open(store);
    Snapshot head = log.current().orElseThrow();
    Set<LogicalPath> files = new HashSet<>(store.files());
    for (long version : head.retention().kept(head.version()).stream().toArray()) {
      log.visitReferences(log.snapshot(version), file -> {
        if (!file.path().toString().startsWith("catalog/")) { // the builder writes none
          assertThat(files).as("%s: version %d", what, version).contains(file.path());
        }
      });
    }
  }

  private Map<String, String> contents() throws IOException {
    return contents(memory);
  }

  private static Map<String, String> contents(Store store) throws IOException {
    return contents(store, DatasetLog.open(store).current().orElseThrow());
  }

  private Map<String, String> contents(long version) throws IOException {
    return contents(memory, DatasetLog.open(memory).snapshot(version));
  }

  private static Map<String, String> contents(Store store, Snapshot snapshot) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (FoldedDataset dataset =
            FoldedDataset.open(store, snapshot, Map.of(), ReaderOptions.defaults());
        Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      for (ListedItem item : items.filter(item -> !item.isDirectory()).toList()) {
        contents.put(
            item.path().toString(),
            StandardCharsets.UTF_8.decode(dataset.read(item.path())).toString());
      }
    }
    return contents;
  }
}
