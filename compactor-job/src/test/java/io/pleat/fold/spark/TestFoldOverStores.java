package io.pleat.fold.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.cli.CommandRun;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.PendingCount;
import io.pleat.fold.PendingReport;
import io.pleat.fold.ProgressListener;
import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.FoldedTree;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.LocalS3;
import io.pleat.store.hadoop.MiniHdfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;

/** The job from store to store: an HDFS cluster and an S3 server, both on loopback. */
class TestFoldOverStores extends AbstractTestFold {
  @Test
  void hdfsToHdfs() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    assertFoldsIncrementally(
        hdfs.freshDirectory(), hdfs.freshDirectory() + "/ds", hdfs.configuration());
  }

  @Test
  void s3ToS3() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    assertFoldsIncrementally(
        "s3a://" + bucket + "/source", "s3a://" + bucket + "/ds", s3.configuration());
  }

  @Test
  void localToS3() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    assertFoldsIncrementally(
        temp.resolve("source").toString(), "s3a://" + bucket + "/ds", s3.configuration());
  }

  @Test
  void whatWasFoldedFromS3UnfoldsToALocalTree() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    Map<String, String> files = tree(50, 7);
    files.putAll(Map.of(
        "with space",
        "1",
        "per%20cent/ha#sh",
        "2",
        "\u00e9/\uD83D\uDE00",
        "3",
        "a+b",
        "",
        "a:b/?*",
        "5"));
    write("s3a://" + bucket + "/source", s3.configuration(), files);
    String dataset = "s3a://" + bucket + "/ds";
    assertThat(fold("s3a://" + bucket + "/source", dataset, s3.configuration()).files())
        .isEqualTo(files.size());

    Path target = temp.resolve("unfolded");
    CommandRun run = unfold(dataset, target, s3.configuration());
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    Map<String, String> restored = new TreeMap<>();
    Map<String, Instant> times = new TreeMap<>();
    try (Stream<Path> all = Files.walk(target)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = target.relativize(file).toString();
        restored.put(path, Files.readString(file));
        times.put(path, Files.getLastModifiedTime(file).toInstant());
      }
    }
    assertThat(restored).isEqualTo(files);
    Map<String, Instant> listed = new TreeMap<>();
    s3.client()
        .listObjectsV2Paginator(list -> list.bucket(bucket).prefix("source/"))
        .contents()
        .forEach(object ->
            listed.put(object.key().substring("source/".length()), object.lastModified()));
    assertThat(times).isEqualTo(listed);
  }

  @Test
  void aLocalTreeComesBackFromS3WithItsAttributes() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String dataset = "s3a://" + s3.freshBucket() + "/ds";
    write("d/e/file", "content");
    write("d/private", "p");
    FoldedTree.setMode(source.resolve("d/private"), 04700);
    Files.createDirectory(source.resolve("hollow"));
    FoldedTree.setMode(source.resolve("hollow"), 01750);
    for (String path : List.of("d/e", "d", "hollow", "")) {
      Files.setLastModifiedTime(source.resolve(path), LONG_AGO);
    }
    assertThat(fold(source.toString(), dataset, s3.configuration()).files()).isEqualTo(2);
    Path target = temp.resolve("unfolded");
    assertThat(unfold(dataset, target, s3.configuration()).code()).isZero();
    assertThat(FoldedTree.describe(target)).isEqualTo(FoldedTree.describe(source));
  }

  private static CommandRun unfold(String dataset, Path target, Map<String, String> configuration) {
    List<String> args = new ArrayList<>(List.of("unfold", dataset, target.toString()));
    configuration.forEach((key, value) -> args.add("--conf=" + key + "=" + value));
    return CommandRun.of(args.toArray(new String[0]));
  }

  @Test
  void objectStoreKeysThatAreNoTreeStayLoose() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    for (String key : List.of("source/good", "source/deep/er/good", "source/both/below")) {
      s3.client().putObject(put -> put.bucket(bucket).key(key), RequestBody.fromString(key));
    }
    // The server keeps objects in files, so it cannot hold these; it lists them as S3 would.
    s3.listAlso(bucket, "source/both", 3);
    s3.listAlso(bucket, "source/a//b", 3);
    FoldReport report =
        fold("s3a://" + bucket + "/source", "s3a://" + bucket + "/ds", s3.configuration());
    assertThat(report.files()).isEqualTo(3);
    assertThat(report.looseFiles()).isEqualTo(2);
    assertThat(report.looseSample()).extracting(FoldReport.LooseFile::path).contains("both");
    assertThat(read("s3a://" + bucket + "/ds", s3.configuration()))
        .containsOnlyKeys("good", "deep/er/good", "both/below");
  }

  @Test
  void twoWritersOnS3HoldEachFileOnce() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = s3.freshBucket();
    String source = "s3a://" + bucket + "/source";
    Map<String, String> files = tree(30, 5);
    write(source, s3.configuration(), files);
    CyclicBarrier bothStaged = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<FoldReport>> folds = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        folds.add(threads.submit(() -> fold(
            source,
            "s3a://" + bucket + "/ds",
            s3.configuration(),
            FoldOptions.defaults(),
            before("commit", () -> bothStaged.await(150, TimeUnit.SECONDS)))));
      }
      long committed = 0;
      for (Future<FoldReport> fold : folds) {
        committed += fold.get(180, TimeUnit.SECONDS).committed().isPresent() ? 1 : 0;
      }
      assertThat(committed).isEqualTo(1);
    } finally {
      threads.shutdownNow();
    }
    assertThat(read("s3a://" + bucket + "/ds", s3.configuration())).isEqualTo(files);
  }

  @Test
  void storesThatIgnoreConditionsAreRefused() throws Exception {
    try (LocalS3 s3 = LocalS3.startIgnoringConditions()) {
      String bucket = s3.freshBucket();
      write("s3a://" + bucket + "/source", s3.configuration(), Map.of("a", "x"));
      assertThatThrownBy(() ->
              fold("s3a://" + bucket + "/source", "s3a://" + bucket + "/ds", s3.configuration()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("conditional");
    }
  }

  @Test
  void hdfsFilesThatOthersMayNotReadAreNotShownToThem() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String source = hdfs.freshDirectory();
    write(source, hdfs.configuration(), Map.of("secret", "x"));
    hdfs.fileSystem()
        .setPermission(
            new org.apache.hadoop.fs.Path(source + "/secret"), new FsPermission((short) 0600));
    assertThatThrownBy(() -> fold(source, hdfs.freshDirectory() + "/ds", hdfs.configuration()))
        .hasMessageContaining("--allow-wider-access");
  }

  @Test
  void bytesDoNotLeaveTheirEncryptionZoneUnasked() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    String zone = hdfs.freshEncryptionZone("fold-key");
    write(zone + "/source", hdfs.configuration(), Map.of("a", "x"));
    String outside = hdfs.freshDirectory() + "/ds";
    assertThatThrownBy(() -> fold(zone + "/source", outside, hdfs.configuration()))
        .hasMessageContaining("encryption zone")
        .hasMessageContaining("--allow-wider-access");
    assertThat(fold(zone + "/source", zone + "/ds", hdfs.configuration()).files())
        .isEqualTo(1);
  }

  private void assertFoldsIncrementally(
      String source, String dataset, Map<String, String> configuration) throws Exception {
    Map<String, String> files = tree(200, 1);
    write(source, configuration, files);
    assertThat(pending(source, dataset, configuration).newFiles()).isEqualTo(200);
    // Files of this instant are racy: the first run says so, the second reads them again.
    assertThat(fold(source, dataset, configuration).files()).isEqualTo(200);
    assertThat(read(dataset, configuration)).isEqualTo(files);
    FoldReport nothing = fold(source, dataset, configuration);
    assertThat(nothing.committed()).isEmpty();
    Map<String, String> more = Map.of("new/file", "new", "d0/more", "more");
    write(source, configuration, more);
    files.putAll(more);
    PendingReport pending = pending(source, dataset, configuration);
    assertThat(pending.newFiles()).isEqualTo(2);
    assertThat(pending.changedFiles()).isZero();
    assertThat(pending.sourceFiles()).isEqualTo(202);
    FoldReport second = fold(source, dataset, configuration);
    assertThat(second.newFiles()).isEqualTo(2);
    assertThat(second.files()).isEqualTo(202);
    assertThat(read(dataset, configuration)).isEqualTo(files);
  }

  private static PendingReport pending(
      String source, String dataset, Map<String, String> configuration) throws IOException {
    return new PendingCount(
            new FoldRequest(source, dataset, configuration, FoldOptions.defaults()),
            ProgressListener.NONE)
        .run();
  }

  private static Map<String, String> tree(int files, long seed) {
    Random random = new Random(seed);
    Map<String, String> tree = new TreeMap<>();
    for (int i = 0; i < files; i++) {
      tree.put(
          "d" + random.nextInt(5) + "/e" + random.nextInt(3) + "/f" + i,
          "x".repeat(random.nextInt(3000)) + i);
    }
    return tree;
  }

  private static void write(
      String location, Map<String, String> configuration, Map<String, String> files)
      throws IOException {
    try (Store store = Stores.open(location, configuration)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        try (ByteSink sink = store.create(LogicalPath.of(file.getKey()))) {
          sink.write(ByteBuffer.wrap(file.getValue().getBytes(StandardCharsets.UTF_8)));
          sink.finish();
        }
      }
    }
  }

  private static Map<String, String> read(String dataset, Map<String, String> configuration)
      throws IOException {
    try (FoldedDataset reader =
        FoldedDataset.open(dataset, configuration, ReaderOptions.defaults())) {
      return contents(reader);
    }
  }
}
