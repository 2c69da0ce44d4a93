package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.FoldedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestReclaimVerb {
  @TempDir
  private Path directory;

  private FoldedTree tree;

  @BeforeEach
  void fold() throws IOException {
    tree = FoldedTree.awkward(directory);
  }

  private CommandRun reclaim(String... options) throws IOException {
    String[] args = new String[options.length + 3];
    args[0] = "reclaim";
    System.arraycopy(options, 0, args, 1, options.length);
    args[options.length + 1] = tree.source().toString();
    args[options.length + 2] = tree.dataset().toString();
    return CommandRun.of(args);
  }

  @Test
  void withinTheGracePeriodNothingGoes() throws IOException {
    Map<String, String> before = FoldedTree.describe(tree.source());
    CommandRun run = reclaim();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("deleted 0 originals (0 B)").contains("15 young");
    assertThat(FoldedTree.describe(tree.source())).isEqualTo(before);
  }

  @Test
  void onSparkOriginalsGoAndUnfoldBringsThemBack() throws IOException {
    Map<String, String> before = FoldedTree.describe(tree.source());
    CommandRun dry = reclaim("--grace", "0", "--dry-run");
    assertThat(dry.out()).startsWith("would prove and delete 14 originals (");
    assertThat(FoldedTree.describe(tree.source())).isEqualTo(before);

    CommandRun run =
        reclaim("--grace", "0", "--json", "--master=local[2]", "--conf", "spark.ui.enabled=false");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.get("files").get("deleted").asInt()).isEqualTo(14);
    assertThat(report.get("files").get("passThrough").asInt()).isEqualTo(1);
    assertThat(report.get("commits").asInt()).isEqualTo(1);
    assertThat(tree.source().resolve("plain")).doesNotExist();
    assertThat(tree.source().resolve("a/large")).exists();

    Path target = directory.resolve("back");
    CommandRun unfold = CommandRun.of("unfold", tree.dataset().toString(), target.toString());
    assertThat(unfold.code()).as(unfold.err()).isZero();
    assertThat(FoldedTree.describe(target)).isEqualTo(before);
  }

  @Test
  void anotherSourceIsWrongUsage() throws IOException {
    Path other = Files.createDirectories(directory.resolve("other"));
    CommandRun run = CommandRun.of("reclaim", other.toString(), tree.dataset().toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("was folded from " + tree.source());
  }
}
