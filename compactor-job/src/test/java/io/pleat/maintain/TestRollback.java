package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Snapshot;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestRollback {
  @TempDir
  private Path directory;

  private LivingTree tree;

  @BeforeEach
  void foldATree() throws IOException {
    tree = new LivingTree(directory);
    for (int i = 0; i < 12; i++) {
      tree.write("d/f" + i, "content " + i);
    }
    tree.fold();
  }

  private RollbackReport rollback(long version, long onlyCopies) throws IOException {
    return new Rollback(
            new RollbackRequest(tree.dataset(), Map.of(), version, onlyCopies, false),
            new ParquetCatalogWriter())
        .run();
  }

  @Test
  void everythingIsAsItWasAndTheNextFoldGoesOn() throws IOException {
    Map<String, String> before = tree.held();
    tree.rm("d/f1");
    tree.write("d/f2", "changed");
    tree.write("e/new", "new");
    tree.fold();
    RollbackReport report = rollback(1, 0);

    assertThat(report.version()).isEqualTo(4);
    assertThat(report.files()).isEqualTo(12);
    assertThat(tree.held()).isEqualTo(before);
    assertThat(tree.held(3))
        .containsEntry("d/f2", "changed")
        .containsKey("e/new")
        .hasSize(12);
    assertThat(tree.head().statistics().files()).isEqualTo(12);
    assertThat(tree.findings()).isEmpty();
    tree.fold();
    assertThat(tree.held()).isEqualTo(tree.originals()).hasSize(13);
    assertThat(tree.findings()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whateverHappensAtAnyOperationAllIsRolledBackOrNothing(Fault fault) throws IOException {
    Map<String, String> first = tree.held();
    tree.rm("d/f1", "d/f3");
    tree.write("d/f2", "changed");
    tree.write("e/new", "new");
    tree.fold();
    tree.reclaim("d/f4", "d/f5");
    Map<String, String> before = tree.held();
    long version = tree.head().version();
    Set<Long> versions = new HashSet<>();
    boolean reached = true;
    for (long at = 0; reached; at++) {
      String what = fault + " at operation " + at;
      LivingTree copy = tree.copy(directory.resolve(fault + "-" + at));
      RollbackRequest request = new RollbackRequest(copy.dataset(), Map.of(), 1, 0, false);
      try (Store local = Stores.open(copy.dataset(), Map.of())) {
        FaultyStore faulty = FaultyStore.faultyAt(local, fault, at);
        try {
          new Rollback(request, new ParquetCatalogWriter()).run(faulty);
        } catch (IOException e) {
          assertThat(fault.isToldBy(e)).as("%s: %s", what, e).isTrue();
        }
        reached = faulty.operations() > at;
      }
      long now = copy.head().version();
      versions.add(now);
      assertThat(now).as(what).isBetween(version, version + 1);
      assertThat(copy.held()).as(what).isEqualTo(now == version ? before : first);
      if (now == version) {
        new Rollback(request, new ParquetCatalogWriter()).run(); // the next run finishes the work
      }
      assertThat(copy.held()).as(what).isEqualTo(first);
      assertThat(copy.head().reclaimedFiles()).as(what).isEqualTo(2);
      if (at % 8 == 0) {
        assertThat(copy.findings()).as(what).isEmpty();
      }
    }
    assertThat(versions).contains(version + 1).hasSize(2);
  }

  @Test
  void onlyCopiesStayOnlyCopies() throws IOException {
    tree.reclaim("d/f1", "d/f2");
    tree.rm("d/f3");
    rollback(1, 0);

    assertThat(tree.held()).hasSize(12);
    assertThat(tree.head().reclaimedFiles()).isEqualTo(2);
    assertThatThrownBy(() -> tree.rm("d/f1")).isInstanceOf(OnlyCopyException.class);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void onlyCopiesThatWouldBecomeUnreachableMustBeCounted() throws IOException {
    tree.write("later", "folded later");
    tree.write("d/f1", "changed");
    tree.fold();
    tree.reclaim("later", "d/f1", "d/f2");
    Snapshot before = tree.head();

    assertThatThrownBy(() -> rollback(1, 0))
        .isInstanceOf(OnlyCopyException.class)
        .hasMessageStartingWith(
            "2 files whose original was reclaimed are not in snapshot 1 as they are now, first ")
        .hasMessageEndingWith("if that is right, pass --only-copies 2");
    assertThatThrownBy(() -> rollback(1, 1)).isInstanceOf(OnlyCopyException.class);
    assertThat(tree.head()).isEqualTo(before);
    assertThat(rollback(1, 2).unreachable()).isEqualTo(2);
    assertThat(tree.held()).containsEntry("d/f1", "content 1").hasSize(12);
    assertThat(tree.head().reclaimedFiles()).isEqualTo(1);
    assertThat(tree.findings()).isEmpty();
    rollback(before.version(), 0);
    assertThat(tree.held()).containsEntry("d/f1", "changed").containsKey("later");
    assertThat(tree.head().reclaimedFiles()).isEqualTo(3);
  }

  @Test
  void tombstonesGoBackToo() throws IOException {
    tree.rm("d/f1");
    tree.write("d/f1", "changed");
    tree.fold();
    rollback(2, 0);

    assertThat(tree.held()).doesNotContainKey("d/f1");
    tree.fold();
    assertThat(tree.held()).containsEntry("d/f1", "changed");
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void newestAndLaterVersionsAreMisuse() {
    assertThatThrownBy(() -> rollback(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot roll back to version 1: the newest is 1");
    assertThatThrownBy(() -> rollback(0, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void differencesAreToldInKeyOrder() throws IOException {
    tree.rm("d/f1");
    tree.write("d/f2", "changed!");
    tree.write("a", "new");
    tree.fold();
    java.nio.file.Files.setLastModifiedTime(
        tree.source().resolve("d/f3"), java.nio.file.attribute.FileTime.fromMillis(1000));
    tree.fold();
    List<String> differences = new ArrayList<>();
    try (FoldedDataset from =
            FoldedDataset.open(tree.dataset(), 1, Map.of(), ReaderOptions.defaults());
        FoldedDataset to =
            FoldedDataset.open(tree.dataset(), 4, Map.of(), ReaderOptions.defaults())) {
      SnapshotDiff.compare(
          from, to, (change, path, length) -> differences.add(change + " " + path + " " + length));
      SnapshotDiff.compare(to, to, (change, path, length) -> differences.add("none"));
    }

    assertThat(differences)
        .containsExactly("ADDED a 3", "REMOVED d/f1 9", "CHANGED d/f2 8", "ATTRIBUTES d/f3 9");
  }
}
