package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The last bytes of a container, little-endian.
 *
 * <pre>
 *  at  bytes  field
 *   0      8  index offset: where the index block starts in the file
 *   8      8  index length: it ends where the footer starts
 *  16      8  file length, footer included
 *  24      4  section table length: the table is the last part of the index block
 *  28      4  required features
 *  32      4  optional features
 *  36      2  format version, 1
 *  38      2  zero
 *  40     16  container id, big-endian
 *  56      8  magic 50 4C 45 41 54 0D 0A 89
 *  64      4  CRC32C of the 64 bytes before
 * </pre>
 */
final class FooterLayout {
  static final long MAGIC = 0x890A0D5441454C50L;

  static final int INDEX_OFFSET_AT = 0;
  static final int INDEX_LENGTH_AT = INDEX_OFFSET_AT + Long.BYTES;
  static final int FILE_LENGTH_AT = INDEX_LENGTH_AT + Long.BYTES;
  static final int TABLE_LENGTH_AT = FILE_LENGTH_AT + Long.BYTES;
  static final int REQUIRED_AT = TABLE_LENGTH_AT + Integer.BYTES;
  static final int OPTIONAL_AT = REQUIRED_AT + Integer.BYTES;
  static final int VERSION_AT = OPTIONAL_AT + Integer.BYTES;
  static final int RESERVED_AT = VERSION_AT + Short.BYTES;
  static final int ID_AT = RESERVED_AT + Short.BYTES;
  static final int MAGIC_AT = ID_AT + ContainerId.LENGTH;
  static final int CRC_AT = MAGIC_AT + Long.BYTES;
  static final int LENGTH = CRC_AT + Integer.BYTES;

  private FooterLayout() {}

  /** What a checked footer says. */
  record Footer(long indexOffset, int indexLength, int tableLength) {}

  static ByteBuffer encode(ContainerId id, long indexOffset, long indexLength, int tableLength) {
    ByteBuffer footer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    footer.putLong(INDEX_OFFSET_AT, indexOffset);
    footer.putLong(INDEX_LENGTH_AT, indexLength);
    footer.putLong(FILE_LENGTH_AT, indexOffset + indexLength + LENGTH);
    footer.putInt(TABLE_LENGTH_AT, tableLength);
    footer.putShort(VERSION_AT, (short) Features.VERSION_PAGES);
    footer.put(ID_AT, id.toBytes());
    footer.putLong(MAGIC_AT, MAGIC);
    footer.putInt(CRC_AT, Checksums.crc32c(footer.array(), 0, CRC_AT));
    return footer;
  }

  /** Reads and checks the footer at the end of {@code source}. */
  static Footer read(ByteSource source, ContainerId expected) throws IOException {
    long fileLength = source.length();
    checkLength(source, fileLength);
    ByteBuffer footer = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    Reads.readFully(source, fileLength - LENGTH, footer);
    return check(footer, source.toString(), fileLength, expected);
  }

  static void checkLength(ByteSource source, long fileLength) throws CorruptDataException {
    int least = HeaderLayout.LENGTH + SectionTable.MIN_LENGTH + LENGTH;
    if (fileLength < least) {
      throw new CorruptDataException(
          source.toString(),
          fileLength,
          "file has %d bytes, a container has at least %d",
          fileLength,
          least);
    }
  }

  /** Checks the footer in the first {@link #LENGTH} bytes of {@code footer}. */
  static Footer check(ByteBuffer footer, String source, long fileLength, ContainerId expected)
      throws IOException {
    long start = fileLength - LENGTH;
    long magic = footer.getLong(MAGIC_AT);
    if (magic != MAGIC) {
      throw new CorruptDataException(
          source, start + MAGIC_AT, "magic of footer is 0x%016x, expected 0x%016x", magic, MAGIC);
    }
    int crc = Checksums.crc32c(footer.slice(0, CRC_AT));
    if (crc != footer.getInt(CRC_AT)) {
      throw new CorruptDataException(
          source,
          start,
          "CRC32C of footer is %s, stored %s",
          Checksums.hex(crc),
          Checksums.hex(footer.getInt(CRC_AT)));
    }
    Features.check(
        source, Short.toUnsignedInt(footer.getShort(VERSION_AT)), footer.getInt(REQUIRED_AT));
    ContainerId id = ContainerId.read(footer, ID_AT);
    if (!id.equals(expected)) {
      throw new CorruptDataException(
          source, start + ID_AT, "container id in footer is %s, expected %s", id, expected);
    }
    long statedLength = footer.getLong(FILE_LENGTH_AT);
    if (statedLength != fileLength) {
      throw new CorruptDataException(
          source,
          start + FILE_LENGTH_AT,
          "file has %d bytes, its footer says %d",
          fileLength,
          statedLength);
    }
    long indexOffset = footer.getLong(INDEX_OFFSET_AT);
    long indexLength = footer.getLong(INDEX_LENGTH_AT);
    if (indexOffset < HeaderLayout.LENGTH
        || indexOffset > start
        || indexLength != start - indexOffset) {
      throw new CorruptDataException(
          source,
          start + INDEX_OFFSET_AT,
          "index block lies at %d+%d, expected it to end at %d",
          indexOffset,
          indexLength,
          start);
    }
    if (indexLength > IndexBlock.MAX_LENGTH) {
      throw new CorruptDataException(
          source,
          start + INDEX_LENGTH_AT,
          "index block has %d bytes, at most %d are allowed",
          indexLength,
          IndexBlock.MAX_LENGTH);
    }
    int tableLength = footer.getInt(TABLE_LENGTH_AT);
    if (tableLength < SectionTable.MIN_LENGTH
        || tableLength > SectionTable.MAX_LENGTH
        || tableLength > indexLength) {
      throw new CorruptDataException(
          source,
          start + TABLE_LENGTH_AT,
          "section table has %d bytes, expected %d to %d within an index block of %d",
          tableLength,
          SectionTable.MIN_LENGTH,
          SectionTable.MAX_LENGTH,
          indexLength);
    }
    return new Footer(indexOffset, (int) indexLength, tableLength);
  }
}
