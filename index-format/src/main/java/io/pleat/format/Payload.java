package io.pleat.format;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A file's bytes as they will be stored: encoded and checksummed, so that this work can be done on other threads than the one that
 * appends.
 *
 * @param stored the stored bytes, from position to limit
 * @param length original length in bytes
 * @param codec id of the codec that encoded them; 0 is raw
 * @param storedCrc32c CRC32C of {@code stored}
 * @param crc32c CRC32C of the original bytes
 */
public record Payload(ByteBuffer stored, int length, int codec, int storedCrc32c, int crc32c) {
  public Payload {
    requireNonNull(stored, "stored bytes are null");
    if (length < 0
        || codec < 0
        || codec > 0xFF
        || codec == PayloadCodec.RAW && (length != stored.remaining() || crc32c != storedCrc32c)) {
      throw new IllegalArgumentException(whyImpossible(stored, length, codec));
    }
  }

  private static String whyImpossible(ByteBuffer stored, int length, int codec) {
    if (length < 0) {
      return "negative length: " + length;
    }
    return codec != PayloadCodec.RAW
        ? "codec id out of range: " + codec
        : "a raw payload is stored as it is: " + stored.remaining() + " bytes of " + length;
  }

  /** A payload that is stored as it is; {@code bytes} is neither copied nor consumed. */
  public static Payload raw(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    int value = (int) crc.getValue();
    return new Payload(bytes, bytes.remaining(), PayloadCodec.RAW, value, value);
  }
}
