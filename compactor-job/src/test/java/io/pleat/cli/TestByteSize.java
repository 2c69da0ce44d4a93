package io.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestByteSize {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "17, 17",
    "17B, 17",
    "512k, 524288",
    "4MiB, 4194304",
    "4 mib, 4194304",
    "128M, 134217728",
    "1GiB, 1073741824",
    "2T, 2199023255552",
    "5MB, 5000000",
    "3kb, 3000",
    "9223372036854775807, 9223372036854775807"
  })
  void sizesAreReadAsPeopleWriteThem(String text, long bytes) {
    assertThat(ByteSize.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "MiB", "4 parsecs", "-1", "1.5GiB", "0x10", "4MiBs", " 4", "4\n", "٤"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is no size, expected one such as 4MiB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775808", "9999999999999999999", "8388608T", "9000000000G"})
  void tooManyBytesAreRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + text + "' is more bytes than can be counted");
  }

  @Test
  void sizesAreShownInTheLargestFittingUnit() {
    assertThat(ByteSize.format(0)).isEqualTo("0 B");
    assertThat(ByteSize.format(1023)).isEqualTo("1023 B");
    assertThat(ByteSize.format(1024)).isEqualTo("1.0 KiB");
    assertThat(ByteSize.format(1.5 * (1 << 30))).isEqualTo("1.5 GiB");
    assertThat(ByteSize.format((1 << 20) - 1)).isEqualTo("1.0 MiB");
    assertThat(ByteSize.format(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
  }
}
