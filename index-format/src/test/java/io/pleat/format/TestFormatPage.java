package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds docs/format.md to the golden files: its worked example, and the reader that knows nothing but the page. */
class TestFormatPage {
  private static final Path PAGE = Path.of("../docs/format.md");
  private static final Path SECOND_READER = Path.of("src/test/python/read_container.py");

  /** Offset; bytes, or one byte and how often it stands there; meaning. */
  private static final Pattern LINE =
      Pattern.compile(" *(\\d+)  ((?:[0-9a-f]{2} ){0,15}[0-9a-f]{2})(?: \\* (\\d+))?(?:  .*)?");

  @Test
  void workedExampleIsTheGoldenFile() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("```hexdump\n") + "```hexdump\n".length();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String line : page.substring(start, page.indexOf("\n```", start)).split("\n")) {
      Matcher matcher = LINE.matcher(line);
      assertThat(matcher.matches()).as(line).isTrue();
      assertThat(Integer.parseInt(matcher.group(1))).as(line).isEqualTo(bytes.size());
      byte[] shown = HexFormat.ofDelimiter(" ").parseHex(matcher.group(2));
      if (matcher.group(3) == null) {
        bytes.writeBytes(shown);
      } else {
        assertThat(shown).as(line).containsExactly(0);
        bytes.writeBytes(new byte[Integer.parseInt(matcher.group(3))]);
      }
    }
    assertThat(bytes.toByteArray()).isEqualTo(Vectors.read("three-files"));
  }

  static List<String> all() {
    return Stream.concat(Vectors.ALL.stream(), Vectors.REFUSED.keySet().stream())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("all")
  void secondReaderFindsWhatTheTwinStates(String name) throws IOException, InterruptedException {
    Process python = new ProcessBuilder(
            "python3",
            SECOND_READER.toString(),
            Vectors.DIRECTORY.resolve(name + ".pleat").toString(),
            Vectors.DIRECTORY.resolve(name + ".json").toString())
        .redirectErrorStream(true)
        .start();
    python.getOutputStream().close();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(python.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).isEmpty();
    assertThat(python.exitValue()).isZero();
  }
}
