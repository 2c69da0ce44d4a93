package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TestCount {
  @Test
  void oneIsNotMany() {
    assertThat(Count.of(0, "file")).isEqualTo("0 files");
    assertThat(Count.of(1, "file")).isEqualTo("1 file");
    assertThat(Count.of(78_579, "file")).isEqualTo("78,579 files");
    assertThat(Count.of(1, "directory", "directories")).isEqualTo("1 directory");
  }

  @Test
  void moreIsNotFewer() {
    assertThat(Count.fewer(10_000, 1)).isEqualTo("99.99 % fewer");
    assertThat(Count.fewer(4, 4)).isEqualTo("no fewer");
    assertThat(Count.fewer(1, 7)).isEqualTo("6 more");
    assertThat(Count.fewer(0, 5)).isEqualTo("5 more");
  }
}
