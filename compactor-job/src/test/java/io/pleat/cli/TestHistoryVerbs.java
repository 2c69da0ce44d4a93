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

  @Test
  void snapshotsAreListedAndReadByTheirVersion() throws IOException {
    tree.write("d/c", "three, changed");
    tree.fold();
    CommandRun.of("rm", tree.dataset(), "a");

    CommandRun run = CommandRun.of("snapshots", tree.dataset());
    assertThat(run.code()).isEqualTo(Verb.DONE);
    assertThat(run.out().lines().map(line -> line.replaceAll("  \\S+Z  ", " ")))
        .containsExactly(
            "1 fold      3 files, 11 B in 1 container",
            "2 fold      3 files (+0), 20 B in 2 containers",
            "3 rm        2 files (-1), 17 B in 2 containers");
    JsonNode last = JSON.readTree(CommandRun.of("snapshots", "--json", tree.dataset())
        .out()
        .lines()
        .toList()
        .get(2));
    assertThat(last.get("version").asLong()).isEqualTo(3);
    assertThat(last.get("filesChange").asLong()).isEqualTo(-1);
    assertThat(CommandRun.of("ls", "--snapshot", "1", tree.dataset()).out()).isEqualTo("a\nd/\n");
    assertThat(CommandRun.of("ls", tree.dataset()).out()).isEqualTo("d/\n");
    assertThat(CommandRun.of("cat", "--snapshot", "1", tree.dataset(), "d/c").out())
        .isEqualTo("three");
    assertThat(
            CommandRun.of("stat", "--snapshot", "1", "--json", tree.dataset()).out())
        .contains("\"version\" : 1,");
    assertThat(CommandRun.of("catalog", "--snapshot", "1", tree.dataset()).code())
        .isEqualTo(Verb.DONE);
    Path restored = directory.resolve("restored");
    CommandRun unfold =
        CommandRun.of("unfold", "--snapshot", "1", tree.dataset(), restored.toString());
    assertThat(unfold.code()).as(unfold.err()).isEqualTo(Verb.DONE);
    assertThat(restored.resolve("d/c")).hasContent("three");
    CommandRun later = CommandRun.of("ls", "--snapshot", "9", tree.dataset());
    assertThat(later.code()).isEqualTo(Verb.FAILED);
    assertThat(later.err()).hasLineCount(1);
  }

  @Test
  void rollbackGoesBackAndDiffTellsTheDifference() throws IOException {
    tree.write("d/c", "three, changed");
    tree.write("e", "new");
    tree.fold();
    CommandRun.of("rm", tree.dataset(), "a");
    assertThat(CommandRun.of("diff", tree.dataset(), "1", "3").out())
        .isEqualTo("- a\n+ e\nM d/c\n");
    assertThat(CommandRun.of("diff", "--json", tree.dataset(), "3", "1").out())
        .startsWith("{\"change\":\"added\",\"path\":\"a\",\"length\":3}\n");

    assertThat(CommandRun.of("rollback", "--dry-run", tree.dataset(), "1").out())
        .isEqualTo("would roll back to version 1: 3 files\nversion 3\n");
    CommandRun run = CommandRun.of("rollback", tree.dataset(), "1");
    assertThat(run.out()).isEqualTo("rolled back to version 1: 3 files\nversion 4\n");
    assertThat(CommandRun.of("diff", tree.dataset(), "1", "4").out()).isEmpty();
    CommandRun newest = CommandRun.of("rollback", tree.dataset(), "4");
    assertThat(newest.code()).isEqualTo(Verb.WRONG_USAGE);
    assertThat(newest.err()).isEqualTo("pleat: cannot roll back to version 4: the newest is 4\n");
  }
}
