package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queries of {@code examples/sql} in DuckDB, through the view that {@code pleat catalog} prints. */
@Tag("slow")
final class ITSqlExamples {
  private static final String SCRIPT = Path.of("..", "examples", "sql", "namespace.py")
      .toAbsolutePath()
      .normalize()
      .toString();
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir
  private Path folder;

  private Path source;
  private String dataset;

  @BeforeAll
  static void installPython() throws Exception {
    PythonEnvironment.install();
  }

  @BeforeEach
  void makeSource() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    dataset = folder.resolve("data 'set'").toString();
    write("a/b/x", 100);
    write("a/b/y", 5000);
    write("a/z", 0);
    write("top", 70_000);
    write("large", 5 << 20);
  }

  private void write(String path, int length) throws IOException {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[length]);
    Files.setLastModifiedTime(
        file, FileTime.from(Instant.parse("2020-02-02T02:02:02Z").plusSeconds(length)));
  }

  private CommandRun fold(String... more) {
    List<String> words =
        new ArrayList<>(List.of("fold", "--conf=spark.ui.enabled=false", "--master=local[2]"));
    words.addAll(List.of(more));
    words.addAll(List.of(source.toString(), dataset));
    return CommandRun.of(words.toArray(new String[0]));
  }

  /** What {@code pleat catalog} prints now, in a file. */
  private Path catalog(String name) throws IOException {
    CommandRun run = CommandRun.of("catalog", dataset);
    assertThat(run.code()).as(run.err()).isZero();
    return Files.writeString(folder.resolve(name), run.out());
  }

  private JsonNode query(Path statement, String... words) throws Exception {
    List<String> command = new ArrayList<>(
        List.of(PythonEnvironment.python(), SCRIPT, "--json", statement.toString()));
    command.addAll(List.of(words));
    PythonEnvironment.Finished finished =
        PythonEnvironment.run(LIMIT, folder, Map.of(), command.toArray(new String[0]));
    assertThat(finished.exitCode()).as(finished.output()).isZero();
    return new ObjectMapper().readTree(finished.output());
  }

  private static Map<String, String> rows(JsonNode table, String key, String... columns) {
    Map<String, String> rows = new TreeMap<>();
    for (JsonNode row : table) {
      StringBuilder text = new StringBuilder();
      for (String column : columns) {
        text.append(text.length() == 0 ? "" : " ").append(row.get(column).asText());
      }
      rows.put(row.get(key).asText(), text.toString());
    }
    return rows;
  }

  @Test
  void queriesSayWhatIsInTheTree() throws Exception {
    assertThat(fold().code()).isZero();
    Path now = catalog("now.sql");
    assertThat(rows(query(now, "largest-directories"), "directory", "files", "bytes"))
        .isEqualTo(Map.of("a", "3 5100", "a/b", "2 5100"));
    assertThat(rows(query(now, "size-classes"), "size_class", "files", "bytes"))
        .isEqualTo(Map.of(
            "0 empty", "1 0",
            "1 under 4 KiB", "1 100",
            "2 under 64 KiB", "1 5000",
            "3 under 1 MiB", "1 70000",
            "5 pass-through", "1 " + (5 << 20)));
    JsonNode found = query(now, "container-of", "a/b/y");
    assertThat(found).hasSize(1);
    Path container = Path.of(dataset, found.get(0).get("container").asText());
    assertThat(container).isRegularFile();
    assertThat(Files.size(container)).isGreaterThan(found.get(0).get("offset").asLong() + 5000);
    assertThat(query(now, "container-of", "a/b/none")).isEmpty();
  }

  @Test
  void whatWasRemovedIsGoneAndCompactionChangesNothing() throws Exception {
    assertThat(fold("--container-size=4KiB").code()).isZero();
    Path then = catalog("then.sql");
    CommandRun removal = CommandRun.of("rm", dataset, "a/b/y", "a/z");
    assertThat(removal.code()).as(removal.err()).isZero();
    Map<String, String> removed = Map.of("a/b/y", "removed 5000 null", "a/z", "removed 0 null");
    JsonNode table = query(catalog("removed.sql"), "changes", "--before", then.toString());
    assertThat(rows(table, "path", "change", "length_before", "length_now")).isEqualTo(removed);

    CommandRun compaction = CommandRun.of("compact", dataset);
    assertThat(compaction.code()).as(compaction.err()).isZero();
    Path now = catalog("compacted.sql");
    table = query(now, "changes", "--before", then.toString());
    assertThat(rows(table, "path", "change", "length_before", "length_now")).isEqualTo(removed);
    assertThat(rows(query(now, "largest-directories"), "directory", "files", "bytes"))
        .isEqualTo(Map.of("a", "1 100", "a/b", "1 100"));
  }

  @Test
  void changesAreThoseOfTwoSnapshotsAndAFailedFoldMakesNone() throws Exception {
    assertThat(fold().code()).isZero();
    Path then = catalog("then.sql");
    write("a/b/x", 101);
    write("new", 1);
    assertThat(fold().code()).isZero();
    Path now = catalog("now.sql");
    Map<String, String> changes = Map.of("a/b/x", "changed 100 101", "new", "added null 1");
    JsonNode table = query(now, "changes", "--before", then.toString());
    assertThat(rows(table, "path", "change", "length_before", "length_now")).isEqualTo(changes);

    write("never", 1);
    try (Stream<Path> snapshots = Files.list(Path.of(dataset, "_pleat/snapshots"))) {
      assertThat(snapshots).hasSize(2);
    }
    PythonEnvironment.run(
        LIMIT, folder, Map.of(), "sh", "-c", "touch \"" + source + "/$(printf 'bad\\377')\"");
    assertThat(fold("--strict").code()).isEqualTo(1);
    table = query(catalog("after.sql"), "changes", "--before", then.toString());
    assertThat(rows(table, "path", "change", "length_before", "length_now")).isEqualTo(changes);
  }
}
