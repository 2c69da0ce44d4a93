package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.dataset.RunRecord;
import io.pleat.maintain.FoldedTree;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TestRunsVerb {
  private static final UUID FOLD = new UUID(0, 1);
  private static final UUID FAILED = new UUID(0, 2);
  private static final UUID COMPACT = new UUID(0, 3);

  @TempDir
  private Path directory;

  private Path runs;
  private String dataset;

  @BeforeEach
  void writeRecords() throws IOException {
    FoldedTree tree = FoldedTree.awkward(directory);
    dataset = tree.dataset().toString();
    runs = tree.dataset().resolve("_pleat/runs");
    write(FOLD, "fold", "committed", 1);
    write(FAILED, "fold", "failed", 2);
    write(COMPACT, "compact", "committed", 3);
    Files.writeString(runs.resolve("notes.json"), "not a record");
    Files.writeString(runs.resolve(new UUID(0, 4) + ".json"), "{\"verb\": \"cut sho");
  }

  private void write(UUID id, String verb, String outcome, int minute) throws IOException {
    Instant end = Instant.parse("2026-11-26T02:00:00Z").plusSeconds(60L * minute);
    try (Store store = Stores.open(dataset, Map.of())) {
      new RunRecord(
              id,
              Map.of(
                  "verb", verb, "outcome", outcome, "finished", end.toString(), "n", List.of(1, 2)),
              List.of())
          .write(store);
    }
    Files.setLastModifiedTime(runs.resolve(id + ".json"), FileTime.from(end));
  }

  @Test
  void newestFirst() {
    CommandRun run = CommandRun.of("runs", dataset);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("""
            2026-11-26T02:03:00Z  compact  committed  %s
            2026-11-26T02:02:00Z  fold  failed  %s
            2026-11-26T02:01:00Z  fold  committed  %s
            """.formatted(COMPACT, FAILED, FOLD));
  }

  @Test
  void jsonIsTheWholeRecordOnALine() throws IOException {
    CommandRun run = CommandRun.of("runs", "--json", "--verb=fold", "--last=1", dataset);
    assertThat(run.out()).hasLineCount(1);
    JsonNode record = new ObjectMapper().readTree(run.out());
    assertThat(record.get("runId").asText()).isEqualTo(FAILED.toString());
    assertThat(record.get("outcome").asText()).isEqualTo("failed");
    assertThat(record.get("n").toString()).isEqualTo("[1,2]");
  }

  @Test
  void whatIsNoDatasetIsOneLine() {
    CommandRun run = CommandRun.of("runs", directory + "/none");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("pleat: " + directory + "/none: no dataset is here\n");
    assertThat(CommandRun.of("runs", "--last=0", dataset).code()).isEqualTo(2);
  }
}
