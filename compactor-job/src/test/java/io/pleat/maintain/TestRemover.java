package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Snapshot;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.FoldReport;
import io.pleat.fold.MirrorDeletes;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TestRemover {
  @TempDir
  private Path directory;

  private LivingTree tree;

  @BeforeEach
  void foldATree() throws IOException {
    tree = new LivingTree(directory);
    for (int i = 0; i < 10; i++) {
      tree.write("d/f" + i, "content of d/f" + i);
      tree.write("d/e/g" + i, "content of d/e/g" + i);
    }
    tree.write("d-e", "sorts near d/e");
    tree.write("large", "x".repeat(LivingTree.MAX_FILE_SIZE + 1));
    tree.fold();
  }

  @Test
  void removedFilesStayAwayFromTheNextFold() throws IOException {
    Snapshot before = tree.head();
    RemoveReport report = tree.rm("d/f3", "large");

    assertThat(report.files()).isEqualTo(2);
    assertThat(report.bytes()).isEqualTo("content of d/f3".length() + LivingTree.MAX_FILE_SIZE + 1);
    assertThat(tree.held()).hasSize(20).doesNotContainKeys("d/f3", "large");
    assertThat(tree.held(before.version())).hasSize(22);
    assertThat(tree.head().statistics().files()).isEqualTo(20);
    assertThat(tree.head().statistics().passThroughFiles()).isZero();
    assertThat(tree.head().statistics().sourceFiles()).isEqualTo(22);
    assertThat(tree.fold().committed()).isEmpty();
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void fileThatDiffersFromItsTombstoneIsFoldedAndTheTombstoneDies() throws IOException {
    tree.rm("d/f3");
    tree.write("d/f3", "new content");
    FoldReport report = tree.fold();

    assertThat(report.newFiles()).isEqualTo(1);
    assertThat(tree.held()).containsEntry("d/f3", "new content");
    assertThat(tree.head().tombstones().deletionVectors()).hasSize(1);
    assertThat(tree.fold().committed()).isEmpty();
    tree.rm("d/f3");
    assertThat(tree.fold().committed()).isEmpty();
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void directoriesGoWithAllThatIsInThemAndStayAway() throws IOException {
    RemoveReport report = tree.rm("d/e", "d/e/g3", "d-e");

    assertThat(report.files()).isEqualTo(11);
    assertThat(report.directories()).isEqualTo(1);
    assertThat(tree.held().keySet())
        .allMatch(path -> path.startsWith("d/f") || path.equals("large"));
    assertThat(tree.heldDirectories()).containsExactly("d");
    assertThat(tree.head().statistics().directories()).isEqualTo(2);
    assertThat(tree.fold().committed()).isEmpty();
    tree.write("d/e/new", "new");
    tree.fold();
    assertThat(tree.heldDirectories()).containsExactly("d", "d/e");
    assertThat(tree.held()).containsEntry("d/e/new", "new").hasSize(12);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void oneFileWritesKilobytes() throws IOException {
    long before = bytes();
    tree.rm("d/f3");

    assertThat(bytes() - before).isBetween(1L, 10_000L);
  }

  private long bytes() throws IOException {
    try (var files = Files.walk(Path.of(tree.dataset()))) {
      return files
          .filter(Files::isRegularFile)
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  @Test
  void whatIsNotThereAndDirectoriesWithoutMinusRAreRefusedWhole() throws IOException {
    Snapshot before = tree.head();

    assertThatThrownBy(() -> tree.rm("d/f1", "nowhere"))
        .isInstanceOf(IOException.class)
        .hasMessage(tree.dataset() + " holds no file or directory 'nowhere'");
    assertThatThrownBy(() -> new Remover(
                new RemoveRequest(
                    tree.dataset(),
                    Map.of(),
                    tree.request(false, "d").paths(),
                    false,
                    false,
                    false),
                new ParquetCatalogWriter())
            .run())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'d' is a directory; pass -r to remove it with all that is in it");
    assertThatThrownBy(() -> tree.request(false, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the root cannot be removed");
    assertThat(tree.head()).isEqualTo(before);
  }

  @Test
  void onlyCopiesGoOnlyWhenTold() throws IOException {
    Snapshot before = tree.reclaim("d/f1", "d/f2");

    assertThatThrownBy(() -> tree.rm("d"))
        .isInstanceOf(OnlyCopyException.class)
        .hasMessage(
            "d/f1: the original was reclaimed and the dataset has the only copy, as of 1 other"
                + " files; nothing was removed; if that is right, pass --only-copy");
    assertThat(tree.head()).isEqualTo(before);
    RemoveReport report = tree.rmOnlyCopies("d/f1");
    assertThat(report.onlyCopies()).isEqualTo(1);
    assertThat(tree.head().reclaimedFiles()).isEqualTo(1);
    assertThat(tree.head().tombstones().manifests()).isEmpty();
    tree.write("d/f1", "back again");
    tree.fold();
    assertThat(tree.held()).containsEntry("d/f1", "back again").containsKey("d/f2");
    assertThat(tree.findings()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(value = Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whateverHappensAtAnyOperationAllIsRemovedOrNothing(Fault fault) throws IOException {
    Map<String, String> before = tree.held();
    long version = tree.head().version();
    RemoveRequest request = tree.request(false, "d/e", "large");
    Set<Long> versions = new HashSet<>();
    for (long at = 0; ; at++) {
      LivingTree copy = tree.copy(directory.resolve(fault + "-" + at));
      FaultyStore faulty;
      try (Store local = Stores.open(copy.dataset(), Map.of())) {
        faulty = FaultyStore.faultyAt(local, fault, at);
        new Remover(request, new ParquetCatalogWriter()).run(faulty);
      } catch (IOException e) {
        assertThat(fault.isToldBy(e)).as("%s at %s: %s", fault, at, e).isTrue();
        faulty = null;
      }
      String what = fault + " at operation " + at;
      long now = copy.head().version();
      versions.add(now);
      assertThat(now).as(what).isBetween(version, version + 1);
      assertThat(copy.held()).as(what).hasSize(now == version ? 22 : 11);
      if (now == version) {
        assertThat(copy.held()).as(what).isEqualTo(before);
        copy.rm("d/e", "large"); // the next run finishes the work
      }
      assertThat(copy.held()).as(what).hasSize(11);
      if (at % 8 == 0) {
        assertThat(copy.findings()).as(what).isEmpty();
      }
      if (faulty != null && faulty.operations() <= at) {
        break;
      }
    }
    assertThat(versions).contains(version + 1).hasSize(2);
  }

  @Test
  void manyRemovalsMergeTheirTombstones() throws IOException {
    for (int i = 0; i < 40; i++) {
      tree.write("many/m" + i, "m" + i);
    }
    tree.fold();
    for (int i = 0; i < 40; i++) {
      tree.rm("many/m" + i);
    }

    assertThat(tree.head().tombstones().manifests().stream()
            .mapToInt(m -> m.containers())
            .sum())
        .isBetween(1, 32);
    assertThat(tree.fold().committed()).isEmpty();
    assertThat(tree.held()).hasSize(22);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void tombstoneOfAFileThatBecameADirectoryDoesNotHoldItBack() throws IOException {
    tree.rm("d-e");
    tree.delete("d-e");
    tree.write("d-e/inside", "inside");
    tree.fold();

    assertThat(tree.held()).containsEntry("d-e/inside", "inside");
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void removedFilesThatVanishAreNoMatterForMirrorDeletes() throws IOException {
    tree.rm("d/f3");
    tree.delete("d/f3");
    tree.delete("d/f4");
    tree.fold(MirrorDeletes.CAREFUL);

    assertThat(tree.held()).hasSize(20).doesNotContainKeys("d/f3", "d/f4");
    assertThat(tree.findings()).isEmpty();
  }
}
