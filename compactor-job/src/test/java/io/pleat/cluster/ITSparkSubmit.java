package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import io.pleat.store.hadoop.LocalS3;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar under a real spark-submit, with executors in JVMs of their own. */
@Tag("slow")
final class ITSparkSubmit {
  private static final Path JOB_JAR = Path.of(System.getProperty("pleat.job.jar"));
  private static final long SEED = 20_261_121;

  /** Files of the tree: some empty, names that a URI or a shell would trip over, one directory far larger than the others. */
  private static final Map<String, byte[]> TREE = tree();

  @TempDir
  private static Path folder;

  private static StandaloneCluster cluster;

  @BeforeAll
  static void startCluster() throws Exception {
    assertThat(JOB_JAR).as("packaged jar; mvn package builds it").exists();
    cluster = StandaloneCluster.start(Files.createDirectory(folder.resolve("cluster")), 2);
  }

  @AfterAll
  static void stopCluster() throws Exception {
    cluster.close();
  }

  @Test
  void foldsALocalTree() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    for (Map.Entry<String, byte[]> file : TREE.entrySet()) {
      Path path = source.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    Path dataset = folder.resolve("dataset");

    JsonNode report = fold(List.of(), source.toString(), dataset.toString());

    assertReports(report);
    assertThat(dataset.resolve("_pleat/snapshots/00000000000000000001.json")).isRegularFile();
    assertHoldsTheTree(dataset.toString());

    JsonNode again = fold(List.of(), source.toString(), dataset.toString());
    assertThat(again.path("version").asLong()).as("a run with nothing to do").isEqualTo(1);
    assertThat(dataset.resolve("_pleat/snapshots/00000000000000000002.json")).doesNotExist();
  }

  @Test
  void foldsATreeInHdfs() throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(
        MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    configuration.setInt("dfs.client.block.write.locateFollowingBlock.initial.delay.ms", 1);
    configuration.setInt("dfs.client.block.write.locateFollowingBlock.retries", 12);
    try (MiniDFSCluster hdfs =
        new MiniDFSCluster.Builder(configuration).numDataNodes(1).build()) {
      hdfs.waitActive();
      FileSystem files = hdfs.getFileSystem();
      for (Map.Entry<String, byte[]> file : TREE.entrySet()) {
        // HDFS takes no colon in a name.
        try (FSDataOutputStream out = files.create(
            new org.apache.hadoop.fs.Path("/source", file.getKey().replace(':', '_')))) {
          out.write(file.getValue());
        }
      }
      String uri = files.getUri().toString();

      JsonNode report = fold(
          List.of(
              "spark.hadoop.dfs.replication=1",
              "spark.hadoop.dfs.client.block.write.locateFollowingBlock.initial.delay.ms=1"),
          uri + "/source",
          uri + "/dataset");

      assertReports(report);
      assertThat(files.exists(
              new org.apache.hadoop.fs.Path("/dataset/_pleat/snapshots/00000000000000000001.json")))
          .isTrue();
      assertHoldsTheTree(uri + "/dataset");

      assertExecutorsRead(uri + "/dataset");
      run("verify", "--level", "source", uri + "/dataset");
      run("unfold", uri + "/dataset", uri + "/restored");
      assertThat(describe(files, "/restored")).isEqualTo(describe(files, "/source"));
    }
  }

  /** Spark finds {@code format("pleat")} in the jar, and executors read by it. */
  private static void assertExecutorsRead(String dataset) throws IOException, InterruptedException {
    StandaloneCluster.Finished finished = cluster.submit(
        List.of("spark.jars=" + JOB_JAR),
        SumFiles.class.getName(),
        StandaloneCluster.jarOf(SumFiles.class, folder),
        List.of(dataset));
    assertThat(finished.stdout())
        .as(finished.stderr())
        .contains(TREE.size() + " files, "
            + TREE.values().stream().mapToLong(bytes -> bytes.length).sum() + " bytes, sum "
            + TREE.values().stream().mapToLong(SumFiles::crc).sum());
  }

  private static void run(String... arguments) throws IOException, InterruptedException {
    StandaloneCluster.Finished finished =
        cluster.submit(List.of(), "io.pleat.cli.Main", JOB_JAR, List.of(arguments));
    assertThat(finished.exitCode())
        .as("%s%n%s", finished.stdout(), finished.stderr())
        .isZero();
  }

  /** Everything below a directory of HDFS: bytes, times, modes and owners. */
  private static Map<String, String> describe(FileSystem files, String root) throws IOException {
    Map<String, String> found = new TreeMap<>();
    describe(files, files.getFileStatus(new org.apache.hadoop.fs.Path(root)), root, found);
    return found;
  }

  private static void describe(
      FileSystem files, FileStatus status, String root, Map<String, String> found)
      throws IOException {
    String content = "";
    if (status.isDirectory()) {
      for (FileStatus child : files.listStatus(status.getPath())) {
        describe(files, child, root, found);
      }
    } else {
      byte[] bytes = new byte[Math.toIntExact(status.getLen())];
      try (FSDataInputStream in = files.open(status.getPath())) {
        in.readFully(0, bytes);
      }
      content = HexFormat.of().formatHex(bytes);
    }
    found.put(
        status.getPath().toUri().getPath().substring(root.length()),
        "%s %s:%s %d %s"
            .formatted(
                status.getPermission(),
                status.getOwner(),
                status.getGroup(),
                status.getModificationTime(),
                content));
  }

  @Test
  void foldsATreeInS3() throws Exception {
    LocalS3 s3 = LocalS3.shared();
    String bucket = "s3a://" + s3.freshBucket();
    try (Store store = Stores.open(bucket + "/source", s3.configuration())) {
      for (Map.Entry<String, byte[]> file : TREE.entrySet()) {
        try (ByteSink sink = store.create(LogicalPath.of(file.getKey()))) {
          sink.write(ByteBuffer.wrap(file.getValue()));
          sink.finish();
        }
      }
    }
    List<String> settings = new ArrayList<>(List.of("spark.jars=" + s3Jars()));
    s3.configuration().forEach((key, value) -> settings.add("spark.hadoop." + key + "=" + value));

    JsonNode report = fold(settings, bucket + "/source", bucket + "/dataset");

    assertReports(report);
    assertHoldsTheTree(bucket + "/dataset", s3.configuration());
  }

  /** What a cluster that reads S3 has beside Spark: hadoop-aws and the SDK. */
  private static String s3Jars() throws IOException {
    String classPath =
        Files.readString(JOB_JAR.resolveSibling("runtime-class-path")).trim();
    return Stream.of(classPath.split(":"))
        .filter(jar -> jar.contains("/hadoop-aws/") || jar.contains("/software/amazon/"))
        .collect(Collectors.joining(","));
  }

  @Test
  void wrongUsageGivesTwo() throws Exception {
    StandaloneCluster.Finished finished = cluster.submit(
        List.of(), "io.pleat.cli.Main", JOB_JAR, List.of("fold", "--no-such-option"));
    assertThat(finished.exitCode()).as(finished.stderr()).isEqualTo(2);
    assertThat(finished.stdout()).isEmpty();
  }

  private static JsonNode fold(List<String> settings, String source, String dataset)
      throws IOException, InterruptedException {
    StandaloneCluster.Finished finished = cluster.submit(
        settings, "io.pleat.cli.Main", JOB_JAR, List.of("fold", source, dataset, "--json"));
    assertThat(finished.exitCode())
        .as("%s%n%s%n%s", finished.stdout(), finished.stderr(), cluster.logs())
        .isZero();
    return new ObjectMapper().readTree(finished.stdout());
  }

  private static void assertReports(JsonNode report) {
    assertThat(report.path("version").asLong(-1)).as("%s", report).isEqualTo(1);
    assertThat(report.path("files").asLong(-1)).isEqualTo(TREE.size());
    assertThat(report.path("foldedFiles").asLong(-1)).isEqualTo(TREE.size());
    assertThat(report.path("passThroughFiles").asLong(-1)).isZero();
    assertThat(report.path("looseFiles").asLong(-1)).isZero();
    assertThat(report.path("containers").asInt(-1)).isPositive();
    assertThat(report.path("objectsBefore").asLong(-1)).isEqualTo(TREE.size());
    assertThat(report.path("payloadBytes").asLong(-1))
        .isEqualTo(TREE.values().stream().mapToLong(content -> content.length).sum());
  }

  /* Compares in the order of names; a colon, which HDFS doesn't take, stands as an underscore on both sides. */
  private static void assertHoldsTheTree(String location) throws IOException {
    assertHoldsTheTree(location, Map.of());
  }

  private static void assertHoldsTheTree(String location, Map<String, String> configuration)
      throws IOException {
    Map<String, String> expected = new TreeMap<>();
    TREE.forEach(
        (path, content) -> expected.put(path.replace(':', '_'), HexFormat.of().formatHex(content)));
    Map<String, String> found = new TreeMap<>();
    try (FoldedDataset dataset =
            FoldedDataset.open(location, configuration, ReaderOptions.defaults());
        Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      assertThat(dataset.snapshot().version()).isEqualTo(1);
      for (ListedItem item : (Iterable<ListedItem>) items::iterator) {
        if (!item.isDirectory()) {
          ByteBuffer content = dataset.read(item.path());
          byte[] bytes = new byte[content.remaining()];
          content.get(bytes);
          found.put(item.path().toString().replace(':', '_'), HexFormat.of().formatHex(bytes));
        }
      }
    }
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    assertThat(found).isEqualTo(expected);
  }

  private static Map<String, byte[]> tree() {
    Random random = new Random(SEED);
    Map<String, byte[]> files = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      byte[] content = new byte[i % 7 == 0 ? 0 : random.nextInt(20_000)];
      random.nextBytes(content);
      String directory = i < 150 ? "large" : "a/b" + i % 20 + "/c" + i % 3;
      files.put(directory + "/file-" + i, content);
    }
    for (String name :
        List.of("a b", "a%20b", "a#b", "a?b", "a:b", "a+b", "ä ö", "\uD83D\uDE80", "_x", ".y")) {
      files.put("names/" + name, name.getBytes(StandardCharsets.UTF_8));
    }
    return files;
  }
}
