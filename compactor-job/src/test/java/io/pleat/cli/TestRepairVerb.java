package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.FoldedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRepairVerb {
  @TempDir
  private Path directory;

  private FoldedTree tree;
  private String dataset;

  @BeforeEach
  void fold() throws IOException {
    tree = FoldedTree.awkward(directory);
    dataset = tree.dataset().toString();
  }

  private void damageFooter() throws IOException {
    Path container = tree.containers().get(0);
    byte[] bytes = Files.readAllBytes(container);
    bytes[bytes.length - 1] ^= 1;
    Files.write(container, bytes);
  }

  @Test
  void aSoundDatasetNeedsNothing() {
    CommandRun run = CommandRun.of("repair", dataset);
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("nothing to repair: version 1, 2 containers checked\n");
  }

  @Test
  void aDamagedContainerIsMended() throws IOException {
    damageFooter();
    assertThat(CommandRun.of("verify", dataset).code()).isEqualTo(1);

    CommandRun dry = CommandRun.of("repair", "--dry-run", dataset);
    assertThat(dry.code()).isEqualTo(1);
    assertThat(dry.out()).contains("damaged: ").contains("could mend 1 of 1 damaged");

    CommandRun run = CommandRun.of("repair", dataset);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("mended 1 of 1 damaged").contains("0 files beyond repair");
    CommandRun verify = CommandRun.of("verify", "--level", "source", dataset);
    assertThat(verify.code()).as(verify.out()).isZero();
  }

  @Test
  void reportIsOneJsonObject() throws IOException {
    damageFooter();
    CommandRun run = CommandRun.of("repair", "--json", dataset);
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.get("containersMended").asInt()).isEqualTo(1);
    assertThat(report.get("damage")).hasSize(1);
    assertThat(report.get("lost")).isEmpty();
  }

  @Test
  void aContainerThatIsNotThereIsWrongUsage() {
    CommandRun run = CommandRun.of("repair", "--container", "0".repeat(32), dataset);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("snapshot 1 has no container 0000");
  }

  /** An older snapshot stands there, sound; no verb takes it, and one says what to do. */
  @Test
  void aDamagedHeadStopsEveryVerbUntilANewOneIsMade() throws IOException {
    assertThat(CommandRun.of("rm", dataset, "plain").code()).isZero();
    Path head = tree.dataset().resolve("_pleat/snapshots/00000000000000000002.json");
    byte[] bytes = Files.readAllBytes(head);
    bytes[100] ^= 1;
    Files.write(head, bytes);
    String target = directory.resolve("target").toString();
    String[][] verbs = {
      {"ls", dataset},
      {"cat", dataset, "plain"},
      {"stat", dataset},
      {"unfold", dataset, target},
      {"catalog", dataset},
      {"snapshots", dataset},
      {"pack", dataset},
      {"rm", dataset, "a-b"},
      {"rollback", dataset, "1"},
      {"compact", dataset},
      {"expire", dataset},
      {"repair", dataset},
    };
    for (String[] verb : verbs) {
      CommandRun run = CommandRun.of(verb);
      assertThat(run.code()).as(verb[0]).isEqualTo(1);
      assertThat(run.err()).as(verb[0]).contains(head.getFileName().toString());
      assertThat(run.out()).as(verb[0]).isEmpty();
    }
    CommandRun verify = CommandRun.of("verify", dataset);
    assertThat(verify.code()).isEqualTo(1);
    assertThat(verify.out())
        .contains("the dataset does not open, no file can be read")
        .contains("pleat repair --from-containers " + dataset);

    CommandRun dry = CommandRun.of("repair", "--dry-run", "--from-containers", dataset);
    assertThat(dry.code()).isEqualTo(1);
    assertThat(dry.out())
        .contains("damaged: _pleat/snapshots/00000000000000000002.json is damaged")
        .contains("unknown: what versions 2 to 2 removed")
        .contains("could make version 3 on top of version 1: 2 containers");
    assertThat(CommandRun.of("ls", dataset).code()).isEqualTo(1);

    CommandRun run = CommandRun.of("repair", "--from-containers", dataset);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("made version 3 on top of version 1: 2 containers")
        .contains(", 14 files; ");
    assertThat(CommandRun.of("ls", dataset).out()).doesNotContain("plain\n");
    assertThat(CommandRun.of("cat", dataset, "plain").code()).isEqualTo(1);
    CommandRun sound = CommandRun.of("verify", dataset);
    assertThat(sound.code()).as(sound.out()).isZero();
    assertThat(CommandRun.of("repair", "--from-containers", dataset).out())
        .isEqualTo("nothing to repair: version 3, 2 containers checked\n");
  }
}
