package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What manifests and deletion vectors begin and end with; all numbers are little-endian.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>offset</th><th>bytes</th><th>what</th></tr>
 * <tr><td>0</td><td>8</td><td>magic</td></tr>
 * <tr><td>8</td><td>4</td><td>format version</td></tr>
 * <tr><td>12</td><td>4</td><td>required features: a reader refuses an unknown bit</td></tr>
 * <tr><td>16</td><td>4</td><td>optional features: a reader ignores an unknown bit</td></tr>
 * <tr><td>20</td><td></td><td>body</td></tr>
 * <tr><td>length - 4</td><td>4</td><td>CRC32C of all bytes before it, masked</td></tr>
 * </table>
 *
 * <p>The CRC is masked because that of bytes which end in their own CRC is the same number for all of them: whoever refers to the file
 * by the CRC32C of all its bytes could not tell it from another sound file of its length. The mask is Snappy's: rotated right by 15
 * bits, plus 0xa282ead8.
 *
 * @param kind what the file is called in messages
 */
record MetadataFrame(String kind, String magic, int supportedVersion, int supportedFeatures) {
  static final int MAGIC_LENGTH = 8;
  static final int VERSION_AT = MAGIC_LENGTH;
  static final int REQUIRED_FEATURES_AT = VERSION_AT + Integer.BYTES;
  static final int OPTIONAL_FEATURES_AT = REQUIRED_FEATURES_AT + Integer.BYTES;
  static final int BODY_AT = OPTIONAL_FEATURES_AT + Integer.BYTES;
  static final int CRC_LENGTH = Integer.BYTES;

  private static final int MASK_ROTATION = 15;
  private static final int MASK_DELTA = 0xa282ead8;

  /** A buffer for a whole file of {@code bodyLength}, positioned at the body. */
  ByteBuffer start(int bodyLength) {
    ByteBuffer file = ByteBuffer.allocate(Math.addExact(bodyLength, BODY_AT + CRC_LENGTH))
        .order(ByteOrder.LITTLE_ENDIAN);
    file.put(magic.getBytes(US_ASCII));
    file.putInt(VERSION_AT, supportedVersion);
    return file.position(BODY_AT);
  }

  /** The bytes of a file whose body was put to {@code file}. */
  byte[] finish(ByteBuffer file) {
    return seal(file.putInt(0).array());
  }

  /** Sets the last bytes to the checksum of those before them. */
  static byte[] seal(byte[] file) {
    int crcAt = file.length - CRC_LENGTH;
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(crcAt, maskedCrc(file, crcAt));
    return file;
  }

  private static int maskedCrc(byte[] file, int length) {
    return Integer.rotateRight(StoredBytes.crc32c(file, 0, length), MASK_ROTATION) + MASK_DELTA;
  }

  /** Checks everything around the body, and returns the whole file from the body's start to its end. */
  ByteBuffer open(StoredBytes file) throws IOException {
    byte[] bytes = file.bytes();
    if (bytes.length < BODY_AT + CRC_LENGTH) {
      throw new CorruptDataException(
          file.source(),
          bytes.length,
          "%s has %d bytes, too few for its frame",
          kind,
          bytes.length);
    }
    byte[] expected = magic.getBytes(US_ASCII);
    if (!Arrays.equals(bytes, 0, MAGIC_LENGTH, expected, 0, MAGIC_LENGTH)) {
      throw new CorruptDataException(
          file.source(),
          0,
          "magic of %s is %s, expected %s",
          kind,
          HexFormat.of().formatHex(bytes, 0, MAGIC_LENGTH),
          HexFormat.of().formatHex(expected));
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int crcAt = bytes.length - CRC_LENGTH;
    int crc = maskedCrc(bytes, crcAt);
    if (crc != buffer.getInt(crcAt)) {
      throw new CorruptDataException(
          file.source(),
          crcAt,
          "masked CRC32C of %s is 0x%08x, stored 0x%08x",
          kind,
          crc,
          buffer.getInt(crcAt));
    }
    long version = Integer.toUnsignedLong(buffer.getInt(VERSION_AT));
    if (version > supportedVersion) {
      throw new UnsupportedFormatException(
          file.source(),
          "%s has format version %d, this reader knows up to %d",
          kind,
          version,
          supportedVersion);
    }
    int unknown = buffer.getInt(REQUIRED_FEATURES_AT) & ~supportedFeatures;
    if (unknown != 0) {
      throw new UnsupportedFormatException(
          file.source(), "%s requires the features 0x%08x, which this reader lacks", kind, unknown);
    }
    return buffer.position(BODY_AT).limit(crcAt);
  }
}
