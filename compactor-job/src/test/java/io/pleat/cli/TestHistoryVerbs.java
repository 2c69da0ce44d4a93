package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.LivingTree;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** rm, snapshots, rollback, diff, and the verbs that read an earlier snapshot. */
class TestHistoryVerbs {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir
  private Path directory;

  private LivingTree tree;

  @BeforeEach
  void foldATree() throws IOException {
    tree = new LivingTree(directory);
    tree.write("a", "one");
    tree.write("d/b", "two");
    tree.write("d/c", "three");
    tree.fold();
  }

  @Test
  void rmSaysWhatItRemovedAndWhatItWould() throws IOException {
    CommandRun dry = CommandRun.of("rm", "-r", "--dry-run", tree.dataset(), "d");
    assertThat(dry.out()).isEqualTo("would remove 2 files (8 B) and 1 directory\nversion 1\n");
    assertThat(tree.head().version()).isEqualTo(1);

    CommandRun run = CommandRun.of("rm", "-r", tree.dataset(), "/d/");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo("removed 2 files (8 B) and 1 directory\nversion 2\n");
    assertThat(run.code()).isEqualTo(Verb.DONE);
    assertThat(tree.held()).containsOnlyKeys("a");

    JsonNode json =
        JSON.readTree(CommandRun.of("rm", "--json", tree.dataset(), "a").out());
    assertThat(json.get("version").asLong()).isEqualTo(3);
    assertThat(json.get("files").asLong()).isEqualTo(1);
    assertThat(json.get("onlyCopies").asLong()).isZero();
  }

  @Test
  void rmRefusesWithOneLine() throws IOException {
    CommandRun directoryRun = CommandRun.of("rm", tree.dataset(), "d");
    assertThat(directoryRun.code()).isEqualTo(Verb.WRONG_USAGE);
    assertThat(directoryRun.err())
        .isEqualTo("pleat: 'd' is a directory; pass -r to remove it with all that is in it\n");
    CommandRun missing = CommandRun.of("rm", tree.dataset(), "d/b", "x");
    assertThat(missing.code()).isEqualTo(Verb.FAILED);
    assertThat(missing.err())
        .isEqualTo("pleat: " + tree.dataset() + " holds no file or directory 'x'\n");
    tree.reclaim("d/b");
    CommandRun only = CommandRun.of("rm", "-r", tree.dataset(), "d");
    assertThat(only.code()).isEqualTo(Verb.FAILED);
    assertThat(only.err())
        .startsWith("pleat: d/b: the original was reclaimed and the dataset has the only copy;")
        .hasLineCount(1);
    assertThat(CommandRun.of("rm", "-r", "--only-copy", tree.dataset(), "d").out())
        .startsWith("removed 2 files (8 B) and 1 directory, 1 of them the only copy\n");
    CommandRun nowhere = CommandRun.of("rm", directory.resolve("nowhere").toString(), "d");
    assertThat(nowhere.code()).isEqualTo(Verb.FAILED);
    assertThat(nowhere.err()).hasLineCount(1).contains("no dataset at ");
    assertThat(directory.resolve("nowhere")).doesNotExist();
  }
}
