package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.holdenkarau.spark.testing.SharedJavaSparkContext;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldRefusedException;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.ProgressListener;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job on local files, in the context of spark-testing-base. */
class TestSparkFold extends SharedJavaSparkContext {
  private static final FileTime LONG_AGO =
      FileTime.from(Instant.parse("2020-02-02T02:02:02.123456789Z"));

  @TempDir
  Path temp;

  private Path source;
  private Path dataset;

  @Override
  public SparkConf conf() {
    return super.conf().set("spark.ui.enabled", "false").set("spark.master", "local[2]");
  }

  @BeforeEach
  void up() throws IOException {
    runBefore();
    source = Files.createDirectory(temp.resolve("source"));
    dataset = temp.resolve("dataset");
  }

  @AfterAll
  static void down() {
    SharedJavaSparkContext.runAfterClass();
  }

  @Test
  void foldedTreeReadsBackBitForBit() throws IOException {
    randomTree(500, 1);
    FoldReport report = fold(options());
    assertThat(report.files()).isEqualTo(500);
    assertThat(report.looseFiles()).isZero();
    assertThat(report.version()).isEqualTo(1);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void manyContainersAreDisjointAndNearTheTarget() throws IOException {
    randomTree(800, 2);
    FoldReport report = fold(options(64 << 10, CodecChoice.NONE));
    assertThat(report.containers()).isGreaterThan(10);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void compressedTreeReadsBack() throws IOException {
    for (int i = 0; i < 300; i++) {
      write("text/" + i + ".txt", ("line " + i + " of a text that repeats itself\n").repeat(20));
    }
    FoldReport report = fold(options(1 << 30, CodecChoice.parse("zstd:3")));
    assertThat(report.storedBytes()).isLessThan(report.payloadBytes() / 3);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void secondRunWithNothingToDoCommitsNothing() throws IOException {
    randomTree(50, 3);
    fold(options());
    FoldReport again = fold(options());
    assertThat(again.committed()).isEmpty();
    assertThat(again.version()).isEqualTo(1);
    assertThat(again.newContainers()).isZero();
    assertThat(containersOnDisk()).isEqualTo(1);
  }

  @Test
  void onlyNewAndChangedFilesAreFolded() throws IOException {
    randomTree(100, 4);
    write("changed", "before");
    fold(options());
    write("changed", "after the change");
    write("new/file", "new");
    FoldReport second = fold(options());
    assertThat(second.newFiles()).isEqualTo(2);
    assertThat(second.files()).isEqualTo(102);
    assertThat(contents()).isEqualTo(originals());
  }

  @Test
  void modeAndOwnerChangesAreFoldedAgain() throws IOException {
    Path file = write("a", "same");
    fold(options());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r-x"));
    assertThat(fold(options()).newFiles()).isEqualTo(1);
  }

  @Test
  void fileThatBecameADirectoryAndTheReverse() throws IOException {
    write("a", "a file");
    write("b/c/d", "below");
    write("b/e", "below");
    fold(options());
    Files.delete(source.resolve("a"));
    Files.delete(source.resolve("b/c/d"));
    Files.delete(source.resolve("b/c"));
    Files.delete(source.resolve("b/e"));
    Files.delete(source.resolve("b"));
    write("a/x", "now below a");
    write("b", "now a file");
    FoldReport report = fold(options());
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
    fold(options());
    Files.delete(source.resolve("gone"));
    fold(options());
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
    FoldReport report = fold(options());
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
    FoldReport report = fold(options());
    assertThat(report.files()).isZero();
    assertThat(report.version()).isEqualTo(1);
    assertThat(contents()).isEmpty();
    assertThat(fold(options()).committed()).isEmpty();
  }

  @Test
  void largeFilesPassThroughAndMustStayAsTheyAre() throws IOException {
    write("small", "s");
    Path large = write("large", "l".repeat(2000));
    FoldOptions options = withMaxFileSize(1000);
    FoldReport report = fold(options);
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
    FoldReport report = fold(options());
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
      FoldReport report = fold(options());
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
    FoldOptions defaults = options();
    FoldOptions strict = new FoldOptions(
        defaults.maxFileSize(),
        defaults.containerSize(),
        defaults.maxEntries(),
        defaults.codec(),
        List.of(),
        List.of(),
        true,
        false,
        false,
        0,
        0,
        0);
    assertThatThrownBy(() -> fold(strict))
        .isInstanceOf(FoldRefusedException.class)
        .hasMessageContaining("--strict")
        .hasMessageContaining("bad");
    assertThat(current()).isEmpty();
  }

  @Test
  void dryRunWritesNothing() throws IOException {
    randomTree(20, 5);
    FoldOptions defaults = options();
    FoldOptions dry = new FoldOptions(
        defaults.maxFileSize(),
        defaults.containerSize(),
        defaults.maxEntries(),
        defaults.codec(),
        List.of(),
        List.of(),
        false,
        true,
        false,
        0,
        0,
        0);
    FoldReport report = fold(dry);
    assertThat(report.newFiles()).isEqualTo(20);
    assertThat(dataset).doesNotExist();
  }

  @Test
  void wideningAccessIsRefusedUnlessAskedFor() throws IOException {
    Path secret = write("secret", "x");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThatThrownBy(() -> fold(options()))
        .isInstanceOf(FoldRefusedException.class)
        .hasMessageContaining("secret")
        .hasMessageContaining("--allow-wider-access");
    assertThat(current()).isEmpty();
    FoldOptions defaults = options();
    FoldOptions allowed = new FoldOptions(
        defaults.maxFileSize(),
        defaults.containerSize(),
        defaults.maxEntries(),
        defaults.codec(),
        List.of(),
        List.of(),
        false,
        false,
        true,
        0,
        0,
        0);
    assertThat(fold(allowed).files()).isEqualTo(1);
  }

  @Test
  void privateSourceMakesAPrivateDataset() throws IOException {
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwx------"));
    write("a", "x");
    fold(options());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dataset)))
        .isEqualTo("rwx------");
  }

  @Test
  void wrongPlacesAreRefusedBeforeAnythingIsWritten() throws IOException {
    write("a", "x");
    assertThatThrownBy(() -> fold(source.resolve("missing"), dataset, options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> fold(source.resolve("a"), dataset, options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a directory");
    assertThatThrownBy(() -> fold(source, source.resolve("inside"), options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inside SOURCE");
    assertThatThrownBy(() -> fold(source, temp, options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("inside DATASET");
    Path other = Files.createDirectory(temp.resolve("other"));
    Files.writeString(other.resolve("precious"), "x");
    assertThatThrownBy(() -> fold(source, other, options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no Pleat dataset");
    assertThat(other.resolve("precious")).hasContent("x");
    fold(options());
    Path second = Files.createDirectory(temp.resolve("second"));
    assertThatThrownBy(() -> fold(second, dataset, options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was folded from");
    assertThat(source.resolve("inside")).doesNotExist();
  }

  @Test
  void runsAreRecordedWithOutcome() throws IOException {
    write("a", "x");
    FoldReport report = fold(options());
    Path record = dataset.resolve("_pleat/runs/" + report.runId() + ".json");
    assertThat(Files.readString(record)).contains("\"committed\"").contains("\"foldedFiles\"");
  }

  private FoldReport fold(FoldOptions options) throws IOException {
    return fold(source, dataset, options);
  }

  private FoldReport fold(Path from, Path to, FoldOptions options) throws IOException {
    return SparkFold.fold(
        jsc(),
        new FoldRequest(from.toString(), to.toString(), Map.of(), options),
        ProgressListener.NONE);
  }

  private static FoldOptions options() {
    return options(1 << 30, CodecChoice.NONE);
  }

  private static FoldOptions options(long containerSize, CodecChoice codec) {
    FoldOptions defaults = FoldOptions.defaults();
    return new FoldOptions(
        defaults.maxFileSize(),
        containerSize,
        defaults.maxEntries(),
        codec,
        List.of(),
        List.of(),
        false,
        false,
        false,
        0,
        0,
        0);
  }

  private static FoldOptions withMaxFileSize(long maxFileSize) {
    FoldOptions defaults = FoldOptions.defaults();
    return new FoldOptions(
        maxFileSize,
        defaults.containerSize(),
        defaults.maxEntries(),
        defaults.codec(),
        List.of(),
        List.of(),
        false,
        false,
        false,
        0,
        0,
        0);
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

  private Path write(String path, String content) throws IOException {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(
        file, FileTime.from(LONG_AGO.toInstant().plusSeconds(content.length())));
    return file;
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

  private Map<String, String> contents() throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (FoldedDataset reader = open();
        Stream<ListedItem> items = reader.listRecursively(LogicalPath.ROOT)) {
      for (ListedItem item : items.filter(item -> !item.isDirectory()).toList()) {
        ByteBuffer bytes = reader.read(item.path());
        all.put(
            item.path().toString(), StandardCharsets.ISO_8859_1.decode(bytes).toString());
      }
    }
    return all;
  }

  private FoldedDataset open() throws IOException {
    return FoldedDataset.open(
        dataset.toString(),
        Map.of(),
        ReaderOptions.defaults()
            .withAllowedSourceRoots(Set.of(source.toRealPath().toString())));
  }

  private java.util.Optional<Snapshot> current() throws IOException {
    try (Store store = Stores.open(dataset.toString(), Map.of())) {
      return DatasetLog.open(store).current();
    }
  }

  private long containersOnDisk() throws IOException {
    try (Stream<Path> files = Files.list(dataset.resolve("containers"))) {
      return files.count();
    }
  }

  private String looseLists() throws IOException {
    try (Stream<Path> files = Files.walk(dataset.resolve("_pleat/runs"))) {
      return files
          .filter(file -> file.toString().contains("loose"))
          .map(file -> {
            try {
              return Files.readString(file);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          })
          .collect(Collectors.joining());
    }
  }
}
