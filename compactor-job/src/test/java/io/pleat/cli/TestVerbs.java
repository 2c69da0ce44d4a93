package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.FoldedTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that need no Spark, on a dataset made without one. */
@Timeout(120)
class TestVerbs {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Terminal TERMINAL = new Terminal(true, false, 80);

  @TempDir
  private Path directory;

  private FoldedTree tree;
  private String dataset;

  @BeforeEach
  void fold() throws IOException {
    tree = FoldedTree.awkward(directory);
    dataset = tree.dataset().toString();
  }

  @Test
  void lsNamesFilesThenDirectories() {
    CommandRun run = CommandRun.of("ls", dataset, "a");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("large\nb/\nb c/\n");
    assertThat(run.err()).isEmpty();
    assertThat(CommandRun.of("ls", dataset, "/a//./").out()).isEqualTo(run.out());
  }

  @Test
  void uriOpensNothing() {
    CommandRun run = CommandRun.of("uri", "hdfs://nn:8020/folded/images", "a b/c");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo("pleat://hdfs--nn-c8020--folded--images/a%20b/c\n");
    assertThat(CommandRun.of("uri", "/d").out()).isEqualTo("pleat://file----d/\n");
    CommandRun root = CommandRun.of("uri", "hdfs://nn/");
    assertThat(root.code()).isZero();
    CommandRun none = CommandRun.of("uri", "hdfs:///");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("the root of a file system: hdfs:///");
  }

  @Test
  void lsOfAFileNamesIt() {
    assertThat(CommandRun.of("ls", dataset, "a/b/deep").out()).isEqualTo("deep\n");
  }

  @Test
  void lsOfNothingIsAnError() {
    CommandRun run = CommandRun.of("ls", dataset, "no\nsuch");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("pleat: " + dataset + " holds no file or directory 'no\\nsuch'\n");
  }

  @Test
  void lsRecursivelyPrintsPathsFromTheRoot() {
    CommandRun run = CommandRun.of("ls", "-R", dataset, "a");
    assertThat(run.out()).isEqualTo("a/large\na/b/\na/b/deep\na/b c/\na/b c/with space\n");
  }

  @Test
  void namesAreRawUnlessATerminalShowsThem() {
    assertThat(CommandRun.of("ls", dataset).out())
        .contains("back\\slash\n")
        .contains("new\nline/\n");
    assertThat(CommandRun.on(TERMINAL, "ls", dataset).out())
        .contains("back\\\\slash\n")
        .contains("new\\nline/\n")
        .contains("emoji-😀/\n");
    assertThat(CommandRun.on(TERMINAL, "ls", "-0", dataset).out())
        .contains("new\nline/\0")
        .doesNotContain("/\n");
  }

  @Test
  void lsInLongFormShowsAttributes() {
    assertThat(CommandRun.of("ls", "-l", dataset, "a").out().lines())
        .anyMatch(line -> line.matches("-rw-r--r-- +\\S+ +\\S+ +300000 +\\S+Z large"))
        .anyMatch(line -> line.matches("dr-xr-xr-x .* b/"))
        .anyMatch(line -> line.matches("drwxr-s--- .* b c/"));
    assertThat(CommandRun.of("ls", "-l", dataset, "a/b").out()).startsWith("-rwsr-xr-x ");
  }

  @Test
  void lsAsJsonIsOneObjectALine() throws IOException {
    String[] lines = CommandRun.of("ls", "--json", "-R", dataset).out().split("\n");
    assertThat(lines).hasSize(15 + 9);
    boolean seen = false;
    for (String line : lines) {
      JsonNode item = JSON.readTree(line);
      assertThat(item.get("kind").asText()).isIn("folded", "pass-through", "directory");
      if (item.get("path").asText().equals("new\nline/tab\there")) {
        seen = true;
        assertThat(item.get("length").asLong())
            .isEqualTo(Files.size(tree.source().resolve("new\nline/tab\there")));
        assertThat(item.get("mode").asText()).isEqualTo("0644");
        assertThat(item.get("container").asText()).hasSize(32);
        assertThat(item.get("crc32c").asText()).hasSize(8);
      }
    }
    assertThat(seen).isTrue();
  }

  @Test
  void packWritesOnePackAndReplacesThatOfBefore() throws IOException {
    CommandRun run = CommandRun.of("pack", dataset);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .matches("_pleat/packs/[0-9]{20}-[0-9a-f-]{36}\\.pack: [0-9,]+ index blocks?, .*\n");
    JsonNode again = JSON.readTree(CommandRun.of("pack", "--json", dataset).out());
    assertThat(again.get("reused")).isEqualTo(again.get("indexBlocks"));
    assertThat(again.get("packsDeleted").asInt()).isEqualTo(1);
    assertThat(again.get("skipped").asInt()).isZero();
    Path packs = tree.dataset().resolve("_pleat/packs");
    try (var files = Files.list(packs)) {
      assertThat(files).containsExactly(tree.dataset().resolve(again.get("path").asText()));
    }
    assertThat(CommandRun.of("verify", dataset).code()).isZero();
  }

  @Test
  void packLeavesOutWhatIsMissing() throws IOException {
    try (var containers = Files.list(tree.dataset().resolve("containers"))) {
      Files.delete(containers.findFirst().orElseThrow());
    }
    CommandRun run = CommandRun.of("pack", "--json", dataset);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("containers/");
    assertThat(JSON.readTree(run.out()).get("skipped").asInt()).isEqualTo(1);
  }

  @Test
  void packOfNothingIsAnError() {
    CommandRun run = CommandRun.of("pack", directory.resolve("nothing").toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("no dataset is here");
  }

  @Test
  void catWritesBytesOfSeveralFilesAndGoesOnAfterOneThatIsNotThere() throws IOException {
    CommandRun run =
        CommandRun.of("cat", dataset, "plain", "none", "a/large", "e\u0301/combining", "a");
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.write(Files.readAllBytes(tree.source().resolve("plain")));
    expected.write(Files.readAllBytes(tree.source().resolve("a/large")));
    expected.write(Files.readAllBytes(tree.source().resolve("e\u0301/combining")));
    assertThat(run.bytes()).isEqualTo(expected.toByteArray());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("pleat: " + dataset + " holds no file 'none'\npleat: " + dataset
            + " holds no file 'a'\n");
  }

  @Test
  void aReaderThatLeavesEndsItQuietly() {
    OutputStream closed = new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException("Broken pipe");
      }
    };
    for (String[] args : new String[][] {
      {"ls", "-R", dataset}, {"cat", dataset, "a/large"}, {"verify", dataset}, {"stat", dataset}
    }) {
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
      assertThat(Main.run(args, closed, messages, Terminal.NONE)).isEqualTo(141);
      assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }
  }

  @Test
  void statOfADatasetHasTheCountsThatScriptsAskFor() throws IOException {
    JsonNode stat = JSON.readTree(CommandRun.of("stat", "--json", dataset).out());
    assertThat(stat.get("version").asLong()).isOne();
    assertThat(stat.get("files").asLong()).isEqualTo(15);
    assertThat(stat.get("foldedFiles").asLong()).isEqualTo(14);
    assertThat(stat.get("passThroughFiles").asLong()).isOne();
    assertThat(stat.get("containers").asLong()).isEqualTo(2);
    for (String name : new String[] {
      "looseFiles",
      "payloadBytes",
      "storedBytes",
      "indexBytes",
      "metadataBytes",
      "objectsBefore",
      "objectsAfter",
      "objectReduction"
    }) {
      assertThat(stat.has(name)).as(name).isTrue();
    }
    long bytes;
    try (var files = Files.walk(tree.dataset())) {
      bytes = files
          .filter(Files::isRegularFile)
          .mapToLong(path -> path.toFile().length())
          .sum();
    }
    assertThat(stat.get("storedBytes").asLong()
            + stat.get("indexBytes").asLong()
            + stat.get("metadataBytes").asLong())
        .isEqualTo(bytes);
    CommandRun human = CommandRun.of("stat", dataset);
    assertThat(human.code()).isZero();
    assertThat(human.out()).contains("15: 14 folded, 1 passed through").contains("name node");
  }

  @Test
  void statOfAPathSaysWhereItIs() throws IOException {
    JsonNode stat =
        JSON.readTree(CommandRun.of("stat", "--json", dataset, "a/b/deep").out());
    assertThat(stat.get("mode").asText()).isEqualTo("4755");
    assertThat(CommandRun.of("stat", dataset, "a/b/deep").out()).contains("containers/");
    assertThat(CommandRun.of("stat", dataset, "a").out()).contains("kind        directory");
    assertThat(CommandRun.of("stat", dataset, "none").code()).isEqualTo(1);
  }

  @Test
  void catalogPrintsAQueryAndNothingElse() {
    CommandRun duck = CommandRun.of("catalog", dataset);
    assertThat(duck.code()).isZero();
    assertThat(duck.out()).startsWith("SELECT ").contains("read_parquet(").contains(dataset);
    assertThat(CommandRun.of("catalog", "--sql", "spark", dataset).out())
        .contains("parquet.`")
        .doesNotContain("read_parquet");
  }

  @Test
  void verifySaysSoundOrNamesDamage() throws IOException {
    CommandRun sound = CommandRun.of("verify", "--level", "source", dataset);
    assertThat(sound.code()).isZero();
    assertThat(sound.out()).startsWith("sound at level source: version 1, 2 containers, 15 files");
    Path container = tree.containers().get(0);
    byte[] bytes = Files.readAllBytes(container);
    bytes[bytes.length - 50] ^= 1;
    Files.write(container, bytes);
    CommandRun damaged = CommandRun.of("verify", dataset);
    assertThat(damaged.code()).isEqualTo(1);
    assertThat(damaged.out())
        .startsWith("damaged: containers/" + container.getFileName())
        .containsPattern("\nlost: [^\n]+\n")
        .containsPattern("cost: containers/" + container.getFileName()
            + ": [78] files cannot be read, those of other containers can; "
            + "mend it with 'pleat repair --container [0-9a-f]{32} " + dataset + "'\n")
        .contains("NOT SOUND");
    JsonNode json = JSON.readTree(CommandRun.of("verify", "--json", dataset).out());
    assertThat(json.get("sound").asBoolean()).isFalse();
    assertThat(json.get("damaged").asLong()).isPositive();
    assertThat(json.get("findings").get(0).get("kind").asText()).isEqualTo("damaged");
    assertThat(json.get("costs").get(0).get("part").asText()).isEqualTo("container");
    assertThat(json.get("lost")).hasSize(json.get("costs").get(0).get("files").asInt());
    assertThat(json.get("lost").get(0).get("where").asText())
        .isEqualTo("containers/" + container.getFileName());
    assertThat(CommandRun.of("verify", "--record", dataset).code()).isEqualTo(1);
    assertThat(CommandRun.of("runs", "--verb", "verify", "--json", dataset).out())
        .contains("\"outcome\":\"not sound\"");
  }

  @Test
  void verifyTakesAnEarlierSnapshot() {
    assertThat(CommandRun.of("rm", dataset, "plain").code()).isZero();
    assertThat(CommandRun.of("verify", dataset).out())
        .contains("version 2, ")
        .contains(" 14 files");
    CommandRun first = CommandRun.of("verify", "--snapshot", "1", dataset);
    assertThat(first.code()).isZero();
    assertThat(first.out()).contains("version 1, ").contains(" 15 files");
    CommandRun none = CommandRun.of("verify", "--snapshot", "9", dataset);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("there is no snapshot 9, the newest is 2");
    JsonNode sound = json(CommandRun.of("verify", "--json", dataset));
    assertThat(sound.get("lost")).isEmpty();
    assertThat(sound.get("costs")).isEmpty();
  }

  private static JsonNode json(CommandRun run) {
    try {
      return JSON.readTree(run.out());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void unfoldRestoresAndThenRefusesToOverwrite() throws IOException {
    String target = directory.resolve("target").toString();
    CommandRun first = CommandRun.of("unfold", dataset, target);
    assertThat(first.code()).isZero();
    assertThat(first.out()).startsWith("unfolded 15 files");
    assertThat(first.err()).isEmpty();
    assertThat(FoldedTree.describe(Path.of(target))).isEqualTo(FoldedTree.describe(tree.source()));
    CommandRun second = CommandRun.of("unfold", dataset, target);
    assertThat(second.code()).isEqualTo(1);
    assertThat(second.err()).contains("pleat: not restored: plain: ");
    assertThat(CommandRun.of("unfold", "--overwrite", "--json", dataset, target).code())
        .isZero();
    CommandRun inside = CommandRun.of("unfold", dataset, dataset + "/x");
    assertThat(inside.code()).isEqualTo(2);
    assertThat(inside.err()).startsWith("pleat: the target lies in the dataset: ");
  }
}
