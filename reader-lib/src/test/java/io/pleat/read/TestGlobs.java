package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestGlobs {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*.jpg | a/b.jpg | true",
        "*.jpg | b.jpg | true",
        "*.jpg | b.jpg/c | false",
        "a/*.jpg | a/b.jpg | true",
        "a/*.jpg | a/b/c.jpg | false",
        "a/** | a/b/c.jpg | true",
        "/b.jpg | a/b.jpg | false",
        "/b.jpg | b.jpg | true",
        "**/c.jpg | c.jpg | true",
        "**/c.jpg | a/b/c.jpg | true",
        "a/**/c.jpg | a/c.jpg | true",
        "x?y | x/y | false",
        "x?y | x-y | true",
        "{a,b}.txt | b.txt | true",
        "{a,b}.txt | c.txt | false",
        "a,b | a,b | true",
        "[a-c].txt | b.txt | true",
        "[!a-c].txt | b.txt | false",
        "[!a-c].txt | d.txt | true",
        "\\*.txt | *.txt | true",
        "\\*.txt | a.txt | false",
        "a.b | axb | false",
        "d/[!x]e | d/e | false",
        "tmp/ | a/tmp | true",
        "a/tmp/ | a/tmp | true",
        "./a/b | a/b | true",
      })
  void matchesAsAShellWould(String glob, String path, boolean expected) {
    assertThat(Globs.compile(List.of(glob)).matches(path)).isEqualTo(expected);
  }

  @Test
  void starMatchesNewlinesAndEmoji() {
    assertThat(Globs.compile(List.of("a*z")).matches("a\n\uD83D\uDE00z")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[abc", "{a,b", "a}", "a\\", "", "/"})
  void refusesMalformedPatternsByName(String glob) {
    assertThatThrownBy(() -> Globs.compile(List.of("ok", glob)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("glob")
        .hasMessageContaining(glob);
  }
}
