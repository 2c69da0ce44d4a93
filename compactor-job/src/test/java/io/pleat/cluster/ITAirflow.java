package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The DAGs of {@code airflow-dags} in a real Airflow, which the lock file there names and a virtual environment below {@code target}
 * holds, with a real SparkSubmit.
 */
@Tag("slow")
final class ITAirflow {
  private static final Path DAGS =
      Path.of("..", "airflow-dags").toAbsolutePath().normalize();
  private static final Path JOB_JAR =
      Path.of(System.getProperty("pleat.job.jar")).toAbsolutePath();
  private static final Duration RUN_LIMIT = Duration.ofMinutes(10);
  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-02-02T02:02:02Z"));

  /** Prints what the last run of a DAG came to, as Airflow's own database has it. */
  private static final String ASK_DATABASE = """
      import json, sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      dag = sys.argv[2]
      [(run, state)] = database.execute(
          "select run_id, state from dag_run where dag_id = ? order by id desc limit 1", [dag]).fetchall()
      tasks = dict(database.execute(
          "select task_id, state from task_instance where dag_id = ? and run_id = ?", [dag, run]))
      results = {f"{task}.{key}": json.loads(value) for task, key, value in database.execute(
          "select task_id, key, value from xcom where dag_id = ? and run_id = ?", [dag, run])}
      events = [{"name": name, "uri": uri, "extra": json.loads(extra)} for name, uri, extra in database.execute(
          "select a.name, a.uri, e.extra from asset_event e join asset a on a.id = e.asset_id"
          " where e.source_dag_id = ? and e.source_run_id = ?", [dag, run])]
      print(json.dumps({"state": state, "tasks": tasks, "results": results, "events": events}))
      """;

  @TempDir
  private static Path folder;

  private static Path home;
  private static Path source;
  private static Path dataset;

  @BeforeAll
  static void installAirflow() throws Exception {
    assertThat(JOB_JAR).as("packaged jar; mvn package builds it").exists();
    PythonEnvironment.install();
    home = Files.createDirectory(folder.resolve("airflow"));
    source = Files.createDirectories(folder.resolve("source/a/b")).getParent().getParent();
    dataset = folder.resolve("dataset");
    for (int i = 0; i < 40; i++) {
      Path file = Files.writeString(source.resolve("a/b/file " + i), "content " + i);
      Files.setLastModifiedTime(file, LONG_AGO);
    }
    // A name that is no UTF-8 cannot be folded: the file stays loose, and fails nothing.
    succeed(RUN_LIMIT, "sh", "-c", "touch \"" + source + "/$(printf 'bad\\377')\"");
    Path spark = StandaloneCluster.installSpark(folder.resolve("spark"));
    Path bin = Files.createDirectory(spark.resolve("bin"));
    Path submit = bin.resolve("spark-submit");
    // What Spark's own script comes to.
    Files.writeString(
        submit,
        "#!/bin/sh\nexec '%s/bin/java' -Xmx512m -XX:TieredStopAtLevel=1 %s -cp '%s/conf:%s/jars/*' org.apache.spark.deploy.SparkSubmit \"$@\"%n"
            .formatted(
                System.getProperty("java.home"),
                JavaModuleOptions.defaultModuleOptions(),
                spark,
                spark));
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    Files.writeString(
        home.resolve("pleat.yaml"), """
        application: %1$s
        defaults:
          schedule: null
          retries: 0
          gate: {min-files: 10, min-age: 0s}
          compact: {}
          expire: {keep: 3}
        datasets:
          - name: good
            source: %2$s
            dataset: %3$s
            reclaim: {grace: 0s}
            report: {output: %4$s}
          - {name: bad, source: %2$s, dataset: %2$s/inside, gate: false}
          - {name: gone, source: %2$s/none, dataset: %3$s-of-none}
        """.formatted(JOB_JAR, source, dataset, report()));
    succeed(RUN_LIMIT, airflow("db", "migrate"));
  }

  /** JUnit warns of every link that it finds in a temporary folder. */
  @AfterAll
  static void removeLinks() throws IOException {
    try (Stream<Path> links = Files.list(folder.resolve("spark/jars"))) {
      for (Path link : (Iterable<Path>) links::iterator) {
        Files.delete(link);
      }
    }
  }

  @Test
  void theConfigurationAndTheDagsAreWhatTheirOwnTestsSay() throws Exception {
    String output = succeed(
        RUN_LIMIT,
        PythonEnvironment.python(),
        "-m",
        "unittest",
        "discover",
        "-s",
        DAGS.resolve("tests").toString());
    assertThat(output).containsPattern("Ran 1[0-9] tests").endsWith("OK\n");
  }

  @Test
  void aNightFoldsVerifiesReclaimsExpiresAndReportsAndTheNextFindsNothingToDo() throws Exception {
    JsonNode first = testRun("pleat_good", "{\"weekly\": true}");
    assertThat(first.get("state").asText()).isEqualTo("success");
    for (String task : List.of(
        "gate",
        "fold",
        "verify",
        "new_snapshot",
        "reclaim",
        "weekly",
        "compact",
        "expire",
        "report")) {
      assertThat(first.at("/tasks/" + task).asText()).as(task).isEqualTo("success");
    }
    assertThat(first.at("/results/gate.pending/waitingFiles").asInt()).isEqualTo(40);
    JsonNode folded = first.at("/results/fold.return_value");
    assertThat(folded.get("outcome").asText()).isEqualTo("committed");
    assertThat(folded.get("newFiles").asInt()).isEqualTo(40);
    assertThat(folded.get("looseFiles").asInt()).isEqualTo(1);
    assertThat(dataset.resolve("_pleat/runs/" + folded.get("runId").asText() + ".json"))
        .exists();
    JsonNode event = first.at("/events/0");
    assertThat(event.get("name").asText()).isEqualTo("pleat_good");
    assertThat(event.get("uri").asText()).isEqualTo("file://" + dataset);
    assertThat(event.at("/extra/version").asInt()).isEqualTo(1);
    long containers = count(dataset.resolve("containers"));
    assertThat(containers).isEqualTo(1);

    JsonNode reclaimed = first.at("/results/reclaim.return_value");
    assertThat(reclaimed.get("outcome").asText()).isEqualTo("done");
    assertThat(reclaimed.at("/files/deleted").asInt()).isEqualTo(40);
    assertThat(count(source.resolve("a/b"))).isZero();
    assertThat(CommandRun.of("cat", dataset.toString(), "a/b/file 7").out()).isEqualTo("content 7");
    assertThat(report()).content().contains("<h1>" + dataset + "</h1>", "40 were reclaimed before");
    Files.delete(report());

    JsonNode second = testRun("pleat_good", "{}");
    assertThat(second.get("state").asText()).isEqualTo("success");
    assertThat(second.at("/results/gate.return_value").asBoolean()).isFalse();
    assertThat(second.at("/results/gate.pending/waitingFiles").asInt()).isZero();
    for (String task : List.of("fold", "verify", "new_snapshot", "compact", "expire")) {
      assertThat(second.at("/tasks/" + task).asText()).as(task).isEqualTo("skipped");
    }
    assertThat(second.at("/results/reclaim.return_value/files/deleted").asInt()).isZero();
    assertThat(report()).exists();
    assertThat(second.get("events")).isEmpty();
    assertThat(count(dataset.resolve("containers"))).isEqualTo(containers);
  }

  @Test
  void aFailingFoldStopsTheChain() throws Exception {
    JsonNode run = testRun("pleat_bad", "{\"weekly\": true}");
    assertThat(run.get("state").asText()).isEqualTo("failed");
    assertThat(run.at("/tasks/fold").asText()).isEqualTo("failed");
    for (String task : List.of("verify", "new_snapshot", "weekly", "compact", "expire")) {
      assertThat(run.at("/tasks/" + task).asText()).as(task).isEqualTo("upstream_failed");
    }
    assertThat(run.get("events")).isEmpty();
    assertThat(source.resolve("inside")).doesNotExist();
  }

  @Test
  void aGateThatCannotCountFailsAndSaysWhy() throws Exception {
    PythonEnvironment.Finished finished =
        run(RUN_LIMIT, airflow("dags", "test", "pleat_gone", "-f", dagFile()));
    assertThat(finished.output())
        .contains("SOURCE does not exist: " + source + "/none; check the path");
    assertThat(state("pleat_gone").at("/tasks/gate").asText()).isEqualTo("failed");
    assertThat(state("pleat_gone").at("/tasks/fold").asText()).isEqualTo("upstream_failed");
  }

  private static JsonNode testRun(String dag, String params) throws Exception {
    PythonEnvironment.Finished finished =
        run(RUN_LIMIT, airflow("dags", "test", dag, "-f", dagFile(), "-c", params));
    JsonNode state = state(dag);
    Files.writeString(folder.resolve(dag + ".log"), finished.output());
    if (!state.get("state").asText().equals("success")) {
      System.err.println(finished.output());
    }
    return state;
  }

  private static Path report() {
    return folder.resolve("report of good.html");
  }

  private static String dagFile() {
    return DAGS.resolve("dags/pleat_dags.py").toString();
  }

  private static JsonNode state(String dag) throws Exception {
    return new ObjectMapper()
        .readTree(succeed(
            RUN_LIMIT,
            PythonEnvironment.python(),
            "-c",
            ASK_DATABASE,
            home.resolve("airflow.db").toString(),
            dag));
  }

  private static long count(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  private static String[] airflow(String... words) {
    List<String> all = new ArrayList<>(List.of(PythonEnvironment.python(), "-m", "airflow"));
    all.addAll(List.of(words));
    return all.toArray(new String[0]);
  }

  private static String succeed(Duration limit, String... command) throws Exception {
    PythonEnvironment.Finished finished = run(limit, command);
    assertThat(finished.exitCode())
        .as("%s%n%s", List.of(command), finished.output())
        .isZero();
    return finished.output();
  }

  private static PythonEnvironment.Finished run(Duration limit, String... command)
      throws Exception {
    Path spark = folder.resolve("spark");
    return PythonEnvironment.run(
        limit,
        folder,
        Map.ofEntries(
            Map.entry("AIRFLOW_HOME", home.toString()),
            Map.entry("AIRFLOW__CORE__DAGS_FOLDER", DAGS.resolve("dags").toString()),
            Map.entry("AIRFLOW__CORE__LOAD_EXAMPLES", "False"),
            Map.entry("AIRFLOW__USAGE_DATA_COLLECTION__ENABLED", "False"),
            Map.entry(
                "AIRFLOW_CONN_SPARK_DEFAULT", "{\"conn_type\": \"spark\", \"host\": \"local[2]\"}"),
            Map.entry("PLEAT_CONFIG", home.resolve("pleat.yaml").toString()),
            Map.entry(
                "PLEAT_COMMAND",
                "spark-submit --master local[1] --class io.pleat.cli.Main " + JOB_JAR),
            Map.entry("PYTHONDONTWRITEBYTECODE", "1"),
            Map.entry("SPARK_HOME", spark.toString()),
            Map.entry("SPARK_LOCAL_IP", "127.0.0.1"),
            Map.entry("SPARK_SCALA_VERSION", "2.13"),
            Map.entry("PATH", spark.resolve("bin") + ":" + System.getenv("PATH"))),
        command);
  }
}
