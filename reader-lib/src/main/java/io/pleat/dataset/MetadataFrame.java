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
 * What the binary metadata files begin and end with; all numbers are little-endian.
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
    putStart(file);
    return file;
  }

  /** Puts what stands before the body. */
  void putStart(ByteBuffer file) {
    file.put(magic.getBytes(US_ASCII)).putInt(supportedVersion).putInt(0).putInt(0);
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
    return mask(StoredBytes.crc32c(file, 0, length));
  }

  /** The checksum as it is stored. */
  static int mask(int crc32c) {
    return Integer.rotateRight(crc32c, MASK_ROTATION) + MASK_DELTA;
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
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int crcAt = bytes.length - CRC_LENGTH;
    check(file.source(), buffer, crcAt, StoredBytes.crc32c(bytes, 0, crcAt), buffer.getInt(crcAt));
    return buffer.position(BODY_AT).limit(crcAt);
  }

  /**
   * Checks everything around the body.
   *
   * @param start at least the bytes before the body, from index 0, little-endian
   * @param crcAt where the checksum is in the file
   * @param crc32c of all bytes before it
   * @param stored the checksum as stored
   */
  void check(String source, ByteBuffer start, long crcAt, int crc32c, int stored)
      throws IOException {
    byte[] expected = magic.getBytes(US_ASCII);
    byte[] found = new byte[MAGIC_LENGTH];
    start.get(0, found);
    if (!Arrays.equals(found, expected)) {
      throw new CorruptDataException(
          source,
          0,
          "magic of %s is %s, expected %s",
          kind,
          HexFormat.of().formatHex(found),
          HexFormat.of().formatHex(expected));
    }
    if (mask(crc32c) != stored) {
      throw new CorruptDataException(
          source,
          crcAt,
          "masked CRC32C of %s is 0x%08x, stored 0x%08x",
          kind,
          mask(crc32c),
          stored);
    }
    long version = Integer.toUnsignedLong(start.getInt(VERSION_AT));
    if (version > supportedVersion) {
      throw new UnsupportedFormatException(
          source,
          "%s has format version %d, this reader knows up to %d",
          kind,
          version,
          supportedVersion);
    }
    int unknown = start.getInt(REQUIRED_FEATURES_AT) & ~supportedFeatures;
    if (unknown != 0) {
      throw new UnsupportedFormatException(
          source, "%s requires the features 0x%08x, which this reader lacks", kind, unknown);
    }
  }
}
