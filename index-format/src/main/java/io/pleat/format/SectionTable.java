package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The last part of an index block: counts, and where each section lies. Little-endian.
 *
 * <pre>
 *  at  bytes  field
 *   0      4  magic 50 49 44 58 ("PIDX")
 *   4      4  number of sections, n
 *   8      4  entries
 *  12      4  directories
 *  16      4  entries that are pass-through
 *  20      4  directories with recorded attributes
 *  24      8  original bytes of the folded files
 *  32      8  the same as stored
 *  40      8  bytes of the pass-through files
 *  48   32 n  rows
 *        4    CRC32C of id, kind 0 and all bytes before
 *
 * row:
 *   0      2  kind; a reader ignores unknown kinds from 0x8000 up, and refuses other unknown ones
 *   2      2  encoding: 0 as it is, 1 one zstd frame, 2 the columns of its pages (entries only)
 *   4      4  CRC32C of id, kind and the stored bytes
 *   8      8  offset from the start of the index block
 *  16      8  stored length
 *  24      8  length
 * </pre>
 */
record SectionTable(
    int entries,
    int directories,
    int passThroughs,
    int recordedDirectories,
    long payloadBytes,
    long storedBytes,
    long passThroughBytes,
    List<Row> rows) {
  static final int MAGIC = 0x58444950;

  static final int MAGIC_AT = 0;
  static final int SECTIONS_AT = MAGIC_AT + Integer.BYTES;
  static final int ENTRIES_AT = SECTIONS_AT + Integer.BYTES;
  static final int DIRECTORIES_AT = ENTRIES_AT + Integer.BYTES;
  static final int PASS_THROUGHS_AT = DIRECTORIES_AT + Integer.BYTES;
  static final int RECORDED_DIRECTORIES_AT = PASS_THROUGHS_AT + Integer.BYTES;
  static final int PAYLOAD_BYTES_AT = RECORDED_DIRECTORIES_AT + Integer.BYTES;
  static final int STORED_BYTES_AT = PAYLOAD_BYTES_AT + Long.BYTES;
  static final int PASS_THROUGH_BYTES_AT = STORED_BYTES_AT + Long.BYTES;
  static final int ROWS_AT = PASS_THROUGH_BYTES_AT + Long.BYTES;

  static final int ROW_KIND_AT = 0;
  static final int ROW_ENCODING_AT = ROW_KIND_AT + Short.BYTES;
  static final int ROW_CRC_AT = ROW_ENCODING_AT + Short.BYTES;
  static final int ROW_OFFSET_AT = ROW_CRC_AT + Integer.BYTES;
  static final int ROW_STORED_LENGTH_AT = ROW_OFFSET_AT + Long.BYTES;
  static final int ROW_LENGTH_AT = ROW_STORED_LENGTH_AT + Long.BYTES;
  static final int ROW_LENGTH = ROW_LENGTH_AT + Long.BYTES;

  static final int MAX_SECTIONS = 64;
  static final int MIN_LENGTH = ROWS_AT + Integer.BYTES;
  static final int MAX_LENGTH = MIN_LENGTH + MAX_SECTIONS * ROW_LENGTH;

  /** Kind under which the table's own CRC is computed. */
  static final int TABLE = 0;

  static final int ENTRIES = 1;
  static final int DIRECTORIES = 2;
  static final int ATTRIBUTES = 3;
  static final int DICTIONARY = 4;
  static final int LONG_PATHS = 5;

  /** From here up a reader may ignore what it does not know. */
  static final int FIRST_OPTIONAL_KIND = 0x8000;

  static final int LOCATOR = FIRST_OPTIONAL_KIND + 1;

  static final int FILTER = FIRST_OPTIONAL_KIND + 2;

  static final int AS_IT_IS = 0;
  static final int ZSTD = 1;
  static final int ZSTD_COLUMNS = 2;

  /** One section: {@code offset} from the start of the index block, {@code length} once it is inflated. */
  record Row(int kind, int encoding, int crc, long offset, long storedLength, long length) {}

  ByteBuffer encode(ContainerId id) {
    int length = MIN_LENGTH + rows.size() * ROW_LENGTH;
    ByteBuffer table = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(MAGIC_AT, MAGIC);
    table.putInt(SECTIONS_AT, rows.size());
    table.putInt(ENTRIES_AT, entries);
    table.putInt(DIRECTORIES_AT, directories);
    table.putInt(PASS_THROUGHS_AT, passThroughs);
    table.putInt(RECORDED_DIRECTORIES_AT, recordedDirectories);
    table.putLong(PAYLOAD_BYTES_AT, payloadBytes);
    table.putLong(STORED_BYTES_AT, storedBytes);
    table.putLong(PASS_THROUGH_BYTES_AT, passThroughBytes);
    int at = ROWS_AT;
    for (Row row : rows) {
      table.putShort(at + ROW_KIND_AT, (short) row.kind);
      table.putShort(at + ROW_ENCODING_AT, (short) row.encoding);
      table.putInt(at + ROW_CRC_AT, row.crc);
      table.putLong(at + ROW_OFFSET_AT, row.offset);
      table.putLong(at + ROW_STORED_LENGTH_AT, row.storedLength);
      table.putLong(at + ROW_LENGTH_AT, row.length);
      at += ROW_LENGTH;
    }
    table.putInt(at, Checksums.bound(id, TABLE, table.slice(0, at)));
    return table;
  }

  /**
   * Checks and reads the table that fills {@code table}.
   *
   * @param fileOffset where the table starts in the file
   * @param sectionsLength bytes of the index block before the table; the sections fill them without a gap
   */
  static SectionTable decode(
      ByteBuffer table, String source, ContainerId id, long fileOffset, int sectionsLength)
      throws IOException {
    int crcAt = table.limit() - Integer.BYTES;
    int crc = Checksums.bound(id, TABLE, table.slice(0, crcAt));
    if (crc != table.getInt(crcAt)) {
      throw new CorruptDataException(
          source,
          fileOffset,
          "CRC32C of section table is %s, stored %s",
          Checksums.hex(crc),
          Checksums.hex(table.getInt(crcAt)));
    }
    if (table.getInt(MAGIC_AT) != MAGIC) {
      throw new CorruptDataException(
          source,
          fileOffset,
          "magic of section table is 0x%08x, expected 0x%08x",
          table.getInt(MAGIC_AT),
          MAGIC);
    }
    int sections = table.getInt(SECTIONS_AT);
    if (sections < 0
        || sections > MAX_SECTIONS
        || MIN_LENGTH + sections * ROW_LENGTH != table.limit()) {
      throw new CorruptDataException(
          source,
          fileOffset + SECTIONS_AT,
          "%d sections do not fit a section table of %d bytes",
          sections,
          table.limit());
    }
    List<Row> rows = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < sections; i++) {
      int at = ROWS_AT + i * ROW_LENGTH;
      Row row = new Row(
          Short.toUnsignedInt(table.getShort(at + ROW_KIND_AT)),
          Short.toUnsignedInt(table.getShort(at + ROW_ENCODING_AT)),
          table.getInt(at + ROW_CRC_AT),
          table.getLong(at + ROW_OFFSET_AT),
          table.getLong(at + ROW_STORED_LENGTH_AT),
          table.getLong(at + ROW_LENGTH_AT));
      if (row.offset != end || row.storedLength < 0 || row.storedLength > sectionsLength - end) {
        throw new CorruptDataException(
            source,
            fileOffset + at,
            "section %d lies at %d+%d, expected it at %d within %d",
            i,
            row.offset,
            row.storedLength,
            end,
            sectionsLength);
      }
      end += row.storedLength;
      rows.add(row);
    }
    if (end != sectionsLength) {
      throw new CorruptDataException(
          source,
          fileOffset,
          "sections have %d bytes, but the index block has %d before its table",
          end,
          sectionsLength);
    }
    SectionTable result = new SectionTable(
        table.getInt(ENTRIES_AT),
        table.getInt(DIRECTORIES_AT),
        table.getInt(PASS_THROUGHS_AT),
        table.getInt(RECORDED_DIRECTORIES_AT),
        table.getLong(PAYLOAD_BYTES_AT),
        table.getLong(STORED_BYTES_AT),
        table.getLong(PASS_THROUGH_BYTES_AT),
        List.copyOf(rows));
    result.checkCounts(source, fileOffset);
    return result;
  }

  private void checkCounts(String source, long fileOffset) throws CorruptDataException {
    boolean possible = entries >= 0
        && entries <= ContainerWriter.MAX_ENTRIES
        && directories >= 0
        && directories <= ContainerWriter.MAX_DIRECTORIES
        && (entries == 0 || directories > 0)
        && passThroughs >= 0
        && passThroughs <= entries
        && recordedDirectories >= 0
        && recordedDirectories <= directories
        && payloadBytes >= 0
        && storedBytes >= 0
        && passThroughBytes >= 0;
    if (!possible) {
      throw new CorruptDataException(
          source, fileOffset + ENTRIES_AT, "impossible counts in section table: %s", this);
    }
  }

  /** The same counts with other rows. */
  SectionTable withRows(List<Row> others) {
    return new SectionTable(
        entries,
        directories,
        passThroughs,
        recordedDirectories,
        payloadBytes,
        storedBytes,
        passThroughBytes,
        List.copyOf(others));
  }

  /** Where the filter section lies, in a file whose index block starts at {@code indexOffset}; none if there is none that can be read alone. */
  FilterSection filter(long indexOffset) {
    Row row = find(FILTER);
    return row == null
            || row.storedLength < PageLocator.HEADER_LENGTH
            || row.storedLength > IndexBlock.MAX_LENGTH
            || row.encoding != AS_IT_IS
            || row.length != row.storedLength
        ? FilterSection.NONE
        : new FilterSection(indexOffset + row.offset, (int) row.storedLength, row.crc);
  }

  /** The row of a kind; null if there is none. */
  Row find(int kind) {
    for (Row row : rows) {
      if (row.kind == kind) {
        return row;
      }
    }
    return null;
  }
}
