package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The end of an index pack, little-endian; docs/format-dataset.md describes the whole.
 *
 * <pre>
 * row of the table, 48 bytes:
 *   0     16  container id, big-endian
 *  16      8  length of the container
 *  24      8  index offset: where the index block starts in the container
 *  32      8  where index block and footer start in the pack
 *  40      4  their length
 *  44      4  CRC32C of them, and of the piece checksums and zero bytes behind them
 * footer, 48 bytes:
 *   0      8  where the table starts
 *   8      8  length of the pack
 *  16      4  rows
 *  20      4  CRC32C of the table
 *  24      4  required features
 *  28      4  optional features
 *  32      2  format version, 1
 *  34      2  zero
 *  36      8  magic 50 4C 45 41 54 50 43 4B
 *  44      4  CRC32C of the 44 bytes before
 * </pre>
 */
final class PackLayout {
  static final long MAGIC = 0x4B43505441454C50L;

  /** Every index block starts at a multiple of this. */
  static final int ALIGNMENT = 4096;

  static final int ID_AT = 0;
  static final int CONTAINER_LENGTH_AT = ID_AT + ContainerId.LENGTH;
  static final int INDEX_OFFSET_AT = CONTAINER_LENGTH_AT + Long.BYTES;
  static final int OFFSET_AT = INDEX_OFFSET_AT + Long.BYTES;
  static final int LENGTH_AT = OFFSET_AT + Long.BYTES;
  static final int ROW_CRC_AT = LENGTH_AT + Integer.BYTES;
  static final int ROW_LENGTH = ROW_CRC_AT + Integer.BYTES;

  static final int TABLE_AT = 0;
  static final int PACK_LENGTH_AT = TABLE_AT + Long.BYTES;
  static final int ROWS_AT = PACK_LENGTH_AT + Long.BYTES;
  static final int TABLE_CRC_AT = ROWS_AT + Integer.BYTES;
  static final int REQUIRED_AT = TABLE_CRC_AT + Integer.BYTES;
  static final int OPTIONAL_AT = REQUIRED_AT + Integer.BYTES;
  static final int VERSION_AT = OPTIONAL_AT + Integer.BYTES;
  static final int RESERVED_AT = VERSION_AT + Short.BYTES;
  static final int MAGIC_AT = RESERVED_AT + Short.BYTES;
  static final int CRC_AT = MAGIC_AT + Long.BYTES;
  static final int FOOTER_LENGTH = CRC_AT + Integer.BYTES;

  /** Rows whose table one buffer can hold. */
  static final int MAX_ROWS = Integer.MAX_VALUE / ROW_LENGTH - 1;

  private static final int VERSION_PIECE_CHECKSUMS = 1;

  private static final int VERSION = VERSION_PIECE_CHECKSUMS;

  private PackLayout() {}

  /** What a checked footer says. */
  record Footer(long tableAt, int rows, int tableCrc) {}

  static ByteBuffer encode(long tableAt, int rows, int tableCrc) {
    ByteBuffer footer = Reads.buffer(FOOTER_LENGTH);
    footer.putLong(TABLE_AT, tableAt);
    footer.putLong(PACK_LENGTH_AT, tableAt + (long) rows * ROW_LENGTH + FOOTER_LENGTH);
    footer.putInt(ROWS_AT, rows);
    footer.putInt(TABLE_CRC_AT, tableCrc);
    footer.putShort(VERSION_AT, (short) VERSION);
    footer.putLong(MAGIC_AT, MAGIC);
    footer.putInt(CRC_AT, Checksums.crc32c(footer.array(), 0, CRC_AT));
    return footer;
  }

  /** Checks a footer, and that the table fills what lies before it. */
  static Footer check(ByteBuffer footer, String source, long fileLength) throws IOException {
    long start = fileLength - FOOTER_LENGTH;
    if (footer.getLong(MAGIC_AT) != MAGIC) {
      throw new CorruptDataException(
          source,
          start + MAGIC_AT,
          "magic of index pack is 0x%016x, expected 0x%016x",
          footer.getLong(MAGIC_AT),
          MAGIC);
    }
    int crc = Checksums.crc32c(footer.slice(0, CRC_AT));
    if (crc != footer.getInt(CRC_AT)) {
      throw new CorruptDataException(
          source,
          start,
          "CRC32C of index pack's footer is %s, stored %s",
          Checksums.hex(crc),
          Checksums.hex(footer.getInt(CRC_AT)));
    }
    int version = Short.toUnsignedInt(footer.getShort(VERSION_AT));
    if (version != VERSION || footer.getInt(REQUIRED_AT) != 0) {
      throw new UnsupportedFormatException(
          source,
          "index pack has format version %s and required features 0x%08x, supported are %s and none",
          version,
          footer.getInt(REQUIRED_AT),
          VERSION);
    }
    long tableAt = footer.getLong(TABLE_AT);
    int rows = footer.getInt(ROWS_AT);
    if (footer.getLong(PACK_LENGTH_AT) != fileLength
        || rows < 0
        || rows > MAX_ROWS
        || tableAt < 0
        || tableAt % ALIGNMENT != 0
        || tableAt != start - (long) rows * ROW_LENGTH) {
      throw new CorruptDataException(
          source,
          start,
          "index pack of %d bytes with %d rows at %d, but the file has %d bytes",
          footer.getLong(PACK_LENGTH_AT),
          rows,
          tableAt,
          fileLength);
    }
    return new Footer(tableAt, rows, footer.getInt(TABLE_CRC_AT));
  }
}
