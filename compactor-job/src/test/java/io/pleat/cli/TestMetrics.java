package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.LivingTree;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TestMetrics {
  private static final Path DASHBOARD =
      Path.of("..", "examples", "monitoring", "grafana-dashboard.json");
  private static final Pattern NAME = Pattern.compile("\\bpleat_[a-z_]+");

  @TempDir
  private Path directory;

  private String source;
  private String dataset;
  private Path metrics;

  @BeforeEach
  void makeSource() throws IOException {
    Path tree = Files.createDirectory(directory.resolve("source"));
    for (int i = 0; i < 5; i++) {
      Files.writeString(tree.resolve("f" + i), "x");
    }
    source = tree.toString();
    dataset = directory.resolve("data \"set\"").toString();
    metrics = Files.createDirectory(directory.resolve("metrics"));
  }

  private String file(String name) {
    return "--metrics-file=" + metrics.resolve(name);
  }

  private static CommandRun succeed(String... args) {
    CommandRun run = CommandRun.of(args);
    assertThat(run.code()).as(run.err()).isZero();
    return run;
  }

  @Test
  void aRunSaysHowItEndedInOneWholeFile() throws IOException {
    succeed("pending", file("pending.prom"), source, dataset);
    assertThat(Files.readString(metrics.resolve("pending.prom")))
        .contains("# TYPE pleat_pending_waiting_files gauge\n")
        .contains(
            "pleat_pending_waiting_files{dataset=\"" + dataset.replace("\"", "\\\"") + "\"} 5.0\n")
        .contains(",verb=\"pending\"} 0.0\n");
    try (Stream<Path> files = Files.list(metrics)) {
      assertThat(files).containsExactly(metrics.resolve("pending.prom"));
    }
  }

  @Test
  void aRunThatFailsSaysSo() throws IOException {
    assertThat(CommandRun.of("pending", file("bad.prom"), source + "/none", dataset)
            .code())
        .isEqualTo(2);
    assertThat(Files.readString(metrics.resolve("bad.prom")))
        .containsPattern("pleat_run_exit_code\\{.*verb=\"pending\"} 2\\.0\n");
    assertThat(CommandRun.of("verify", file("bad.prom"), source + "/none").code())
        .isEqualTo(1);
    assertThat(Files.readString(metrics.resolve("bad.prom")))
        .containsPattern("pleat_run_exit_code\\{.*verb=\"verify\"} 1\\.0\n");
  }

  @Test
  void aFileThatCannotBeWrittenIsSaidAndFailsNothing() {
    CommandRun run =
        CommandRun.of("pending", "--metrics-file=" + directory + "/none/x.prom", source, dataset);
    assertThat(run.code()).isZero();
    assertThat(run.err()).startsWith("pleat: the metrics were not written to ").hasLineCount(1);
  }

  @Test
  void aNameThatNobodyWouldReadIsWrongUsage() {
    CommandRun run = CommandRun.of("pending", "--metrics-file=x.txt", source, dataset);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("'x.txt' does not end in .prom");
  }

  @Test
  void theDashboardAsksForNothingThatIsNotThere() throws IOException {
    succeed("pending", file("pending.prom"), source, dataset);
    succeed(
        "fold",
        "--conf=spark.ui.enabled=false",
        "--master=local[2]",
        file("fold.prom"),
        source,
        dataset);
    succeed("verify", file("verify.prom"), dataset);
    succeed("expire", file("expire.prom"), dataset);
    succeed("compact", file("compact.prom"), dataset);
    succeed("cat", file("cat.prom"), dataset, "f1");
    succeed("reclaim", "--grace=0", file("reclaim.prom"), source, dataset);
    succeed("report", file("report.prom"), dataset, "-o", directory + "/report.html");
    Set<String> written = new TreeSet<>();
    for (String name :
        List.of("pending", "fold", "verify", "expire", "compact", "cat", "reclaim", "report")) {
      for (String line : Files.readAllLines(metrics.resolve(name + ".prom"))) {
        if (line.startsWith("# TYPE ")) {
          written.add(line.split(" ")[2]);
        }
      }
    }
    // Only where files were left loose.
    written.add("pleat_fold_loose_by_reason");
    Set<String> asked = new TreeSet<>();
    JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    for (JsonNode panel : dashboard.get("panels")) {
      for (JsonNode target : panel.get("targets")) {
        Matcher names = NAME.matcher(target.get("expr").asText());
        while (names.find()) {
          asked.add(names.group());
        }
      }
    }
    assertThat(asked).hasSizeGreaterThan(10);
    assertThat(written).containsAll(asked);
  }

  @Test
  void everyVerbThatChangesADatasetTellsItsNumbers() throws IOException {
    LivingTree tree = new LivingTree(Files.createDirectory(directory.resolve("living")));
    for (int i = 0; i < 40; i++) {
      tree.write("d/" + i, "content");
    }
    tree.fold();
    String living = tree.dataset();
    succeed("rm", file("rm.prom"), living, "d/1", "d/2");
    assertThat(text("rm.prom")).contains("pleat_rm_files{" + label(living) + "} 2.0\n");
    succeed("compact", file("compact.prom"), living);
    assertThat(text("compact.prom"))
        .containsPattern("pleat_compact_containers_removed\\{.*} [1-9][0-9]*\\.0\n")
        .contains("pleat_compact_commits{" + label(living) + "} 1.0\n");
    succeed("repair", file("repair.prom"), living);
    assertThat(text("repair.prom"))
        .contains("pleat_repair_containers_damaged{" + label(living) + "} 0.0\n")
        .contains("pleat_repair_sound{" + label(living) + "} 1.0\n");
    succeed("reclaim", "--grace=0", file("reclaim.prom"), tree.source().toString(), living);
    assertThat(text("reclaim.prom"))
        .contains("pleat_reclaim_files{" + label(living) + ",files=\"deleted\"} 38.0\n")
        .contains("pleat_reclaim_failures{" + label(living) + "} 0.0\n");
    succeed("expire", file("expire.prom"), living);
    assertThat(text("expire.prom"))
        .contains("pleat_expire_condemned_files{" + label(living) + "} 0.0\n")
        .contains("pleat_expire_aborted_uploads{" + label(living) + "} 0.0\n");
  }

  @Test
  void aVerbThatReadsTellsWhatItsReaderDid() throws IOException {
    LivingTree tree = new LivingTree(Files.createDirectory(directory.resolve("living")));
    tree.write("a", "12345");
    tree.fold();
    assertThat(succeed("cat", file("cat.prom"), tree.dataset(), "a").out()).isEqualTo("12345");
    assertThat(text("cat.prom"))
        .containsPattern("pleat_reader_bytes_total\\{" + Pattern.quote(label(tree.dataset()))
            + ",reader=\"[0-9]+\"} 5\\.0\n");
  }

  @Test
  void metricsAreServedOnLoopbackWhileTheRunGoesOn() throws Exception {
    RunMetrics running = new RunMetrics();
    running.dataset("/data/set");
    running.phase("write", 10, 0);
    running.progress(3, 30);
    InetSocketAddress listener = new MetricsOptions.Listener().convert("0");
    String url;
    HttpClient client = HttpClient.newHttpClient();
    try (MetricsServer server = MetricsServer.start(listener, running)) {
      url = server.url();
      assertThat(url).matches("http://127\\.0\\.0\\.1:[0-9]+/metrics");
      HttpRequest request = HttpRequest.newBuilder(URI.create(url))
          .header("Accept", "application/openmetrics-text; version=1.0.0")
          .build();
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElse(""))
          .startsWith("application/openmetrics-text");
      assertThat(answer.body())
          .contains("pleat_run_files_done{dataset=\"/data/set\",phase=\"write\"} 3.0\n")
          .contains("pleat_run_files_to_do{dataset=\"/data/set\",phase=\"write\"} 10.0\n")
          .endsWith("# EOF\n");
      running.progress(4, 40);
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).body())
          .contains("pleat_run_bytes_done{dataset=\"/data/set\",phase=\"write\"} 40.0\n");
    }
    HttpRequest late = HttpRequest.newBuilder(URI.create(url)).build();
    assertThatThrownBy(() -> client.send(late, HttpResponse.BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aRunSaysWhereItsMetricsAreAndGoesOnWhereThePortIsTaken() throws IOException {
    CommandRun run = succeed("pending", "--metrics-port=0", source, dataset);
    assertThat(run.err()).matches("pleat: metrics at http://127\\.0\\.0\\.1:[0-9]+/metrics\n");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      CommandRun without = succeed("pending", "--metrics-port=" + address, source, dataset);
      assertThat(without.err())
          .startsWith("pleat: the metrics are not served at " + address + ": ")
          .hasLineCount(1);
    }
    for (String wrong : List.of("x", "70000", "host:")) {
      CommandRun refused = CommandRun.of("pending", "--metrics-port=" + wrong, source, dataset);
      assertThat(refused.code()).isEqualTo(2);
      assertThat(refused.err()).contains("'" + wrong + "' is no port");
    }
  }

  private static String label(String location) {
    return "dataset=\"" + location.replace("\"", "\\\"") + "\"";
  }

  private String text(String name) throws IOException {
    return Files.readString(metrics.resolve(name));
  }

  @Test
  void namesOfReportsBecomeSnakeCase() {
    assertThat(RunMetrics.snakeCase("newFiles")).isEqualTo("new_files");
    assertThat(RunMetrics.snakeCase("objectsBefore")).isEqualTo("objects_before");
    assertThat(RunMetrics.snakeCase("seconds")).isEqualTo("seconds");
  }
}
