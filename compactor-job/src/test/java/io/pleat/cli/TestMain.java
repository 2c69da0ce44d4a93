package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.fold.FoldOptions;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestMain {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fold", "unfold", "ls", "cat", "stat", "catalog", "verify", "pack", "uri", "compact"
      })
  void everyVerbExplainsItself(String verb) {
    CommandRun run = CommandRun.of(verb, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: pleat " + verb).contains("--conf=KEY=VALUE");
  }

  @Test
  void theHelpOfFoldStatesItsDefaults() {
    String help = CommandRun.of("fold", "--help").out();
    assertThat(help).contains("Default: 4MiB").contains("Default: 1GiB").contains("Default: none");
    FoldOptions defaults = FoldOptions.defaults();
    assertThat(ByteSize.parse("4MiB")).isEqualTo(defaults.maxFileSize());
    assertThat(ByteSize.parse("1GiB")).isEqualTo(defaults.containerSize());
    assertThat(defaults.codec().compresses()).isFalse();
  }

  @Test
  void helpCanBeSaidFirst() {
    assertThat(CommandRun.of("help").out()).isEqualTo(CommandRun.of("--help").out());
    assertThat(CommandRun.of("help", "ls").out())
        .isEqualTo(CommandRun.of("ls", "--help").out());
    assertThat(CommandRun.of("help", "fly").code()).isEqualTo(Verb.WRONG_USAGE);
  }

  @Test
  void bashCompletesVerbsAndOptions(@TempDir Path folder) throws Exception {
    CommandRun run = CommandRun.of("completion");
    assertThat(run.code()).as(run.err()).isZero();
    Path script = Files.writeString(folder.resolve("completion"), run.out());
    assertThat(completions(script, "pleat", "snap")).containsExactly("snapshots");
    assertThat(completions(script, "pleat", "fold", "--cont")).containsExactly("--container-size");
  }

  /** What bash offers for the last of the words. */
  private static List<String> completions(Path script, String... words) throws Exception {
    String ask =
        "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_LINE=\"$*\";"
            + " _complete_pleat; printf '%s\\n' \"${COMPREPLY[@]}\"";
    List<String> command = new ArrayList<>(List.of("bash", "-c", ask, "bash", script.toString()));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      return output.lines().map(String::strip).toList();
    }
  }

  @Test
  void helpNamesEveryVerb() {
    CommandRun run = CommandRun.of("--help");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            "fold",
            "unfold",
            "ls",
            "cat",
            "stat",
            "catalog",
            "verify",
            "pack",
            "warm",
            "cache",
            "uri",
            "compact",
            "repair",
            "Exit codes");
  }

  @Test
  void anEmptyLocationIsNotTheCurrentDirectory() {
    for (String[] args :
        new String[][] {{"fold", "", "b"}, {"fold", "a", ""}, {"unfold", "a", ""}, {"ls", ""}}) {
      CommandRun run = CommandRun.of(args);
      assertThat(run.code()).isEqualTo(Verb.WRONG_USAGE);
      assertThat(run.err())
          .contains("the location is empty; '.' is the current directory")
          .hasLineCount(1);
    }
  }

  @Test
  void versionIsSaidOnStandardOutput() {
    CommandRun run = CommandRun.of("--version");
    assertThat(run.code()).isZero();
    assertThat(run.out()).startsWith("pleat ").contains("Java ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|pleat: a verb is missing (see: pleat --help)",
        "fodl a b|pleat: there is no verb 'fodl'; similar: fold, unfold (see: pleat --help)",
        "fold --max-fiel-size 5 a b|pleat: there is no option '--max-fiel-size'; similar: --master, --max-file-size, --max-rps, --max-bandwidth (see: pleat fold --help)",
        "fold a|pleat: Missing required parameter: 'DATASET' (see: pleat fold --help)",
        "fold a b --no-such|pleat: there is no option '--no-such' (see: pleat fold --help)",
        "fold a b --max-file-size huge|pleat: Invalid value for option '--max-file-size': 'huge' is no size, expected one such as 4MiB, 1GiB, 128M, 512k or a number of bytes (see: pleat fold --help)",
        "fold a b --codec lzma|pleat: Invalid value for option '--codec': codec is 'lzma', expected none, zstd or zstd:LEVEL (1 to 22) (see: pleat fold --help)",
        "fold a b --codec zstd:23|pleat: Invalid value for option '--codec': zstd level is 23, allowed are 1 to 22 (see: pleat fold --help)",
        "fold a b --include [a|pleat: --include: glob '[a' has '[' without ']'",
        "fold a b --exclude {a|pleat: --exclude: glob '{a' has '{' without '}'",
        "fold a b --max-file-size 1TiB|pleat: max file size is 1099511627776 bytes, allowed are 0 to 268435456",
        "fold a b --container-size 0|pleat: container size is 0 bytes, at least 1 is needed",
        "fold a b --parallelism x|pleat: Invalid value for option '--parallelism': 'x' is not an int (see: pleat fold --help)",
        "verify a --level deep|pleat: Invalid value for option '--level': 'deep' is no level, expected structure, metadata, data or source (see: pleat verify --help)",
        "catalog a --sql oracle|pleat: Invalid value for option '--sql': 'oracle' is no dialect, expected duckdb or spark (see: pleat catalog --help)",
        "cat a|pleat: Missing required parameter: 'PATH' (see: pleat cat --help)"
      })
  void wrongUsageIsOneLine(String line, String expected) {
    CommandRun run = CommandRun.of(line == null ? new String[0] : line.split(" "));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEqualTo(expected + "\n");
  }

  @Test
  void aMalformedSettingIsNotRepeated() {
    CommandRun run = CommandRun.of("ls", "x", "--conf", "fs.s3a.secret.key:hunter2");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("pleat: --conf number 1 is not KEY=VALUE (see: pleat ls --help)\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ls", "stat", "catalog", "verify", "pack", "compact", "repair"})
  void aMissingDatasetIsOneLine(String verb) {
    CommandRun run = CommandRun.of(verb, "/no/such/data\nset");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("pleat: ").contains("/no/such/data\\nset").hasLineCount(1);
  }

  @Test
  void verboseAddsTheStack() {
    CommandRun run = CommandRun.of("ls", "--verbose", "/no/such/dataset");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("pleat: ").contains("\tat io.pleat.");
  }

  @Test
  void secretsAreMaskedWhereverTheyTurnUp() {
    CommandRun run = CommandRun.of(
        "ls",
        "--verbose",
        "--conf",
        "spark.hadoop.fs.s3a.secret.key=hunter2hunter2",
        "/no/such/hunter2hunter2");
    assertThat(run.err()).doesNotContain("hunter2hunter2").contains("/no/such/" + Secrets.REDACTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fs.s3a.secret.key",
        "fs.s3a.access.key",
        "fs.s3a.session.token",
        "javax.jdo.option.ConnectionPassword",
        "fs.azure.account.key.x",
        "hadoop.security.credential.provider.path",
        "spark.ssl.keyPassword"
      })
  void namesOfSecretsAreKnown(String key) {
    assertThat(Secrets.isSecret(key)).isTrue();
  }

  @Test
  void errorsAreSaidForPeople() {
    assertThat(Main.oneLine(new NoSuchFileException("/x")))
        .isEqualTo("no such file or directory: /x");
    assertThat(Main.oneLine(new java.io.IOException("it broke: x"))).isEqualTo("it broke: x");
    assertThat(Main.oneLine(new java.io.NotSerializableException("a.B")))
        .isEqualTo("NotSerializableException: a.B (--verbose shows where)");
    assertThat(Main.oneLine(new IllegalStateException()))
        .isEqualTo("IllegalStateException (--verbose shows where)");
  }
}
