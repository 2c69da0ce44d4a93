package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class TestCrcConcatenation {
  @Test
  void isTheCrcOfAllBytes() {
    Random random = new Random(3);
    for (int length = 0; length < 600; length++) {
      byte[] bytes = new byte[length + random.nextInt(3000)];
      random.nextBytes(bytes);
      assertThat(CrcConcatenation.concat(
              Checksums.crc32c(bytes, 0, bytes.length - length),
              Checksums.crc32c(bytes, bytes.length - length, length),
              length))
          .as("%s bytes behind %s", length, bytes.length - length)
          .isEqualTo(Checksums.crc32c(bytes, 0, bytes.length));
    }
  }

  @Test
  void goesOnBeyondFourGigabytes() {
    long length = 5L << 30;
    byte[] zeros = new byte[1 << 20];
    CRC32C all = new CRC32C();
    all.update(7);
    CRC32C second = new CRC32C();
    for (long at = 0; at < length; at += zeros.length) {
      all.update(zeros);
      second.update(zeros);
    }
    CRC32C first = new CRC32C();
    first.update(7);
    assertThat(CrcConcatenation.concat((int) first.getValue(), (int) second.getValue(), length))
        .isEqualTo((int) all.getValue());
  }

  @Test
  void whatEndsInItsOwnCrcHasOneCrc() {
    Random random = new Random(4);
    for (int length = 0; length < 100; length++) {
      byte[] bytes = new byte[length + Integer.BYTES];
      random.nextBytes(bytes);
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(length, Checksums.crc32c(bytes, 0, length));
      assertThat(Checksums.crc32c(bytes, 0, bytes.length)).isEqualTo(CrcConcatenation.OF_SUMMED);
    }
  }
}
