package io.pleat.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The two ways in which bytes of a container are put under a CRC32C; see docs/format.md, "Checksums". */
final class Checksums {
  private Checksums() {}

  static int crc32c(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /** Of the remaining bytes, which are not consumed. */
  static int crc32c(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /**
   * A CRC that has already seen the container's id (16 big-endian bytes) and {@code kind} (4 little-endian bytes), so that a
   * sound section of another container, or of another kind, does not pass.
   */
  static CRC32C bound(ContainerId id, int kind) {
    CRC32C crc = new CRC32C();
    crc.update(id.toBytes());
    crc.update(kind & 0xFF);
    crc.update(kind >>> 8 & 0xFF);
    crc.update(kind >>> 16 & 0xFF);
    crc.update(kind >>> 24);
    return crc;
  }

  /** The bound CRC of the remaining bytes, which are not consumed. */
  static int bound(ContainerId id, int kind, ByteBuffer bytes) {
    CRC32C crc = bound(id, kind);
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /** How a checksum stands in a message. */
  static String hex(int crc) {
    return String.format("0x%08x", crc);
  }
}
