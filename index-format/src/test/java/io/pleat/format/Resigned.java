package io.pleat.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Puts right checksums over changed bytes, in place. */
public final class Resigned {
  private Resigned() {}

  /** The header alone. */
  public static void header(byte[] file) {
    buffer(file).putInt(HeaderLayout.CRC_AT, Checksums.crc32c(file, 0, HeaderLayout.CRC_AT));
  }

  /** The footer alone. */
  public static void footer(byte[] file) {
    int at = file.length - FooterLayout.LENGTH;
    buffer(file).putInt(at + FooterLayout.CRC_AT, Checksums.crc32c(file, at, FooterLayout.CRC_AT));
  }

  /** Header, records, and everything that the footer still leads to. */
  public static void everything(byte[] file, ContainerId id) {
    header(file);
    records(file);
    all(file, id);
  }

  /** Headers of the records from the start on, as far as one leads to the next. */
  static void records(byte[] file) {
    ByteBuffer bytes = buffer(file);
    int at = HeaderLayout.LENGTH;
    while (file.length - at >= RecordLayout.MIN_LENGTH
        && bytes.getLong(at) == RecordLayout.SYNC_MARKER) {
      int crcAt = RecordLayout.headerLength(bytes, at) - Integer.BYTES;
      if (crcAt + Integer.BYTES > file.length - at) {
        return;
      }
      bytes.putInt(at + crcAt, Checksums.crc32c(file, at, crcAt));
      long next = (long) at
          + crcAt
          + Integer.BYTES
          + Integer.toUnsignedLong(bytes.getInt(at + RecordLayout.STORED_LENGTH_AT));
      if (next > file.length) {
        return;
      }
      at = (int) next;
    }
  }

  /** Everything that the footer still leads to. */
  public static void all(byte[] file, ContainerId id) {
    ByteBuffer bytes = buffer(file);
    int footerAt = file.length - FooterLayout.LENGTH;
    int indexAt = (int) bytes.getLong(footerAt + FooterLayout.INDEX_OFFSET_AT);
    int tableLength = bytes.getInt(footerAt + FooterLayout.TABLE_LENGTH_AT);
    if (tableLength >= SectionTable.MIN_LENGTH
        && tableLength <= footerAt - indexAt
        && indexAt > 0) {
      int tableAt = footerAt - tableLength;
      int sections = (tableLength - SectionTable.MIN_LENGTH) / SectionTable.ROW_LENGTH;
      for (int i = 0; i < sections; i++) {
        int row = tableAt + SectionTable.ROWS_AT + i * SectionTable.ROW_LENGTH;
        long offset = indexAt + bytes.getLong(row + SectionTable.ROW_OFFSET_AT);
        long length = bytes.getLong(row + SectionTable.ROW_STORED_LENGTH_AT);
        if (offset >= 0 && length >= 0 && offset + length <= file.length && offset + length >= 0) {
          int kind = Short.toUnsignedInt(bytes.getShort(row + SectionTable.ROW_KIND_AT));
          bytes.putInt(
              row + SectionTable.ROW_CRC_AT,
              Checksums.bound(id, kind, bytes.slice((int) offset, (int) length)));
        }
      }
      int crcAt = tableLength - Integer.BYTES;
      bytes.putInt(
          tableAt + crcAt, Checksums.bound(id, SectionTable.TABLE, bytes.slice(tableAt, crcAt)));
    }
    footer(file);
  }

  static void changeKind(byte[] file, ContainerId id, int from, int to) {
    ByteBuffer bytes = buffer(file);
    int footerAt = file.length - FooterLayout.LENGTH;
    int tableAt = footerAt - bytes.getInt(footerAt + FooterLayout.TABLE_LENGTH_AT);
    for (int row = tableAt + SectionTable.ROWS_AT;
        row + SectionTable.ROW_LENGTH < footerAt;
        row += SectionTable.ROW_LENGTH) {
      if (bytes.getShort(row) == (short) from) {
        bytes.putShort(row, (short) to);
      }
    }
    all(file, id);
  }

  /** The container with one section more, the last. */
  static byte[] withSection(byte[] file, ContainerId id, int kind, byte[] content) {
    ByteBuffer bytes = buffer(file);
    int footerAt = file.length - FooterLayout.LENGTH;
    long indexAt = bytes.getLong(footerAt + FooterLayout.INDEX_OFFSET_AT);
    int tableLength = bytes.getInt(footerAt + FooterLayout.TABLE_LENGTH_AT);
    int tableAt = footerAt - tableLength;
    bytes.putInt(
        tableAt + SectionTable.SECTIONS_AT, bytes.getInt(tableAt + SectionTable.SECTIONS_AT) + 1);
    ByteBuffer row = ByteBuffer.allocate(SectionTable.ROW_LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(SectionTable.ROW_KIND_AT, (short) kind)
        .putLong(SectionTable.ROW_OFFSET_AT, tableAt - indexAt)
        .putLong(SectionTable.ROW_STORED_LENGTH_AT, content.length)
        .putLong(SectionTable.ROW_LENGTH_AT, content.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(file, 0, tableAt);
    out.writeBytes(content);
    out.write(file, tableAt, tableLength - Integer.BYTES);
    out.writeBytes(row.array());
    out.write(file, footerAt - Integer.BYTES, Integer.BYTES + FooterLayout.LENGTH);
    byte[] longer = out.toByteArray();
    int newFooterAt = longer.length - FooterLayout.LENGTH;
    buffer(longer)
        .putLong(newFooterAt + FooterLayout.INDEX_LENGTH_AT, newFooterAt - indexAt)
        .putLong(newFooterAt + FooterLayout.FILE_LENGTH_AT, longer.length)
        .putInt(newFooterAt + FooterLayout.TABLE_LENGTH_AT, tableLength + SectionTable.ROW_LENGTH);
    all(longer, id);
    return longer;
  }

  private static ByteBuffer buffer(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }
}
