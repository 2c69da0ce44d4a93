package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestEscapedName {
  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "with space", "naïve", "日本語", "👩‍👩‍👧", "e\u0301", "%#:*"})
  void whatATerminalShowsStaysAsItIs(String name) {
    assertThat(EscapedName.of(name)).isSameAs(name);
  }

  @Test
  void whatItWouldObeyIsWrittenOut() {
    assertThat(EscapedName.of("a\nb")).isEqualTo("a\\nb");
    assertThat(EscapedName.of("a\tb\r")).isEqualTo("a\\tb\\r");
    assertThat(EscapedName.of("\u001b[2J")).isEqualTo("\\x1b[2J");
    assertThat(EscapedName.of("\u007f")).isEqualTo("\\x7f");
    assertThat(EscapedName.of("\u009b31m")).isEqualTo("\\u{9b}31m");
    assertThat(EscapedName.of("a\u202egpj")).isEqualTo("a\\u{202e}gpj");
    assertThat(EscapedName.of("a\u2028b")).isEqualTo("a\\u{2028}b");
    assertThat(EscapedName.of("a\ufffdb")).isEqualTo("a\\u{fffd}b");
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
