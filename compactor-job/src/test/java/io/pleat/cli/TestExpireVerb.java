package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.FoldedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestExpireVerb {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  private Path directory;

  private String dataset;
  private Path orphan;

  @BeforeEach
  void fold() throws IOException {
    dataset = FoldedTree.awkward(directory).dataset().toString();
    orphan = Path.of(dataset, "containers", "0".repeat(31) + "1.pleat");
    Files.write(orphan, new byte[1_000]);
    Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minusSeconds(3_600)));
  }

  @Test
  void deletesInTheSecondRunWhatTheFirstCondemned() throws IOException {
    CommandRun first = CommandRun.of("expire", "--grace", "0", dataset);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out())
        .isEqualTo("snapshots expired: none; 0 files deleted\n"
            + "snapshots condemned: none; 1 file (1000 B) condemned\n");
    assertThat(orphan).exists();
    JsonNode second =
        JSON.readTree(CommandRun.of("expire", "--grace", "0", "--json", dataset).out());
    assertThat(second.get("deletedFiles").asInt()).isEqualTo(1);
    assertThat(orphan).doesNotExist();
    assertThat(CommandRun.of("verify", "--level", "data", dataset).code()).isZero();
  }

  @Test
  void youngFilesStayByDefault() {
    assertThat(CommandRun.of("expire", dataset).out())
        .isEqualTo("snapshots expired: none; 0 files deleted\n"
            + "snapshots condemned: none; 0 files (0 B) condemned\n");
  }

  @Test
  void dryRunSaysWould() {
    CommandRun run = CommandRun.of("expire", "--grace", "0", "--dry-run", dataset);
    assertThat(run.out()).contains("1 file (1000 B) would be condemned");
    assertThat(CommandRun.of("expire", "--grace", "0", "--dry-run", dataset).out())
        .isEqualTo(run.out());
  }

  @Test
  void wrongValuesAreWrongUsage() {
    CommandRun keep = CommandRun.of("expire", "--keep", "0", dataset);
    assertThat(keep.code()).isEqualTo(2);
    assertThat(keep.err()).contains("0 snapshots to keep, the newest one always stays");
    CommandRun span = CommandRun.of("expire", "--grace", "soon", dataset);
    assertThat(span.code()).isEqualTo(2);
    assertThat(span.err()).contains("'soon' is no span of time");
    CommandRun nothing = CommandRun.of("expire", directory.resolve("nothing").toString());
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains("no dataset is here");
    assertThat(directory.resolve("nothing")).doesNotExist();
  }
}
