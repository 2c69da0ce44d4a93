package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table of an index pack: which containers' index blocks are in it, and where. Immutable, thread-safe; makes no object per row. */
public final class IndexPack {
  private final String source;
  private final ByteBuffer table;
  private final long blocksEnd;

  private IndexPack(String source, ByteBuffer table, long blocksEnd) {
    this.source = source;
    this.table = table;
    this.blocksEnd = blocksEnd;
  }

  /**
   * One index block with the footer and the piece checksums behind it.
   *
   * @param containerLength bytes of the whole container
   * @param indexOffset where the index block starts in the container
   * @param offset where it starts in the pack
   * @param length of index block and footer, in bytes
   * @param crc32c of these, and of the piece checksums and zero bytes behind them
   */
  public record Row(
      ContainerId container,
      long containerLength,
      long indexOffset,
      long offset,
      int length,
      int crc32c) {

    /** Bytes with the piece checksums and zeros behind. */
    public int paddedLength() {
      int checked = length + PieceChecks.encodedLength(length);
      return checked + padding(checked);
    }
  }

  /** Zero bytes behind a block, its footer and piece checksums of {@code length} bytes. */
  static int padding(int length) {
    return -length & PackLayout.ALIGNMENT - 1;
  }

  /**
   * Reads and checks the table of a pack.
   *
   * @throws CorruptDataException if the file is no whole pack
   * @throws UnsupportedFormatException if it is of a later version
   */
  public static IndexPack open(ByteSource file) throws IOException {
    long length = file.length();
    checkLength(length, file.toString());
    ByteBuffer footer = Reads.buffer(PackLayout.FOOTER_LENGTH);
    Reads.readFully(file, length - PackLayout.FOOTER_LENGTH, footer);
    PackLayout.Footer checked = PackLayout.check(footer, file.toString(), length);
    ByteBuffer table = Reads.buffer(checked.rows() * PackLayout.ROW_LENGTH);
    Reads.readFully(file, checked.tableAt(), table);
    return of(table, checked, file.toString());
  }

  static void checkLength(long length, String source) throws CorruptDataException {
    if (length < PackLayout.FOOTER_LENGTH) {
      throw new CorruptDataException(
          source,
          length,
          "file has %d bytes, an index pack has at least %d",
          length,
          PackLayout.FOOTER_LENGTH);
    }
  }

  static IndexPack of(ByteBuffer table, PackLayout.Footer footer, String source)
      throws CorruptDataException {
    int crc = Checksums.crc32c(table);
    if (crc != footer.tableCrc()) {
      throw new CorruptDataException(
          source,
          footer.tableAt(),
          "CRC32C of index pack's table is %s, stored %s",
          Checksums.hex(crc),
          Checksums.hex(footer.tableCrc()));
    }
    return new IndexPack(source, table, footer.tableAt());
  }

  /** Number of index blocks. */
  public int size() {
    return table.limit() / PackLayout.ROW_LENGTH;
  }

  /**
   * The index block of a container, if it is here and of this very container: as long, and with its index block in the same place.
   *
   * @throws CorruptDataException if the table contradicts itself
   */
  public Optional<Row> find(ContainerId container, long containerLength, long indexOffset)
      throws CorruptDataException {
    int low = 0;
    int high = size() - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      int at = middle * PackLayout.ROW_LENGTH;
      int order = ContainerId.read(table, at + PackLayout.ID_AT).compareTo(container);
      if (order == 0) {
        Row row = row(middle);
        return row.containerLength == containerLength && row.indexOffset == indexOffset
            ? Optional.of(row)
            : Optional.empty();
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  /**
   * All rows, in order of their containers' ids.
   *
   * @throws CorruptDataException if the table contradicts itself
   */
  public List<Row> rows() throws CorruptDataException {
    List<Row> rows = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      rows.add(row(i));
    }
    return rows;
  }

  private Row row(int number) throws CorruptDataException {
    int at = number * PackLayout.ROW_LENGTH;
    Row row = new Row(
        ContainerId.read(table, at + PackLayout.ID_AT),
        table.getLong(at + PackLayout.CONTAINER_LENGTH_AT),
        table.getLong(at + PackLayout.INDEX_OFFSET_AT),
        table.getLong(at + PackLayout.OFFSET_AT),
        table.getInt(at + PackLayout.LENGTH_AT),
        table.getInt(at + PackLayout.ROW_CRC_AT));
    if (row.offset < 0
        || row.offset % PackLayout.ALIGNMENT != 0
        || row.offset > blocksEnd
        || row.length < SectionTable.MIN_LENGTH + FooterLayout.LENGTH
        || row.length > IndexBlock.MAX_LENGTH + FooterLayout.LENGTH
        || row.paddedLength() > blocksEnd - row.offset
        || row.indexOffset < HeaderLayout.LENGTH
        || row.indexOffset > row.containerLength) {
      throw new CorruptDataException(
          source,
          blocksEnd + at,
          "impossible row in index pack whose blocks end at %d: %s",
          blocksEnd,
          row);
    }
    return row;
  }

  /**
   * Checks that {@code bytes} are a row's index block and all behind it.
   *
   * @param bytes {@link Row#paddedLength()} bytes, from position to limit; not consumed
   */
  public void check(Row row, ByteBuffer bytes) throws CorruptDataException {
    int crc = Checksums.crc32c(bytes);
    if (crc != row.crc32c || bytes.remaining() != row.paddedLength()) {
      throw new CorruptDataException(
          source,
          row.offset,
          "CRC32C of the index block of container %s is %s, stored %s",
          row.container,
          Checksums.hex(crc),
          Checksums.hex(row.crc32c));
    }
  }
}
