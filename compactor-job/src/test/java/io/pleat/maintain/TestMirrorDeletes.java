package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Snapshot;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRefusedException;
import io.pleat.fold.MirrorDeletes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestMirrorDeletes {
  @TempDir
  private Path directory;

  private LivingTree tree;

  @BeforeEach
  void foldATree() throws IOException {
    tree = new LivingTree(directory);
    for (int i = 0; i < 30; i++) {
      tree.write("d" + i % 3 + "/f" + i, "content " + i);
    }
    tree.fold();
  }

  @Test
  void vanishedFilesStayWithoutItAndGoWithIt() throws IOException {
    tree.delete("d0/f3");
    tree.delete("d1/f4");
    tree.fold();
    assertThat(tree.held()).hasSize(30);

    tree.write("d2/new", "new");
    tree.fold(MirrorDeletes.CAREFUL);
    assertThat(tree.held()).isEqualTo(tree.originals());
    assertThat(tree.head().statistics().files()).isEqualTo(29);
    assertThat(tree.head().tombstones().manifests()).isEmpty();
    assertThat(tree.findings()).isEmpty();
    assertThat(tree.fold(MirrorDeletes.CAREFUL).committed()).isEmpty();
  }

  @Test
  void whatLayBelowADirectoryThatIsAFileNowGoesOnce() throws IOException {
    tree.write("e/only", "only");
    tree.fold();
    tree.deleteTree("e");
    tree.write("e", "a file now");
    tree.fold(MirrorDeletes.CAREFUL);

    assertThat(tree.held()).isEqualTo(tree.originals());
    assertThat(tree.head().statistics().files()).isEqualTo(31);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void vanishedDirectoriesGo() throws IOException {
    tree.write("e/only", "only");
    tree.fold();
    tree.deleteTree("e");
    tree.fold(MirrorDeletes.CAREFUL);

    assertThat(tree.heldDirectories()).containsExactly("d0", "d1", "d2");
    assertThat(tree.head().statistics().directories()).isEqualTo(4);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void moreThanATenthIsRefusedUnlessTold() throws IOException {
    for (int i = 0; i < 4; i++) {
      tree.delete("d" + i % 3 + "/f" + i);
    }
    Snapshot before = tree.head();

    assertThatThrownBy(() -> tree.fold(MirrorDeletes.CAREFUL))
        .isInstanceOf(FoldRefusedException.class)
        .hasMessage(
            "4 files of 30, more than a tenth, are not at SOURCE any more: --mirror-deletes marks"
                + " nothing dead, and nothing was committed; if that is right, pass --mirror-deletes-anyway");
    assertThat(tree.head()).isEqualTo(before);
    tree.fold(MirrorDeletes.ANYWAY);
    assertThat(tree.held()).isEqualTo(tree.originals()).hasSize(26);
  }

  @Test
  void emptySourceIsRefused() throws IOException {
    for (int i = 0; i < 3; i++) {
      tree.deleteTree("d" + i);
    }

    assertThatThrownBy(() -> tree.fold(MirrorDeletes.CAREFUL))
        .isInstanceOf(FoldRefusedException.class)
        .hasMessageStartingWith("SOURCE " + tree.source().toRealPath() + " is empty: ");
    assertThat(tree.held()).hasSize(30);
  }

  @Test
  void onlyCopiesAndTheirDirectoriesAlwaysStay() throws IOException {
    tree.write("e/f/only", "only");
    tree.fold();
    tree.reclaim("e/f/only", "d0/f0");
    tree.deleteTree("e");
    tree.fold(MirrorDeletes.ANYWAY);

    assertThat(tree.held())
        .containsEntry("e/f/only", "only")
        .containsKey("d0/f0")
        .hasSize(31);
    assertThat(tree.heldDirectories()).containsExactly("d0", "d1", "d2", "e", "e/f");
    assertThat(tree.head().statistics().directories()).isEqualTo(6);
    assertThat(tree.head().reclaimedFiles()).isEqualTo(2);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void fileWhereADirectoryOfOnlyCopiesWasIsLeftLoose() throws IOException {
    tree.reclaim("d0/f0");
    tree.deleteTree("d0");
    tree.write("d0", "a file now");
    var report = tree.fold();

    assertThat(report.looseByReason())
        .containsEntry("the dataset has the only copies of files below this name", 1L);
    assertThat(tree.held()).containsKey("d0/f0").doesNotContainKey("d0");
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void fileThatCameBackUnderAReclaimedNameReplacesIt() throws IOException {
    tree.reclaim("d0/f0");
    tree.fold();
    assertThat(tree.held()).hasSize(30);
    tree.write("d0/f0", "rewritten");
    tree.fold();

    assertThat(tree.held()).containsEntry("d0/f0", "rewritten").hasSize(30);
    assertThat(tree.head().reclaimedFiles()).isZero();
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void whatTheFoldDidNotLookForHasNotVanished() throws IOException {
    tree.delete("d0/f0");
    tree.fold(FoldOptions.defaults()
        .withMirror(MirrorDeletes.ANYWAY)
        .withExcludes(List.of("d1"))
        .withIncludes(List.of("f*")));

    assertThat(tree.held()).hasSize(29).doesNotContainKey("d0/f0");
    tree.delete("d0/f3");
    tree.fold(
        FoldOptions.defaults().withMirror(MirrorDeletes.ANYWAY).withIncludes(List.of("nothing*")));
    assertThat(tree.held()).hasSize(29);
    assertThat(tree.findings()).isEmpty();
  }

  @Test
  void fileThatBecameALinkHasNotVanished() throws IOException {
    tree.delete("d0/f0");
    Files.createSymbolicLink(tree.source().resolve("d0/f0"), Path.of("f3"));
    tree.fold(MirrorDeletes.ANYWAY);

    assertThat(tree.held()).hasSize(30);
  }
}
