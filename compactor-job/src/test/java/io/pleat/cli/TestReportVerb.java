package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.maintain.LivingTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TestReportVerb {
  /** A directory and one in it: a name holds no slash. */
  private static final String HOSTILE = "<script>alert(1)</script>";

  @TempDir
  private Path directory;

  private LivingTree tree;
  private Path page;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new LivingTree(directory);
    page = directory.resolve("report.html");
  }

  private CommandRun report() {
    return CommandRun.of("report", tree.dataset(), "-o", page.toString());
  }

  private void fold() throws IOException {
    tree.write(HOSTILE + "/a", "one");
    tree.write(HOSTILE + "/b", "two");
    tree.write("it's \"quoted\" & \u202eodd/c", "three");
    tree.write("large", "x".repeat(5000));
    tree.fold();
    tree.write("d/e", "later");
    tree.fold();
    assertThat(CommandRun.of("rm", tree.dataset(), HOSTILE + "/b").code()).isZero();
  }

  private List<String> between(String start, String end) throws IOException {
    List<String> found = new ArrayList<>();
    Matcher matcher = Pattern.compile(
            Pattern.quote(start) + "(.*?)" + Pattern.quote(end), Pattern.DOTALL)
        .matcher(Files.readString(page));
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }

  @Test
  void thePageSaysInWordsChartsAndTablesWhatTheDatasetIs() throws IOException {
    fold();
    CommandRun run = report();
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out()).matches("wrote .*/report\\.html \\(.* KiB\\): version 3, 4 files\n");
    assertThat(Files.size(page)).isLessThan(400_000);
    JsonNode charts = new ObjectMapper()
        .readTree(between("<script type=\"application/json\" id=\"charts\">", "</script>")
            .get(0));
    List<String> ids = new ArrayList<>();
    charts.forEach(chart -> ids.add(chart.get("id").asText()));
    assertThat(ids)
        .containsExactly(
            "objects",
            "size-files",
            "size-bytes",
            "growth-files",
            "growth-bytes",
            "fill",
            "dead",
            "directories-files",
            "directories-bytes",
            "not-folded",
            "gains",
            "heap",
            "runs");
    String html = Files.readString(page);
    for (String id : ids) {
      assertThat(html)
          .contains("<canvas id=\"chart-" + id + "\" role=\"img\" aria-labelledby=\"title-" + id
              + "\" aria-describedby=\"text-" + id + "\">")
          .contains("<h2 id=\"title-" + id + "\">")
          .contains("<p id=\"text-" + id + "\">");
    }
    assertThat(between("<table>", "</table>")).hasSize(ids.size());
    assertThat(charts.get(0).at("/series/0/values/0").asInt()).isEqualTo(4);
    assertThat(charts.get(3).at("/series/0/values").toString()).isEqualTo("[4,5,4]");
    assertThat(html)
        .contains(" inodes and blocks before \u2212 ")
        .contains(" after reclaim) \u00d7 119 bytes = ")
        .contains("reclaim would delete up to 3 originals");
  }

  @Test
  void namesAreEscapedWhereverTheyStand() throws IOException {
    fold();
    assertThat(report().code()).isZero();
    String html = Files.readString(page);
    assertThat(html)
        .contains("<th scope=\"row\">&lt;script&gt;alert(1)&lt;/script&gt;</th>")
        .contains("\\u003cscript\\u003ealert(1)\\u003c/script\\u003e")
        .contains("it&#39;s &quot;quoted&quot; &amp; \\u{202e}odd")
        .doesNotContain("<script>alert")
        .doesNotContain("\u202e");
    // The data, the library, the page's own.
    assertThat(Pattern.compile("<script").matcher(html).results()).hasSize(3);
    assertThat(Pattern.compile("</script").matcher(html).results()).hasSize(3);
  }

  @Test
  void thePolicyAllowsItsOwnScriptsAndStyleAlone() throws Exception {
    fold();
    assertThat(report().code()).isZero();
    String policy = between("Content-Security-Policy\" content=\"", "\">").get(0);
    assertThat(policy).startsWith("default-src 'none'; base-uri 'none'; form-action 'none'; ");
    List<String> hashes = new ArrayList<>();
    for (String content : Stream.of(
            between("<style>", "</style>"), between("<script>", "</script>"))
        .flatMap(List::stream)
        .toList()) {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      hashes.add("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
    }
    assertThat(hashes).hasSize(3);
    assertThat(policy)
        .endsWith(
            "style-src " + hashes.get(0) + "; script-src " + hashes.get(1) + " " + hashes.get(2));
    assertThat(Files.readString(page))
        .doesNotContain("src=\"")
        .doesNotContain("href=")
        .doesNotContain("sourceMappingURL");
  }

  @Test
  void anEmptyDatasetHasAPage() throws IOException {
    tree.fold();
    CommandRun run = report();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(page))
        .contains("There are no directories below the root.")
        .contains("No byte of any container is dead.");
  }

  @Test
  void whatIsMissingIsSaidOnThePageAndByTheExitCode() throws IOException {
    fold();
    Path snapshot = Path.of(tree.dataset(), "_pleat/snapshots/00000000000000000001.json");
    Files.writeString(snapshot, "torn");
    CommandRun run = report();
    assertThat(run.code()).isEqualTo(Verb.FAILED);
    assertThat(run.err()).startsWith("pleat: snapshot 1 cannot be read: ").hasLineCount(1);
    assertThat(Files.readString(page))
        .contains("Not all could be read")
        .contains("<li>snapshot 1 cannot be read: ");
  }

  @Test
  void whereThereIsNothingToReportThePageStaysAsItWas() throws IOException {
    Files.writeString(page, "yesterday's");
    CommandRun nothing = report();
    assertThat(nothing.code()).isEqualTo(Verb.FAILED);
    assertThat(nothing.err()).hasLineCount(1).contains(tree.dataset());
    fold();
    Files.writeString(
        Path.of(tree.dataset(), "_pleat/snapshots/00000000000000000003.json"), "torn");
    CommandRun damaged = report();
    assertThat(damaged.code()).isEqualTo(Verb.FAILED);
    assertThat(damaged.err()).hasLineCount(1).contains("00000000000000000003.json");
    assertThat(page).hasContent("yesterday's");
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("source", "dataset", "report.html");
    }
  }

  @Test
  void aPlaceThatCannotBeIsSaidBeforeAnythingIsRead() {
    CommandRun noDirectory =
        CommandRun.of("report", tree.dataset(), "-o", directory + "/none/x.html");
    assertThat(noDirectory.code()).isEqualTo(Verb.FAILED);
    assertThat(noDirectory.err())
        .isEqualTo("pleat: " + directory + "/none/x.html: there is no directory " + directory
            + "/none, make it first\n");
    CommandRun aDirectory = CommandRun.of("report", tree.dataset(), "-o", directory.toString());
    assertThat(aDirectory.code()).isEqualTo(Verb.WRONG_USAGE);
    assertThat(aDirectory.err()).contains("is a directory, a file is needed");
    assertThat(CommandRun.of("report", tree.dataset()).code()).isEqualTo(Verb.WRONG_USAGE);
  }
}
