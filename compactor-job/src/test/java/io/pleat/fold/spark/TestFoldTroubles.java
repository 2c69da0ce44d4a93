package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldReport.LooseFile;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.SmallDisk;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can go wrong while a fold runs: files that change under it, files it may not read, disks that are full. */
class TestFoldTroubles extends AbstractTestFold {
  @Test
  void filesThatChangeDuringTheFoldStayLooseAndTheNextFoldTakesThem() throws IOException {
    for (String name :
        new String[] {"vanishes", "grows", "shrinks", "rewritten", "swapped", "steady"}) {
      write(name, "content of " + name);
    }
    Path elsewhere = temp.resolve("elsewhere");
    Files.writeString(elsewhere, "content of swapped");
    FoldReport report = fold(before("write", () -> {
      Files.delete(source.resolve("vanishes"));
      Files.writeString(source.resolve("grows"), "content of grows, and more");
      Files.writeString(source.resolve("shrinks"), "less");
      try (RandomAccessFile file =
          new RandomAccessFile(source.resolve("rewritten").toFile(), "rw")) {
        file.writeBytes("CONTENT OF rewritte");
      }
      Files.delete(source.resolve("swapped"));
      Files.createSymbolicLink(source.resolve("swapped"), elsewhere);
    }));
    assertThat(report.files()).isEqualTo(1);
    assertThat(report.looseFiles()).isEqualTo(5);
    assertThat(report.looseSample())
        .extracting(LooseFile::path)
        .contains("vanishes", "grows", "swapped");
    assertThat(looseLists()).contains("rewritten").contains("shrinks");
    assertThat(read("steady")).isEqualTo("content of steady");

    FoldReport next = fold();
    assertThat(next.files()).isEqualTo(4);
    assertThat(next.looseFiles()).isZero();
    assertThat(next.notKept()).containsEntry("symbolic link", 1L);
    assertThat(read("grows")).isEqualTo("content of grows, and more");
  }

  @Test
  void aChangedFileThatChangesAgainKeepsItsOldVersion() throws IOException {
    write("a", "first");
    write("b", "other");
    fold();
    write("a", "second version");
    write("b", "other, changed");
    FoldReport report =
        fold(before("write", () -> Files.writeString(source.resolve("a"), "third")));
    assertThat(report.looseFiles()).isEqualTo(1);
    assertThat(read("a")).isEqualTo("first");
    assertThat(read("b")).isEqualTo("other, changed");
  }

  @Test
  void aDirectorySwappedForALinkIsNotFollowed() throws IOException {
    write("d/file", "inside");
    write("steady", "x");
    Path outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("file"), "secret");
    Files.setLastModifiedTime(
        outside.resolve("file"), FileTime.from(LONG_AGO.toInstant().plusSeconds(6)));
    FoldReport report = fold(before("write", () -> {
      Files.move(source.resolve("d"), temp.resolve("moved"));
      Files.createSymbolicLink(source.resolve("d"), outside);
    }));
    assertThat(report.looseFiles()).isEqualTo(1);
    assertThat(report.files()).isEqualTo(1);
  }

  @Test
  void unreadableFilesAndDirectoriesStayLoose() throws IOException {
    write("readable", "x");
    write("unreadable-file", "x");
    write("unreadable-directory/file", "x");
    FoldReport report = fold("troubled:" + source, dataset.toString(), Map.of());
    assertThat(report.files()).isEqualTo(1);
    assertThat(report.looseFiles()).isEqualTo(2);
    assertThat(report.looseByReason().keySet())
        .containsExactlyInAnyOrder(
            "cannot be read: permission denied", "directory cannot be listed: permission denied");
    assertThat(looseLists()).contains("unreadable-file").contains("unreadable-directory/");
  }

  @Test
  void tooLittleSpaceIsSaidBeforeAnythingIsWritten() throws IOException {
    write("a", "x".repeat(5000));
    assertThatThrownBy(
            () -> fold(source.toString(), "troubled:" + dataset, Map.of("troubled.usable", "1000")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too little space")
        .hasMessageContaining(dataset.toString());
    assertThat(dataset.resolve("containers"))
        .satisfiesAnyOf(
            path -> assertThat(path).doesNotExist(), path -> assertThat(path).isEmptyDirectory());
  }

  @Test
  void spaceThatRunsOutFailsTheFoldAndLeavesNothingBehind() throws IOException {
    for (int i = 0; i < 50; i++) {
      write("f" + i, "x".repeat(50_000));
    }
    assertThatThrownBy(() ->
            fold(source.toString(), "troubled:" + dataset, Map.of("troubled.writable", "1000000")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    assertThat(dataset.resolve("containers")).isEmptyDirectory();
    assertThat(dataset.resolve("_pleat/snapshots")).doesNotExist();
    FoldReport report = fold("" + source, "troubled:" + dataset, Map.of());
    assertThat(report.files()).isEqualTo(50);
  }

  @Test
  void progressIsToldWhileFilesAreWritten() throws IOException {
    for (int i = 0; i < 20; i++) {
      write("f" + i, "x".repeat(1000));
    }
    List<Long> heard = new CopyOnWriteArrayList<>();
    FoldOptions slow = FoldOptions.defaults().withMaxRequestsPerSecond(20);
    fold(source.toString(), dataset.toString(), Map.of(), slow, new ProgressListener() {
      private volatile boolean writing;

      @Override
      public void phase(String name, long files, long bytes) {
        writing = name.equals("write");
      }

      @Override
      public void progress(long files, long bytes) {
        if (writing) {
          heard.add(files);
        }
      }
    });
    assertThat(heard).isNotEmpty().isSorted().allMatch(files -> files <= 20);
  }

  @Test
  void aDiskThatFillsUpAfterTheCheckFailsTheFoldUntilThereIsSpaceAgain() throws Exception {
    for (int i = 0; i < 40; i++) {
      write("f" + i, "x".repeat(100_000));
    }
    try (SmallDisk disk = SmallDisk.mount(temp.resolve("disk"), 16)) {
      dataset = disk.root().resolve("dataset");
      assertThatThrownBy(() -> fold(before("write", () -> disk.fill("else"))))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("no space left at " + dataset + " (")
          .hasMessageContaining("No space left on device")
          .hasMessageEndingWith(": nothing was committed; free some or choose another place");
      assertThat(dataset.resolve("containers")).isEmptyDirectory();
      assertThat(dataset.resolve("_pleat/snapshots")).doesNotExist();

      Files.delete(disk.root().resolve("else"));
      FoldReport first = fold();
      assertThat(first.files()).isEqualTo(40);
      write("more", "y".repeat(100_000));
      assertThatThrownBy(() -> fold(before("commit", () -> disk.fill("else"))))
          .hasMessageStartingWith("no space left at " + dataset + " (");
      Files.delete(disk.root().resolve("else"));
      assertThat(containers()).hasSize(1);
      assertThat(contents()).hasSize(40);
      assertThat(fold().version()).isEqualTo(2);
      assertThat(contents()).hasSize(41);
    }
  }

  private List<Path> containers() throws IOException {
    try (Stream<Path> files = Files.list(dataset.resolve("containers"))) {
      return files.toList();
    }
  }

  @Test
  void filesModifiedAtTheMomentOfTheirReadAreReadAgainByTheNextFold() throws IOException {
    write("calm", "x");
    Files.writeString(source.resolve("racy"), "just now");
    FileTime time = Files.getLastModifiedTime(source.resolve("racy"));
    // A clock that steps once an hour: whatever was modified in this hour may be modified again
    // unseen.
    Map<String, String> coarse = Map.of("troubled.granularity", String.valueOf(3_600_000_000_000L));
    fold("troubled:" + source, dataset.toString(), coarse);
    assertThat(isRacy("racy")).isTrue();
    assertThat(isRacy("calm")).isFalse();

    FoldReport unchanged = fold("troubled:" + source, dataset.toString(), coarse);
    assertThat(unchanged.committed()).isEmpty();

    Files.writeString(source.resolve("racy"), "JUST NOW");
    Files.setLastModifiedTime(source.resolve("racy"), time);
    FoldReport changed = fold("troubled:" + source, dataset.toString(), coarse);
    assertThat(changed.newFiles()).isEqualTo(1);
    assertThat(read("racy")).isEqualTo("JUST NOW");
  }

  private boolean isRacy(String path) throws IOException {
    try (FoldedDataset reader = open()) {
      return reader.locate(LogicalPath.of(path)).orElseThrow().entry().racy();
    }
  }

  private String read(String path) throws IOException {
    try (FoldedDataset reader = open()) {
      return StandardCharsets.UTF_8.decode(reader.read(LogicalPath.of(path))).toString();
    }
  }
}
