package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestEscapedName {
  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "with space", "naïve", "日本語", "👩‍👩‍👧", "e\u0301", "%#:*"})
  void whatATerminalShowsStaysAsItIs(String name) {
    assertThat(EscapedName.of(name)).isSameAs(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a\nb|a\\nb",
        "a\tb|a\\tb",
        "a\rb|a\\rb",
        "\u001b[2J|\\x1b[2J",
        "\u007f|\\x7f",
        "\u009b31m|\\u{9b}31m",
        "a\u202egpj|a\\u{202e}gpj",
        "a\u2028b|a\\u{2028}b",
        "a\ufffdb|a\\u{fffd}b"
      })
  void whatItWouldObeyIsWrittenOut(String name, String shown) {
    assertThat(EscapedName.of(name)).isEqualTo(shown);
  }

  @Test
  void backslashesAreDoubledSoThatEscapesAreUnambiguous() {
    assertThat(EscapedName.of("a\\nb")).isEqualTo("a\\\\nb");
    assertThat(EscapedName.inMessage("a\\nb\n")).isEqualTo("a\\nb\\n");
  }

  @Test
  void unpairedSurrogatesAreWrittenOut() {
    assertThat(EscapedName.of("a\ud800")).isEqualTo("a\\u{d800}");
  }
}
