package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first bytes of a container, little-endian.
 *
 * <pre>
 *  at  bytes  field
 *   0      8  magic 89 50 4C 45 41 54 0D 0A
 *   8      2  format version, 1
 *  10      2  zero
 *  12      4  required features that a scan of the records needs
 *  16      4  optional features
 *  20     16  container id, big-endian
 *  36      4  CRC32C of the 36 bytes before
 * </pre>
 */
final class HeaderLayout {
  static final long MAGIC = 0x0A0D5441454C5089L;

  static final int MAGIC_AT = 0;
  static final int VERSION_AT = MAGIC_AT + Long.BYTES;
  static final int RESERVED_AT = VERSION_AT + Short.BYTES;
  static final int REQUIRED_AT = RESERVED_AT + Short.BYTES;
  static final int OPTIONAL_AT = REQUIRED_AT + Integer.BYTES;
  static final int ID_AT = OPTIONAL_AT + Integer.BYTES;
  static final int CRC_AT = ID_AT + ContainerId.LENGTH;
  static final int LENGTH = CRC_AT + Integer.BYTES;

  private HeaderLayout() {}

  static ByteBuffer encode(ContainerId id) {
    ByteBuffer header = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC_AT, MAGIC);
    header.putShort(VERSION_AT, (short) Features.VERSION_PAGES);
    header.put(ID_AT, id.toBytes());
    header.putInt(CRC_AT, Checksums.crc32c(header.array(), 0, CRC_AT));
    return header;
  }

  /** Checks the header in the first {@link #LENGTH} bytes of {@code header}. */
  static void check(ByteBuffer header, String source, ContainerId expected) throws IOException {
    long magic = header.getLong(MAGIC_AT);
    if (magic != MAGIC) {
      throw new CorruptDataException(
          source, MAGIC_AT, "magic of header is 0x%016x, expected 0x%016x", magic, MAGIC);
    }
    int crc = Checksums.crc32c(header.slice(0, CRC_AT));
    if (crc != header.getInt(CRC_AT)) {
      throw new CorruptDataException(
          source,
          0,
          "CRC32C of header is %s, stored %s",
          Checksums.hex(crc),
          Checksums.hex(header.getInt(CRC_AT)));
    }
    Features.check(
        source, Short.toUnsignedInt(header.getShort(VERSION_AT)), header.getInt(REQUIRED_AT));
    ContainerId id = ContainerId.read(header, ID_AT);
    if (!id.equals(expected)) {
      throw new CorruptDataException(
          source, ID_AT, "container id in header is %s, expected %s", id, expected);
    }
  }
}
