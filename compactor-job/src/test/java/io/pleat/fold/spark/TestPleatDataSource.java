package io.pleat.fold.spark;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.fold.FoldOptions;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code spark.read.format("pleat")}. */
class TestPleatDataSource extends AbstractTestFold {
  private static final FoldOptions OPTIONS =
      FoldOptions.defaults().withMaxFileSize(5000).withContainerSize(20_000);

  private SparkSession session;

  @BeforeEach
  void startSession() {
    session = SparkSession.builder().getOrCreate(); // on the context that is there
  }

  private void foldTree() throws IOException {
    for (int i = 0; i < 60; i++) {
      write("d" + i % 6 + "/f " + i + " \u00e9", "x".repeat(i * 50));
    }
    write("top", "a file of the root");
    fold(OPTIONS);
  }

  private Dataset<Row> read() {
    return session.read().format("pleat").load(dataset.toString());
  }

  private Map<String, String> contents(Dataset<Row> rows) {
    Map<String, String> found = new TreeMap<>();
    for (Row row : rows.collectAsList()) {
      assertThat(row.<byte[]>getAs("content"))
          .hasSize((int) row.<Long>getAs("length").longValue());
      assertThat(found.put(row.getAs("path"), new String(row.<byte[]>getAs("content"), ISO_8859_1)))
          .isNull();
    }
    return found;
  }

  private List<String> paths(Dataset<Row> rows) {
    return rows.select("path").collectAsList().stream()
        .map(row -> row.getString(0))
        .sorted()
        .toList();
  }

  /** That Spark itself asks nothing again. */
  private static void assertAnsweredByTheIndex(Dataset<Row> rows) {
    assertThat(rows.queryExecution().executedPlan().toString())
        .doesNotContainPattern("Filter [(\\[]");
  }

  @Test
  void everyFileIsARowAsBinaryFileHasIt() throws IOException {
    foldTree();
    Dataset<Row> original = session
        .read()
        .format("binaryFile")
        .option("recursiveFileLookup", "true")
        .load(source.toString());

    assertThat(read().schema().fieldNames()).isEqualTo(original.schema().fieldNames());
    Map<String, Timestamp> times = new TreeMap<>();
    for (Row row : read().collectAsList()) {
      times.put(row.getAs("path"), row.getAs("modificationTime"));
    }
    Path root = source.toRealPath();
    for (Row row : original.collectAsList()) {
      String path = root.relativize(Path.of(java.net.URI.create(
              new org.apache.hadoop.fs.Path(row.<String>getAs("path")).toUri().toString())))
          .toString();
      assertThat(times.get(path).toInstant().toEpochMilli())
          .isEqualTo(row.<Timestamp>getAs("modificationTime").getTime());
    }
    assertThat(contents(read())).isEqualTo(contents()).hasSize(61);
    assertThat(read().count()).isEqualTo(61);
  }

  @Test
  void conditionsOnPathLengthAndTimeAreAnsweredByTheIndex() throws IOException {
    foldTree();
    List<String> all = paths(read());
    Dataset<Row> prefix = read().where("path like 'd3/f %' and path like 'd3/%'");
    assertThat(paths(prefix))
        .isEqualTo(all.stream().filter(path -> path.startsWith("d3/")).toList())
        .hasSize(10);
    assertAnsweredByTheIndex(prefix);

    Dataset<Row> named = read().where("path in ('top', 'd0/f 6 \u00e9', 'd0', 'nowhere', '/', '')");
    assertThat(paths(named)).containsExactly("d0/f 6 \u00e9", "top");
    assertAnsweredByTheIndex(named);
    assertThat(paths(read().where("path = 'top'"))).containsExactly("top");

    Dataset<Row> sized = read().where("length > 100 and length <= 200");
    assertThat(paths(sized)).containsExactly("d3/f 3 \u00e9", "d4/f 4 \u00e9");
    assertAnsweredByTheIndex(sized);
    assertThat(read().where("length < 50").count()).isEqualTo(2);
    assertThat(read().where("length >= 2900").count()).isEqualTo(2);
    assertThat(read().where("length = 0").count()).isEqualTo(1);
    assertThat(read().where("length > 9223372036854775807").count()).isZero();

    Timestamp border = Timestamp.from(LONG_AGO.toInstant().plusSeconds(100));
    session.conf().set("spark.sql.session.timeZone", "UTC");
    Dataset<Row> old = read().where("modificationTime <= timestamp '" + border.toInstant() + "'");
    assertThat(old.count()).isEqualTo(4);
    assertThat(old.count())
        .isEqualTo(read().collectAsList().stream()
            .filter(row -> !row.<Timestamp>getAs("modificationTime").after(border))
            .count());
    assertAnsweredByTheIndex(old);

    for (String far : List.of("9999-12-31", "2262-04-12", "2299-01-01")) {
      assertThat(read().where("modificationTime < '" + far + "'").count())
          .as(far)
          .isEqualTo(61);
      assertThat(read().where("modificationTime > '" + far + "'").count())
          .as(far)
          .isZero();
      assertThat(read().where("not (modificationTime > '" + far + "')").count()).isEqualTo(61);
    }
    assertThat(read()
            .where("modificationTime between '0001-01-01' and '9999-12-31'")
            .count())
        .isEqualTo(61);

    // What the index does not answer, Spark does.
    assertThat(read().where("path like '%\u00e9' and length % 100 = 0").count()).isEqualTo(30);
    assertThat(read().where("not path like 'd%'").count()).isEqualTo(1);
  }

  @Test
  void contentIsReadOnlyIfItIsWanted() throws IOException {
    foldTree();
    LogicalPath victim = LogicalPath.of("d3/f 33 \u00e9");
    try (FoldedDataset reader = open()) {
      Location location = reader.locate(victim).orElseThrow();
      Path container = dataset.resolve(
          io.pleat.dataset.ContainerSummary.pathOf(location.entry().extent().container())
              .toString());
      try (RandomAccessFile file = new RandomAccessFile(container.toFile(), "rw")) {
        file.seek(location.entry().extent().offset() + 7);
        file.write('!');
      }
    }
    assertThat(paths(read())).hasSize(61);
    assertThat(contents(read().where("path like 'd2/%'"))).hasSize(10);
    assertThat(read().selectExpr("sum(length)").first().getLong(0)).isEqualTo(88_518);
    assertThatThrownBy(() -> read().collectAsList())
        .hasStackTraceContaining(victim + ": CRC32C")
        .rootCause()
        .hasMessageContaining("containers/");

    // With the originals allowed, they answer.
    assertThat(contents(session
            .read()
            .format("pleat")
            .option("pleat.source.roots", source.toRealPath().toString())
            .load(dataset.toString())))
        .hasSize(61);
  }

  @Test
  void tasksAreRangesOfContainersAndNotFiles() throws IOException {
    foldTree();
    try (FoldedDataset reader = open()) {
      assertThat(reader.containers()).hasSizeGreaterThan(3);
    }
    assertThat(read().rdd().getNumPartitions()).as("a few bytes are one task").isEqualTo(1);
    session.conf().set("spark.sql.files.maxPartitionBytes", "30000");
    try {
      int tasks = read().rdd().getNumPartitions();
      assertThat(tasks).isBetween(3, 8);
      assertThat(contents(read())).isEqualTo(contents());
      session.conf().set("spark.sql.files.maxPartitionBytes", "6000");
      assertThat(read().rdd().getNumPartitions()).as("containers are cut").isGreaterThan(2 * tasks);
      assertThat(contents(read())).isEqualTo(contents());
      assertThat(read().where("path like 'd5/%'").rdd().getNumPartitions())
          .as("containers without a wanted key are left out")
          .isLessThan(read().rdd().getNumPartitions() / 2);
    } finally {
      session.conf().unset("spark.sql.files.maxPartitionBytes");
    }
  }

  @Test
  void aPleatUriNamesADirectoryInIt() throws IOException {
    foldTree();
    session.conf().set("pleat.dataset.images", dataset.toString());
    try {
      assertThat(contents(session.read().format("pleat").load("pleat://images/d1")))
          .hasSize(10)
          .allSatisfy((path, content) -> assertThat(path).startsWith("d1/"));
      assertThat(session.read().format("pleat").load("pleat://images/").count()).isEqualTo(61);
      assertThatThrownBy(
              () -> session.read().format("pleat").load("pleat://images/d").count())
          .hasMessageContaining("pleat://images/d: no such file or directory in snapshot 1");
      assertThat(contents(session.read().format("pleat").load("pleat://images/top")))
          .containsOnlyKeys("top");
    } finally {
      session.conf().unset("pleat.dataset.images");
    }
  }

  @Test
  void itShowsTheNewestSnapshotOrTheOneThatIsAskedFor() throws IOException {
    foldTree();
    Dataset<Row> planned = read();
    write("d0/f 0 \u00e9", "changed");
    write("d9/new", "new");
    fold(OPTIONS);
    assertThat(contents(read()))
        .isEqualTo(contents())
        .hasSize(62)
        .containsEntry("d0/f 0 \u00e9", "changed");
    Dataset<Row> first =
        session.read().format("pleat").option("snapshot", "1").load(dataset.toString());
    assertThat(contents(first)).hasSize(61).containsEntry("d0/f 0 \u00e9", "");
    assertThat(planned.count())
        .as("a snapshot is pinned when a query is planned")
        .isEqualTo(62);
  }

  @Test
  void passedThroughFilesWantPermissionForTheirBytesAlone() throws IOException {
    foldTree();
    write("d0/large", "l".repeat(6000));
    fold(OPTIONS);
    assertThat(read().count()).isEqualTo(62);
    assertThatThrownBy(() -> read().where("path = 'd0/large'").collectAsList())
        .hasStackTraceContaining("d0/large was too large to fold")
        .hasStackTraceContaining("pleat.source.roots=" + source.toRealPath());
    Dataset<Row> allowed = session
        .read()
        .format("pleat")
        .option("pleat.source.roots", source.toRealPath().toString())
        .load(dataset.toString());
    assertThat(contents(allowed)).containsEntry("d0/large", "l".repeat(6000));
    assertThat(contents(
            session.read().format("pleat").option("passthroughs", "SKIP").load(dataset.toString())))
        .hasSize(61)
        .doesNotContainKey("d0/large");
  }

  @Test
  void wrongOptionsAndPlacesAreSaid() throws IOException {
    foldTree();
    String place = dataset.toString();
    assertThatThrownBy(
            () -> session.read().format("pleat").option("snapshott", "1").load(place))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no option 'snapshott'")
        .hasMessageContaining("snapshot and passThroughs");
    assertThatThrownBy(
            () -> session.read().format("pleat").option("snapshot", "new").load(place))
        .hasMessageContaining("option snapshot is 'new'");
    assertThatThrownBy(
            () -> session.read().format("pleat").option("passThroughs", "no").load(place))
        .hasMessageContaining("option passThroughs is 'no', expected include or skip");
    assertThatThrownBy(() -> session.read().format("pleat").load())
        .hasMessageContaining("wants a dataset");
    assertThatThrownBy(() -> session.read().format("pleat").load(place, place))
        .hasMessageContaining("one dataset at a time");
    assertThatThrownBy(
            () -> session.read().format("pleat").load(source.toString()).count())
        .hasMessageContaining("no dataset");
    assertThatThrownBy(() ->
            session.read().format("pleat").option("snapshot", "7").load(place).count())
        .hasMessageContaining("7");
    assertThatThrownBy(
            () -> session.read().format("pleat").load("pleat://nowhere/").count())
        .hasMessageContaining("pleat.dataset.nowhere");
    assertThatThrownBy(() -> session.read().format("pleat").schema("a int").load(place))
        .hasMessageContaining("schema");
  }

  @Test
  void nothingIsLeftInUse() throws IOException {
    foldTree();
    assertThat(read().limit(3).collectAsList()).hasSize(3);
    try (Stream<Path> leases = Files.walk(dataset.resolve("_pleat"))) {
      assertThat(leases.map(Path::toString)).noneMatch(path -> path.contains("/leases/"));
    }
  }
}
