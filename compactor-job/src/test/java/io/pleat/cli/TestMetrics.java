package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
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
    Set<String> written = new TreeSet<>();
    for (String name : List.of("pending", "fold", "verify", "expire")) {
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
  void namesOfReportsBecomeSnakeCase() {
    assertThat(RunMetrics.snakeCase("newFiles")).isEqualTo("new_files");
    assertThat(RunMetrics.snakeCase("objectsBefore")).isEqualTo("objects_before");
    assertThat(RunMetrics.snakeCase("seconds")).isEqualTo("seconds");
  }
}
