package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes an index pack: index blocks in any order, then {@link #finish()}. The sink stays the caller's to close. Not thread-safe. */
public final class IndexPackWriter {
  private static final byte[] ZEROS = new byte[PackLayout.ALIGNMENT];

  private final ByteSink sink;
  private final Form form;
  private final List<IndexPack.Row> rows = new ArrayList<>();
  private CRC32C crc;
  private PieceChecks.Builder pieces;

  /** How index blocks are written. */
  public enum Form {
    /** As they are in their containers. */
    STORED,
    /** Without compression, entries first, so that a mapped block is used in place. */
    INFLATED
  }

  public IndexPackWriter(ByteSink sink, Form form) {
    this.sink = sink;
    this.form = form;
  }

  /**
   * Checks every byte of an index block and its footer, and adds them. Nothing was written if they are damaged.
   *
   * @param container id of the container, of which no block was added before
   * @param containerLength bytes of the whole container
   * @param indexOffset where its index block starts
   * @param tail index block and footer, from position to limit; not consumed
   * @param source how to name it in messages
   */
  public void add(
      ContainerId container, long containerLength, long indexOffset, ByteBuffer tail, String source)
      throws IOException {
    ByteBuffer stored = Reads.slice(tail, tail.position(), tail.remaining());
    SectionTable table = IndexBlock.checkTail(stored, source, indexOffset, container);
    for (SectionTable.Row row : table.rows()) {
      IndexBlock.checkCrc(container, row, section(stored, row), source, indexOffset);
    }
    long offset = sink.position();
    crc = new CRC32C();
    pieces = new PieceChecks.Builder();
    int length = form == Form.INFLATED && inflatedLength(table) <= IndexBlock.MAX_LENGTH
        ? writeInflated(container, indexOffset, stored, table, source)
        : write(stored);
    int checksums = write(pieces.finish(container));
    write(ByteBuffer.wrap(ZEROS, 0, IndexPack.padding(length + checksums)));
    rows.add(new IndexPack.Row(
        container, containerLength, indexOffset, offset, length, (int) crc.getValue()));
  }

  private static ByteBuffer section(ByteBuffer tail, SectionTable.Row row) {
    return Reads.slice(tail, (int) row.offset(), (int) row.storedLength());
  }

  private static long inflatedLength(SectionTable table) {
    long length = SectionTable.MIN_LENGTH + (long) table.rows().size() * SectionTable.ROW_LENGTH;
    for (SectionTable.Row row : table.rows()) {
      length += isInflated(row) ? row.length() : row.storedLength();
    }
    return length;
  }

  private int writeInflated(
      ContainerId container, long indexOffset, ByteBuffer tail, SectionTable table, String source)
      throws IOException {
    List<SectionTable.Row> order = new ArrayList<>(table.rows());
    order.sort(Comparator.comparing(row -> row.kind() != SectionTable.ENTRIES)); // stable
    List<SectionTable.Row> rows = new ArrayList<>();
    List<ByteBuffer> sections = new ArrayList<>();
    List<ByteBuffer> owned = new ArrayList<>();
    try {
      long at = 0;
      for (SectionTable.Row row : order) {
        ByteBuffer bytes = section(tail, row);
        int encoding = row.encoding();
        if (isInflated(row)) { // another one, of a kind that nobody knows, stays
          bytes = OffHeap.allocate(checkedLength(row, table.entries(), source, indexOffset));
          owned.add(bytes);
          decode(row, table.entries(), section(tail, row), bytes, source, indexOffset);
          encoding = SectionTable.AS_IT_IS;
        }
        sections.add(bytes);
        int sectionCrc = Checksums.bound(container, row.kind(), bytes);
        rows.add(new SectionTable.Row(
            row.kind(),
            encoding,
            sectionCrc,
            at,
            bytes.limit(),
            encoding == SectionTable.AS_IT_IS ? bytes.limit() : row.length()));
        at += bytes.limit();
      }
      // Nothing fails below but the sink.
      ByteBuffer newTable = table.withRows(rows).encode(container);
      int length = 0;
      for (ByteBuffer section : sections) {
        length += write(section);
      }
      length += write(newTable);
      return length + write(FooterLayout.encode(container, indexOffset, length, newTable.limit()));
    } finally {
      owned.forEach(OffHeap::free);
    }
  }

  private static boolean isInflated(SectionTable.Row row) {
    return row.encoding() == SectionTable.ZSTD || row.encoding() == SectionTable.ZSTD_COLUMNS;
  }

  private static int checkedLength(
      SectionTable.Row row, int entries, String source, long indexOffset)
      throws CorruptDataException {
    if (!SectionDecoder.isPossible(row, entries)) {
      throw new CorruptDataException(
          source, indexOffset + row.offset(), "impossible section: %s", row);
    }
    return (int) row.length();
  }

  private static void decode(
      SectionTable.Row row,
      int entries,
      ByteBuffer stored,
      ByteBuffer target,
      String source,
      long indexOffset)
      throws IOException {
    ByteBuffer direct = OffHeap.allocate(stored.limit());
    try {
      direct.put(0, stored, 0, stored.limit());
      SectionDecoder.decode(row, entries, direct, target, source);
    } catch (UnsupportedFormatException e) {
      throw e;
    } catch (IOException | IndexOutOfBoundsException e) {
      CorruptDataException damage = new CorruptDataException(
          source, indexOffset + row.offset(), "section cannot be inflated (%s)", e.getMessage());
      damage.initCause(e);
      throw damage;
    } finally {
      OffHeap.free(direct);
    }
  }

  private int write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    crc.update(bytes.duplicate());
    pieces.update(bytes);
    if (length > 0) {
      sink.write(bytes.duplicate());
    }
    return length;
  }

  /** Bytes written so far. */
  public long position() {
    return sink.position();
  }

  /**
   * Writes table and footer, and finishes the sink.
   *
   * @throws IllegalArgumentException if two blocks of one container were added
   */
  public void finish() throws IOException {
    rows.sort(Comparator.comparing(IndexPack.Row::container));
    checkArgument(rows.size() <= PackLayout.MAX_ROWS, "%s index blocks", rows.size());
    ByteBuffer table = Reads.buffer(rows.size() * PackLayout.ROW_LENGTH);
    for (int i = 0; i < rows.size(); i++) {
      IndexPack.Row row = rows.get(i);
      checkArgument(
          i == 0 || !rows.get(i - 1).container().equals(row.container()),
          "two index blocks of container %s",
          row.container());
      table.put(row.container().toBytes());
      table.putLong(row.containerLength()).putLong(row.indexOffset()).putLong(row.offset());
      table.putInt(row.length()).putInt(row.crc32c());
    }
    table.flip();
    long tableAt = sink.position();
    ByteBuffer footer = PackLayout.encode(tableAt, rows.size(), Checksums.crc32c(table));
    sink.write(table);
    sink.write(footer);
    sink.finish();
  }
}
