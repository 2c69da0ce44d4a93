package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TestPendingVerb {
  @TempDir
  private Path directory;

  private String source;
  private String dataset;

  @BeforeEach
  void makeSource() throws IOException {
    Path tree = Files.createDirectories(directory.resolve("source/a/b"));
    for (int i = 0; i < 12; i++) {
      Files.writeString(tree.resolve("f" + i), "x".repeat(100));
    }
    source = directory.resolve("source").toString();
    dataset = directory.resolve("dataset").toString();
  }

  @Test
  void theLastLineIsTheDecision() {
    CommandRun run = CommandRun.of("pending", source, dataset);
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo("""
            12 files wait (1.2 KiB): 12 new, 0 changed, 0 to be read again
            12 files in 3 directories of the source, 0 too large to fold; nothing was folded yet
            wait: 12 files wait, a fold starts at more than 10,000
            """);
    assertThat(CommandRun.of("pending", "--min-files=11", source, dataset).out())
        .endsWith("fold: 12 files wait, more than 11, and nothing was folded yet\n");
  }

  @Test
  void jsonHasCountsThresholdsAndDecision() throws IOException {
    CommandRun run = CommandRun.of(
        "pending",
        "--json",
        "--min-files=3",
        "--files-at-once=11",
        "--min-age=2d",
        source,
        dataset);
    assertThat(run.code()).isZero();
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(json.get("waitingFiles").asLong()).isEqualTo(12);
    assertThat(json.get("waitingBytes").asLong()).isEqualTo(1200);
    assertThat(json.get("minAgeSeconds").asLong()).isEqualTo(2 * 24 * 3600);
    assertThat(json.get("version").asLong()).isZero();
    assertThat(json.has("lastFold")).isFalse();
    assertThat(json.get("fold").asBoolean()).isTrue();
    assertThat(json.get("reason").asText())
        .isEqualTo("12 files wait, more than 11: the last fold's time does not matter");
  }

  @Test
  void aSourceThatIsMissingIsOneLine() {
    CommandRun run = CommandRun.of("pending", source + "/none", dataset);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("pleat: SOURCE does not exist: " + source + "/none; check the path\n");
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"6", "h", "-1h", "1w", "1.5h"})
  void whatIsNoSpanOfTimeIsWrongUsage(String span) {
    CommandRun run = CommandRun.of("pending", "--min-age=" + span, source, dataset);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("--min-age", "'" + span + "' is no span of time")
        .hasLineCount(1);
  }

  @Test
  void spansHaveUnits() {
    assertThat(TimeSpan.parse("90s")).isEqualTo(Duration.ofSeconds(90));
    assertThat(TimeSpan.parse("30m")).isEqualTo(Duration.ofMinutes(30));
    assertThat(TimeSpan.parse("6h")).isEqualTo(Duration.ofHours(6));
    assertThat(TimeSpan.parse("7d")).isEqualTo(Duration.ofDays(7));
    assertThat(TimeSpan.parse("0")).isZero();
  }
}
