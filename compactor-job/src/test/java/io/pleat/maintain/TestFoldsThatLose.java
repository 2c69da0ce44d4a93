package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folds that have written everything when another run commits. */
class TestFoldsThatLose {
  @TempDir
  private Path directory;

  private LivingTree tree;

  @BeforeEach
  void fold() throws IOException {
    tree = new LivingTree(directory);
    for (int i = 0; i < 12; i++) {
      tree.write("d" + i % 3 + "/f" + i, "content " + i);
    }
    tree.write("e/below", "below a directory");
    tree.fold();
    for (int i = 0; i < 6; i++) {
      tree.write("d" + i % 3 + "/g" + i, "more " + i);
    }
    tree.fold();
  }

  private interface Rival {
    void commit() throws IOException;
  }

  private FoldReport foldWhile(MirrorDeletes mirror, Rival rival) throws IOException {
    return tree.fold(FoldOptions.defaults().withMirror(mirror), new ProgressListener() {
      @Override
      public void phase(String name, long files, long bytes) {
        if (name.equals("commit")) {
          try {
            rival.commit();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }
      }
    });
  }

  private void compact() throws IOException {
    long before = tree.head().version();
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      Compactor.compact(
          new CompactRequest(
              tree.dataset(), Map.of(), CompactionRules.defaults().withMinSmall(2), false),
          engine,
          new ParquetCatalogWriter(),
          ParquetEntryCatalog::new,
          CompactListener.NONE);
    }
    assertThat(tree.head().version()).isGreaterThan(before);
  }

  private void rollback(long version) throws IOException {
    new Rollback(
            new RollbackRequest(tree.dataset(), Map.of(), version, 0, false),
            new ParquetCatalogWriter())
        .run();
  }

  private void assertSound(Map<String, String> expected) throws IOException {
    assertThat(tree.findings()).isEmpty();
    assertThat(tree.held()).isEqualTo(expected);
    assertThat(tree.head().statistics().files()).isEqualTo(expected.size());
  }

  @Test
  void toACompactionReplaceTheirFilesInTheNewContainers() throws IOException {
    tree.write("d0/f0", "changed");
    tree.write("d1/new", "new");
    tree.deleteTree("e");
    tree.write("e", "a file now");
    tree.delete("d2/f2");
    tree.write("d2/f2/inside", "a directory now");

    assertThat(foldWhile(MirrorDeletes.OFF, this::compact).committed()).isPresent();

    assertSound(tree.originals());
    assertThat(tree.fold().committed()).isEmpty();
  }

  @Test
  void toACompactionMarkWhatVanishedThere() throws IOException {
    tree.delete("d0/f0");
    tree.deleteTree("e");
    tree.delete("d1/g4");

    assertThat(foldWhile(MirrorDeletes.ANYWAY, this::compact).committed()).isPresent();

    assertSound(tree.originals());
    assertThat(tree.heldDirectories()).containsExactly("d0", "d1", "d2");
  }

  @Test
  void toACompactionAndARemovalDoNotBringAnythingBack() throws IOException {
    tree.write("d0/f0", "changed");
    tree.delete("d0/f3");
    tree.write("d1/f4", "changed, too");

    foldWhile(MirrorDeletes.ANYWAY, () -> {
      compact();
      tree.rm("d0/f3", "d1/f1");
    });

    Map<String, String> expected = tree.originals();
    expected.remove("d1/f1");
    assertSound(expected);
  }

  @Test
  void toACompactionYieldToAnOnlyCopy() throws IOException {
    tree.write("d0/f0", "changed");

    foldWhile(MirrorDeletes.OFF, () -> {
      compact();
      tree.reclaim("d0/f0");
    });

    assertThat(tree.held()).containsEntry("d0/f0", "content 0").hasSize(19);
    assertThat(tree.head().reclaimedFiles()).isEqualTo(1);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void toAFoldAndACompactionYieldToTheOtherFold() throws IOException {
    tree.write("d0/f0", "changed");
    tree.write("d1/new", "new");

    foldWhile(MirrorDeletes.OFF, () -> {
      tree.write("d0/f0", "changed once more");
      tree.fold();
      compact();
    });

    assertSound(tree.originals());
    assertThat(tree.fold().committed()).isEmpty();
  }

  /** The fold saw a file, and takes what is below the directory of that name for dead; the other saw the directory. */
  @Test
  void toAFoldThatSawTheDirectoryLeaveWhatIsBelowIt() throws IOException {
    aFileForAMoment();

    foldWhile(MirrorDeletes.OFF, this::foldTheDirectoryAgain);

    assertSound(tree.originals());
    assertThat(tree.fold().committed()).isEmpty();
  }

  @Test
  void toSuchAFoldAndACompactionLeaveItInTheNewContainers() throws IOException {
    aFileForAMoment();

    foldWhile(MirrorDeletes.OFF, () -> {
      foldTheDirectoryAgain();
      compact();
    });

    assertSound(tree.originals());
    assertThat(tree.fold().committed()).isEmpty();
  }

  private void aFileForAMoment() throws IOException {
    Files.move(tree.source().resolve("e"), directory.resolve("aside"));
    tree.write("e", "a file for a moment");
  }

  private void foldTheDirectoryAgain() throws IOException {
    tree.delete("e");
    Files.move(directory.resolve("aside"), tree.source().resolve("e"));
    tree.write("e/beside", "new");
    tree.fold();
  }

  @Test
  void toARollbackLeaveOneEntryAPath() throws IOException {
    tree.rm("d0/f0", "e/below");
    tree.write("d0/f0", "anew");
    tree.deleteTree("e");
    tree.write("e", "a file now");

    // What the fold takes for dead is live again.
    foldWhile(MirrorDeletes.OFF, () -> rollback(2));

    assertThat(tree.findings()).isEmpty();
    assertThat(tree.held())
        .containsEntry("d0/f0", "content 0")
        .containsKey("e/below")
        .hasSize(19);
    tree.fold();
    assertSound(tree.originals());
  }

  @Test
  void toARollbackKeepWhatTheRollbackLeaves() throws IOException {
    tree.write("d0/f0", "changed");
    tree.fold();
    tree.write("d0/f0", "changed again");
    tree.write("d1/new", "new");

    foldWhile(MirrorDeletes.OFF, () -> rollback(2));

    assertThat(tree.findings()).isEmpty();
    assertThat(tree.held()).containsEntry("d0/f0", "content 0").containsEntry("d1/new", "new");
    tree.fold();
    assertSound(tree.originals());
  }
}
