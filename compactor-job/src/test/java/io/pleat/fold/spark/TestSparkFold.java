package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRefusedException;
import io.pleat.fold.FoldReport;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** The job on local files, in the context of spark-testing-base. */
class TestSparkFold extends AbstractTestFold {
  @Test
  void foldedTreeReadsBackBitForBit() throws IOException {
    randomTree(500, 1);
    FoldReport report = fold();
    assertThat(report.files()).isEqualTo(500);
    assertThat(report.looseFiles()).isZero();
    assertThat(report.version()).isEqualTo(1);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void manyContainersAreDisjointAndNearTheTarget() throws IOException {
    randomTree(800, 2);
    FoldReport report = fold(FoldOptions.defaults().withContainerSize(64 << 10));
    assertThat(report.containers()).isGreaterThan(10);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void compressedTreeReadsBack() throws IOException {
    for (int i = 0; i < 300; i++) {
      write("text/" + i + ".txt", ("line " + i + " of a text that repeats itself\n").repeat(20));
    }
    FoldReport report = fold(FoldOptions.defaults().withCodec(CodecChoice.parse("zstd:3")));
    assertThat(report.storedBytes()).isLessThan(report.payloadBytes() / 3);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void secondRunWithNothingToDoCommitsNothing() throws IOException {
    randomTree(50, 3);
    fold();
    FoldReport again = fold();
    assertThat(again.committed()).isEmpty();
    assertThat(again.version()).isEqualTo(1);
    assertThat(again.newContainers()).isZero();
    assertThat(containersOnDisk()).isEqualTo(1);
  }

  @Test
  void onlyNewAndChangedFilesAreFolded() throws IOException {
    randomTree(100, 4);
    write("changed", "before");
    fold();
    write("changed", "after the change");
    write("new/file", "new");
    FoldReport second = fold();
    assertThat(second.newFiles()).isEqualTo(2);
    assertThat(second.files()).isEqualTo(102);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void firstFoldWritesNoFilterAndLaterOnesDo() throws IOException {
    randomTree(30, 5);
    fold();
    write("new/file", "new");
    fold();
    try (FoldedDataset folded = open()) {
      assertThat(folded.containers())
          .hasSize(2)
          .allSatisfy(container ->
              assertThat(container.filter().isPresent()).isEqualTo(container.sequence() > 1));
    }
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void modeAndOwnerChangesAreFoldedAgain() throws IOException {
    Path file = write("a", "same");
    fold();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r-x"));
    assertThat(fold().newFiles()).isEqualTo(1);
  }

  @Test
  void fileThatBecameADirectoryAndTheReverse() throws IOException {
    write("a", "a file");
    write("b/c/d", "below");
    write("b/e", "below");
    fold();
    Files.delete(source.resolve("a"));
    Files.delete(source.resolve("b/c/d"));
    Files.delete(source.resolve("b/c"));
    Files.delete(source.resolve("b/e"));
    Files.delete(source.resolve("b"));
    write("a/x", "now below a");
    write("b", "now a file");
    FoldReport report = fold();
    assertThat(report.files()).isEqualTo(2);
    assertThat(contents()).isEqualTo(originals());
    try (FoldedDataset reader = open()) {
      assertThat(reader.list(LogicalPath.ROOT).map(item -> item.path().toString()))
          .containsExactly("b", "a");
    }
  }

  @Test
  void vanishedFilesStayInTheDataset() throws IOException {
    write("gone", "kept");
    write("stays", "x");
    fold();
    Files.delete(source.resolve("gone"));
    fold();
    assertThat(contents()).containsKeys("gone", "stays");
  }

  @Test
  void emptyFilesAndDirectoriesAndAwkwardNamesSurvive() throws IOException {
    write("empty", "");
    Files.createDirectory(source.resolve("hollow"));
    for (String name : List.of(
        "with space",
        "new\nline",
        "per%cent",
        "ha#sh",
        "co:lon",
        "st*r",
        "back\\slash",
        "\uD83D\uDE00",
        "e\u0301",
        "n".repeat(255),
        ".dot",
        "_under",
        "a-b",
        "a.b",
        "a b")) {
      write("names/" + name, name);
    }
    write("a/b", "x");
    FoldReport report = fold();
    assertThat(report.looseFiles()).isZero();
    assertThat(contents()).isEqualTo(originals());
    try (FoldedDataset reader = open()) {
      assertThat(reader
              .list(LogicalPath.ROOT)
              .filter(ListedItem::isDirectory)
              .map(item -> item.path().toString()))
          .contains("hollow");
    }
  }

  @Test
  void emptySourceFoldsToAnEmptyDataset() throws IOException {
    FoldReport report = fold();
    assertThat(report.files()).isZero();
    assertThat(report.version()).isEqualTo(1);
    assertThat(contents()).isEmpty();
    assertThat(fold().committed()).isEmpty();
  }

  @Test
  void largeFilesPassThroughAndMustStayAsTheyAre() throws IOException {
    write("small", "s");
    Path large = write("large", "l".repeat(2000));
    FoldReport report = fold(FoldOptions.defaults().withMaxFileSize(1000));
    assertThat(report.passThroughFiles()).isEqualTo(1);
    assertThat(contents()).isEqualTo(originals());
    Files.writeString(large, "changed");
    try (FoldedDataset reader = open()) {
      assertThatThrownBy(() -> reader.read(LogicalPath.of("large")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("large");
    }
  }

  @Test
  void unlistableNamesStayLooseAndAreListed() throws Exception {
    write("good", "x");
    Process touch = new ProcessBuilder(
            "bash", "-c", "touch \"$0/$(printf 'bad\\xff')\"", source.toString())
        .start();
    assertThat(touch.waitFor()).isZero();
    FoldReport report = fold();
    assertThat(report.looseFiles()).isEqualTo(1);
    assertThat(report.files()).isEqualTo(1);
    assertThat(looseLists()).contains("bad");
  }

  @Test
  void pathsAtTheLimitAreFoldedAndThoseBeyondStayLoose() throws Exception {
    // 4,095 bytes is the longest path that Linux opens; a process gets beyond in steps.
    String makeTree = """
        import os, sys
        os.chdir(sys.argv[1])
        length = len(os.getcwd())
        while length + 201 < 4090:
            os.mkdir('n' * 200); os.chdir('n' * 200); length += 201
        open('e' * min(255, 4095 - length - 1), 'w').write('at the limit')
        os.mkdir('b' * 200); os.chdir('b' * 200)
        open('beyond', 'w').write('beyond')
        """;
    try {
      assertThat(
              new ProcessBuilder("python3", "-c", makeTree, source.toRealPath().toString())
                  .start()
                  .waitFor())
          .isZero();
      FoldReport report = fold();
      assertThat(report.files()).isEqualTo(1);
      assertThat(report.looseFiles()).isEqualTo(1);
      try (FoldedDataset reader = open();
          Stream<ListedItem> items = reader.listRecursively(LogicalPath.ROOT)) {
        assertThat(items.filter(item -> !item.isDirectory())).hasSize(1);
      }
    } finally {
      assertThat(new ProcessBuilder("rm", "-rf", source.toString()).start().waitFor())
          .isZero();
    }
  }

  @Test
  void strictFoldCommitsNothingWhenAFileStaysLoose() throws Exception {
    write("good", "x");
    Process touch = new ProcessBuilder(
            "bash", "-c", "touch \"$0/$(printf 'bad\\xff')\"", source.toString())
        .start();
    assertThat(touch.waitFor()).isZero();
    assertThatThrownBy(() -> fold(FoldOptions.defaults().withStrict(true)))
        .isInstanceOf(FoldRefusedException.class)
        .hasMessageContaining("--strict")
        .hasMessageContaining("bad");
    assertThat(current()).isEmpty();
  }

  @Test
  void dryRunWritesNothing() throws IOException {
    randomTree(20, 5);
    FoldReport report = fold(FoldOptions.defaults().withDryRun(true));
    assertThat(report.newFiles()).isEqualTo(20);
    assertThat(dataset).doesNotExist();
  }

  @Test
  void wideningAccessIsRefusedUnlessAskedFor() throws IOException {
    Path secret = write("secret", "x");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> fold())
        .isInstanceOf(FoldRefusedException.class)
        .hasMessageContaining("secret")
        .hasMessageContaining("--allow-wider-access");
    assertThat(current()).isEmpty();
    assertThat(fold(FoldOptions.defaults().withAllowWiderAccess(true)).files()).isEqualTo(1);
  }

  @Test
  void aFirstFoldThatIsRefusedLeavesNothing() throws Exception {
    Path secret = write("secret", "x");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    assertThatThrownBy(() -> fold()).isInstanceOf(FoldRefusedException.class);
    assertThat(dataset).doesNotExist();
    Files.createDirectory(dataset);
    assertThatThrownBy(() -> fold()).isInstanceOf(FoldRefusedException.class);
    assertThat(dataset).isEmptyDirectory();
    Files.delete(dataset);
    assertThatThrownBy(
            () -> fold(source.toString(), "troubled:" + dataset, Map.of("troubled.usable", "0")))
        .isInstanceOf(IOException.class);
    assertThat(dataset).doesNotExist();
    assertThatThrownBy(() -> fold("" + source.resolve("missing"), "" + dataset, Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(dataset).doesNotExist();

    fold(FoldOptions.defaults().withAllowWiderAccess(true));
    write("secret", "changed");
    assertThatThrownBy(() -> fold()).isInstanceOf(FoldRefusedException.class);
    assertThat(contents()).containsOnlyKeys("secret");
  }

  @Test
  void devicesAreReportedAndNeverOpened() throws Exception {
    write("file", "x");
    // Major 240 is for local use: whoever opens such a node gets ENXIO, if nothing worse.
    for (String kind : List.of("c", "b")) {
      Process mknod = new ProcessBuilder(
              "mknod", source.resolve("device-" + kind).toString(), kind, "240", "0")
          .start();
      assumeThat(mknod.waitFor()).as("exit code of mknod: are we root?").isZero();
    }
    // Its end of file never comes: a fold that opened it would not end either.
    Process zero =
        new ProcessBuilder("mknod", source.resolve("zero").toString(), "c", "1", "5").start();
    assumeThat(zero.waitFor()).isZero();
    FoldReport report = fold();
    assertThat(report.files()).isEqualTo(1);
    assertThat(report.looseFiles()).isZero();
    assertThat(report.objectsBefore()).isEqualTo(1);
    assertThat(report.notKept()).containsExactly(Map.entry("pipe, socket or device", 3L));
    assertThat(looseLists()).contains("\"device-b\"\t\"not kept: ", "\"device-c\"\t", "\"zero\"\t");
    assertThat(contents()).containsOnlyKeys("file");
  }

  @Test
  void aFileSwappedForADeviceDuringTheFoldStaysLoose() throws Exception {
    write("file", "x");
    Path swapped = write("swapped", "content");
    Path device = temp.resolve("zero");
    Process mknod = new ProcessBuilder("mknod", device.toString(), "c", "1", "5").start();
    assumeThat(mknod.waitFor()).as("exit code of mknod: are we root?").isZero();
    FoldReport report = fold(
        before("write", () -> Files.move(device, swapped, StandardCopyOption.REPLACE_EXISTING)));
    assertThat(report.files()).isEqualTo(1);
    assertThat(looseLists()).contains("\"swapped\"\t\"changed during the fold\"");
  }

  @Test
  void privateSourceMakesAPrivateDataset() throws IOException {
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwx------"));
    write("a", "x");
    fold();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dataset)))
        .isEqualTo("rwx------");
  }

  @Test
  void wrongPlacesAreRefusedBeforeAnythingIsWritten() throws IOException {
    write("a", "x");
    assertThatThrownBy(
            () -> fold(source.resolve("missing").toString(), dataset.toString(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> fold(source.resolve("a").toString(), dataset.toString(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a directory");
    assertThatThrownBy(() -> fold(source.toString(), source.resolve("inside").toString(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inside SOURCE");
    assertThatThrownBy(() -> fold(source.toString(), temp.toString(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inside DATASET");
    Path other = Files.createDirectory(temp.resolve("other"));
    Files.writeString(other.resolve("precious"), "x");
    assertThatThrownBy(() -> fold(source.toString(), other.toString(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no Pleat dataset");
    assertThat(other.resolve("precious")).hasContent("x");
    fold();
    Path second = Files.createDirectory(temp.resolve("second"));
    assertThatThrownBy(() -> fold(second.toString(), dataset.toString(), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was folded from");
    assertThat(source.resolve("inside")).doesNotExist();
  }

  @Test
  void runsAreRecordedWithOutcome() throws IOException {
    write("a", "x");
    FoldReport report = fold();
    Path record = dataset.resolve("_pleat/runs/" + report.runId() + ".json");
    assertThat(Files.readString(record)).contains("\"committed\"").contains("\"foldedFiles\"");
  }

  private void randomTree(int files, long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < files; i++) {
      byte[] content = new byte[random.nextInt(8) == 0 ? 0 : random.nextInt(6000)];
      random.nextBytes(content);
      Path file = source.resolve("d" + random.nextInt(20) + "/e" + random.nextInt(5) + "/f" + i);
      Files.createDirectories(file.getParent());
      Files.write(file, content);
      Files.setLastModifiedTime(file, LONG_AGO);
    }
  }

  private Map<String, String> originals() throws IOException {
    Map<String, String> all = new TreeMap<>();
    Files.walkFileTree(source, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        all.put(
            source.relativize(file).toString(),
            Files.readString(file, StandardCharsets.ISO_8859_1));
        return FileVisitResult.CONTINUE;
      }
    });
    return all;
  }

  private Optional<Snapshot> current() throws IOException {
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      return DatasetLog.open(store).current();
    }
  }

  private long containersOnDisk() throws IOException {
    try (Stream<Path> files = Files.list(dataset.resolve("containers"))) {
      return files.count();
    }
  }

  @Test
  void sparkShowsHowManyFilesWereListedAndFolded() throws Exception {
    for (int i = 0; i < 12; i++) {
      write("d/" + i, "content");
    }
    Map<String, Object> shown = new ConcurrentHashMap<>();
    SparkListener listener = new SparkListener() {
      @Override
      public void onStageCompleted(SparkListenerStageCompleted stage) {
        CollectionConverters.asJava(stage.stageInfo().accumulables().values()).forEach(each -> {
          if (each.name().isDefined() && each.value().isDefined()) {
            shown.put(each.name().get(), each.value().get());
          }
        });
      }
    };
    jsc().sc().addSparkListener(listener);
    try {
      fold();
      jsc().sc().listenerBus().waitUntilEmpty();
    } finally {
      jsc().sc().removeSparkListener(listener);
    }
    assertThat(shown)
        .containsEntry("files listed", 12L)
        .containsEntry("files folded", 12L)
        .containsEntry("bytes folded", 12L * "content".length());
  }
}
