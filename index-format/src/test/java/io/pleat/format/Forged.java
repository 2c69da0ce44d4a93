package io.pleat.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Containers changed as someone with bad intent would change them: what they say is wrong, their checksums are right. */
public final class Forged {
  private Forged() {}

  /** Puts {@code to} wherever {@code from} stands, in records and index block alike; both are as long, a character a byte. */
  public static byte[] replaced(byte[] file, ContainerId id, String from, String to) {
    if (from.length() != to.length()) {
      throw new IllegalArgumentException("other length: " + from + ", " + to);
    }
    String all = new String(file, ISO_8859_1);
    if (!all.contains(from)) {
      throw new IllegalArgumentException("not there: " + from);
    }
    byte[] changed = all.replace(from, to).getBytes(ISO_8859_1);
    Resigned.everything(changed, id);
    return changed;
  }

  /** Has the index block say that the payloads of its first page start {@code delta} bytes later. */
  public static byte[] moved(byte[] file, ContainerId id, long delta) throws IOException {
    byte[] changed = file.clone();
    ByteBuffer bytes = buffer(changed);
    int startAt = firstPage(changed, id) + EntryPages.START_AT;
    long before = bytes.getLong(startAt);
    long mask = (1L << 48) - 1;
    bytes.putLong(startAt, before & ~mask | before + delta & mask);
    Resigned.everything(changed, id);
    return changed;
  }

  /** Has the index block say that the payload of ordinal 1, which equals that of ordinal 0, is the very same. */
  public static byte[] overlapping(byte[] file, ContainerId id) throws IOException {
    byte[] changed = file.clone();
    ByteBuffer bytes = buffer(changed);
    int page = firstPage(changed, id);
    if (changed[page + EntryPages.FLAGS_AT] != 0) {
      throw new IllegalArgumentException("page is not a plain one");
    }
    long step;
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(file), id)) {
      step = index.extent(1).offset() - index.extent(0).offset();
    }
    int rows = changed[page + EntryPages.ROWS_AT];
    int lengths = (rows * changed[page + EntryPages.WIDTH_AT] + Byte.SIZE - 1) / Byte.SIZE;
    int at = page + bytes.getShort(page + EntryPages.COLUMNS_AT) + lengths + rows * Integer.BYTES;
    changed[page + EntryPages.FLAGS_AT] = EntryPages.IRREGULAR;
    changed[at++] = 2;
    changed[at++] = 1;
    at = putVarint(changed, at, 2 * step - 1); // so many bytes back
    changed[at++] = 2;
    putVarint(changed, at, 2 * step); // and forward again
    Resigned.everything(changed, id);
    return changed;
  }

  /** Has the section table say how long a section is, inflated. */
  public static byte[] inflating(byte[] file, ContainerId id, int kind, long length) {
    byte[] changed = file.clone();
    int row = row(changed, kind);
    buffer(changed)
        .putShort(row + SectionTable.ROW_ENCODING_AT, (short) SectionTable.ZSTD)
        .putLong(row + SectionTable.ROW_LENGTH_AT, length);
    Resigned.everything(changed, id);
    return changed;
  }

  /** Has the section table say how many entries and directories there are. */
  public static byte[] counting(byte[] file, ContainerId id, int entries, int directories) {
    byte[] changed = file.clone();
    int table = table(changed);
    buffer(changed)
        .putInt(table + SectionTable.ENTRIES_AT, entries)
        .putInt(table + SectionTable.DIRECTORIES_AT, directories);
    Resigned.everything(changed, id);
    return changed;
  }

  /** Has each record of a file say another ordinal. */
  public static byte[] numbered(byte[] file, ContainerId id, int ordinal) {
    byte[] changed = file.clone();
    ByteBuffer bytes = buffer(changed);
    int at = HeaderLayout.LENGTH;
    while (bytes.getLong(at) == RecordLayout.SYNC_MARKER) {
      if (changed[at + RecordLayout.KIND_AT] == RecordLayout.FILE) {
        bytes.putInt(at + RecordLayout.ORDINAL_AT, ordinal);
      }
      at += RecordLayout.headerLength(bytes, at) + bytes.getInt(at + RecordLayout.STORED_LENGTH_AT);
    }
    Resigned.everything(changed, id);
    return changed;
  }

  /** Breaks the footer, so that only records are left to go by. */
  public static byte[] beheaded(byte[] file) {
    byte[] changed = file.clone();
    changed[changed.length - 1] ^= 1;
    return changed;
  }

  /** A valid zstd frame, four bytes a block, of {@code blocks} times 128 KiB of zeros, {@code claimed} by its header. */
  public static byte[] bomb(int blocks, int claimed) {
    int blockLength = 128 << 10;
    ByteBuffer frame = ByteBuffer.allocate(9 + 4 * blocks).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(0xFD2FB528).put((byte) 0xA0).putInt(claimed);
    for (int i = 1; i <= blocks; i++) {
      int header = blockLength << 3 | 1 << 1 | (i == blocks ? 1 : 0); // a run, and the last one
      frame
          .put((byte) header)
          .put((byte) (header >> 8))
          .put((byte) (header >> 16))
          .put((byte) 0);
    }
    return frame.array();
  }

  private static int putVarint(byte[] file, int at, long value) {
    int next = at;
    long rest = value;
    for (; rest > 0x7F; rest >>>= 7) {
      file[next++] = (byte) (rest | 0x80);
    }
    file[next++] = (byte) rest;
    return next;
  }

  private static int firstPage(byte[] file, ContainerId id) throws IOException {
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(file), id)) {
      SectionTable.Row pages = index.table().find(SectionTable.ENTRIES);
      if (pages.encoding() != SectionTable.AS_IT_IS) {
        throw new IllegalArgumentException("pages are compressed");
      }
      return (int) (index.indexOffset() + pages.offset());
    }
  }

  private static int table(byte[] file) {
    int footerAt = file.length - FooterLayout.LENGTH;
    return footerAt - buffer(file).getInt(footerAt + FooterLayout.TABLE_LENGTH_AT);
  }

  private static int row(byte[] file, int kind) {
    int row = table(file) + SectionTable.ROWS_AT;
    while (Short.toUnsignedInt(buffer(file).getShort(row)) != kind) {
      row += SectionTable.ROW_LENGTH;
    }
    return row;
  }

  private static ByteBuffer buffer(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }
}
