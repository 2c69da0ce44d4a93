package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.FoldedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCompactVerb {
  @TempDir
  private Path directory;

  private FoldedTree tree;

  private CommandRun compact(String... options) throws IOException {
    if (tree == null) {
      Path source = Files.createDirectories(directory.resolve("source"));
      for (int i = 0; i < 20; i++) {
        Files.write(source.resolve("f" + i), new byte[100 + i]);
      }
      tree = FoldedTree.of(source, directory.resolve("dataset"), 4);
    }
    String[] args = new String[options.length + 2];
    args[0] = "compact";
    System.arraycopy(options, 0, args, 1, options.length);
    args[options.length + 1] = tree.dataset().toString();
    return CommandRun.of(args);
  }

  @Test
  void mergesSmallContainersAndThenFindsNothingToDo() throws IOException {
    CommandRun dry = compact("--dry-run");
    assertThat(dry.code()).isZero();
    assertThat(dry.out()).startsWith("would rewrite 5 containers (").contains(") as 1 (at most ");
    assertThat(tree.containers()).hasSize(5);

    CommandRun run = compact();
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("rewrote 5 containers (").contains("1 commit, version 2\n");

    CommandRun again = compact();
    assertThat(again.code()).isZero();
    assertThat(again.out()).isEqualTo("nothing to do: version 2, 1 container\n");
    CommandRun verify =
        CommandRun.of("verify", "--level", "source", tree.dataset().toString());
    assertThat(verify.code()).as(verify.out()).isZero();
    assertThat(CommandRun.of("ls", tree.dataset().toString()).out()).hasLineCount(20);
  }

  @Test
  void reportIsOneJsonObject() throws IOException {
    JsonNode report = new ObjectMapper().readTree(compact("--json").out());
    assertThat(report.get("containersRemoved").asInt()).isEqualTo(5);
    assertThat(report.get("containersAdded").asInt()).isEqualTo(1);
    assertThat(report.get("damage")).isEmpty();
  }

  @Test
  void damageIsSaidAndIsAFailure() throws IOException {
    compact("--dry-run");
    Path broken = tree.containers().get(2);
    byte[] bytes = Files.readAllBytes(broken);
    bytes[bytes.length - 1] ^= 1;
    Files.write(broken, bytes);

    CommandRun run = compact();

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .startsWith("damaged: containers/" + broken.getFileName() + ": ")
        .contains("rewrote 4 containers (");
  }

  @Test
  void sharesAreChecked() throws IOException {
    CommandRun run = compact("--min-dead", "120");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("'120' is no share, expected a percentage above 0 and up to 100");
  }
}
