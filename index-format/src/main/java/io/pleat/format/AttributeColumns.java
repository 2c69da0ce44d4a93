package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the (inflated) attributes section: one row for each entry in order, then one for each directory. In place, and stateless.
 *
 * <pre>
 *   4           rows, r
 *   4           strings, s
 *   4           bytes of strings
 *   4           bytes of etags
 *   column of s where each string starts
 *   strings     UTF-8, back to back
 *   columns of r each: mtime seconds, mtime nanoseconds, mode, owner, group (both: number of a string), where the etag starts
 *   etags       UTF-8, back to back
 *
 * column of c values:
 *   8           base
 *   1           width w, 0 to 8
 *   c w         plane 0 of c bytes, plane 1, ...: value i is base + sum of plane[k][i] * 256^k, in 64-bit arithmetic
 * </pre>
 */
final class AttributeColumns {
  static final int ROWS_AT = 0;
  static final int STRINGS_AT = ROWS_AT + Integer.BYTES;
  static final int STRING_BYTES_AT = STRINGS_AT + Integer.BYTES;
  static final int ETAG_BYTES_AT = STRING_BYTES_AT + Integer.BYTES;
  static final int HEADER_LENGTH = ETAG_BYTES_AT + Integer.BYTES;

  static final int COLUMN_HEADER_LENGTH = Long.BYTES + 1;

  private final MemoryRange memory;
  private final ByteBuffer section;
  private final int rows;
  private final int strings;
  private final int stringBytes;
  private final int etagBytes;
  private final Column stringStart;
  private final int stringsAt;
  private final Column mtimeSeconds;
  private final Column mtimeNanos;
  private final Column mode;
  private final Column owner;
  private final Column group;
  private final Column etagStart;
  private final int etagsAt;

  /** @throws IndexOutOfBoundsException if the parts do not fill the section, or the rows are not {@code expectedRows} */
  AttributeColumns(MemoryRange memory, int expectedRows) {
    this.memory = memory;
    this.section = memory.slice();
    memory.prove(0, HEADER_LENGTH);
    rows = section.getInt(ROWS_AT);
    strings = section.getInt(STRINGS_AT);
    stringBytes = section.getInt(STRING_BYTES_AT);
    etagBytes = section.getInt(ETAG_BYTES_AT);
    if (rows != expectedRows || strings < 0 || stringBytes < 0 || etagBytes < 0) {
      throw new IndexOutOfBoundsException(
          rows + " rows of attributes, expected " + expectedRows + "; " + strings + " strings");
    }
    stringStart = column(HEADER_LENGTH, strings);
    stringsAt = stringStart.end();
    memory.prove(HEADER_LENGTH, skip(stringsAt, stringBytes) - HEADER_LENGTH);
    mtimeSeconds = column(skip(stringsAt, stringBytes), rows);
    mtimeNanos = column(mtimeSeconds.end(), rows);
    mode = column(mtimeNanos.end(), rows);
    owner = column(mode.end(), rows);
    group = column(owner.end(), rows);
    etagStart = column(group.end(), rows);
    etagsAt = etagStart.end();
    if (skip(etagsAt, etagBytes) != section.limit()) {
      throw new IndexOutOfBoundsException("attribute columns do not fill their section");
    }
  }

  Attributes get(int row) {
    return rows(row, row + 1).get(row);
  }

  /** To read the rows from {@code from} (inclusive) to {@code to} (exclusive), which are proven then; not thread-safe. */
  Rows rows(int from, int to) {
    for (Column column : new Column[] {mtimeSeconds, mtimeNanos, mode, owner, group}) {
      column.prove(memory, from, to);
    }
    etagStart.prove(memory, from, Math.min(rows, to + 1));
    return new Rows();
  }

  /** Reads rows, of which neighbours often are equal: those share their objects. Not thread-safe. */
  final class Rows {
    private static final byte[] NOTHING = {};

    private long lastOwner;
    private long lastGroup;
    private Attributes last;
    private final Name ownerName = new Name();
    private final Name groupName = new Name();

    /** The UTF-8 of the string that was asked for last. */
    private final class Name {
      private long number = -1;
      private byte[] utf8;

      byte[] of(long wanted) {
        if (wanted != number) {
          utf8 = string(wanted).getBytes(StandardCharsets.UTF_8);
          number = wanted;
        }
        return utf8;
      }
    }

    long mtimeSeconds(int row) {
      return mtimeSeconds.get(section, row);
    }

    /** @throws IndexOutOfBoundsException if there cannot be such attributes */
    int mtimeNanos(int row) {
      long nanos = mtimeNanos.get(section, row);
      if (nanos < 0 || nanos >= 1_000_000_000) {
        throw new IndexOutOfBoundsException(nanos + " nanoseconds");
      }
      return (int) nanos;
    }

    /** @throws IndexOutOfBoundsException if there cannot be such attributes */
    int mode(int row) {
      long permissions = mode.get(section, row);
      if ((permissions < 0 || permissions > 07777) && permissions != Attributes.UNKNOWN_MODE) {
        throw new IndexOutOfBoundsException("mode " + permissions);
      }
      return (int) permissions;
    }

    byte[] owner(int row) {
      return ownerName.of(owner.get(section, row));
    }

    byte[] group(int row) {
      return groupName.of(group.get(section, row));
    }

    byte[] etag(int row) {
      String etag = text(etagsAt, etagBytes, etagStart, row, rows);
      return etag.isEmpty() ? NOTHING : etag.getBytes(StandardCharsets.UTF_8);
    }

    Attributes get(int row) {
      long seconds = mtimeSeconds.get(section, row);
      int nanos = Math.toIntExact(mtimeNanos.get(section, row));
      int permissions = Math.toIntExact(mode.get(section, row));
      long ownerNumber = owner.get(section, row);
      long groupNumber = group.get(section, row);
      String etag = text(etagsAt, etagBytes, etagStart, row, rows);
      if (last == null
          || seconds != last.mtimeSeconds()
          || nanos != last.mtimeNanos()
          || permissions != last.mode()
          || ownerNumber != lastOwner
          || groupNumber != lastGroup
          || !etag.equals(last.etag())) {
        last = new Attributes(
            seconds,
            nanos,
            permissions,
            last != null && ownerNumber == lastOwner ? last.owner() : string(ownerNumber),
            last != null && groupNumber == lastGroup ? last.group() : string(groupNumber),
            etag);
        lastOwner = ownerNumber;
        lastGroup = groupNumber;
      }
      return last;
    }
  }

  private String string(long number) {
    if (number < 0 || number >= strings) {
      throw new IndexOutOfBoundsException("string " + number + " of " + strings);
    }
    return text(stringsAt, stringBytes, stringStart, (int) number, strings);
  }

  private String text(int bytesAt, int bytesLength, Column starts, int index, int count) {
    long start = starts.get(section, index);
    long end = index + 1 < count ? starts.get(section, index + 1) : bytesLength;
    if (start < 0 || end < start || end > bytesLength || end - start > Attributes.MAX_NAME_LENGTH) {
      throw new IndexOutOfBoundsException("text at " + start + " to " + end + " of " + bytesLength);
    }
    if (start == end) {
      return "";
    }
    byte[] utf8 = new byte[(int) (end - start)];
    memory.prove(bytesAt + (int) start, utf8.length);
    section.get(bytesAt + (int) start, utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private int skip(int at, int length) {
    if (length > section.limit() - at) {
      throw new IndexOutOfBoundsException(length + " bytes at " + at + " leave the section");
    }
    return at + length;
  }

  private Column column(int at, int count) {
    int planesAt = skip(at, COLUMN_HEADER_LENGTH);
    memory.prove(at, COLUMN_HEADER_LENGTH);
    int width = section.get(at + Long.BYTES);
    if (width < 0 || width > Long.BYTES || (long) width * count > section.limit() - planesAt) {
      throw new IndexOutOfBoundsException("column of " + count + " values of " + width + " bytes");
    }
    return new Column(section.getLong(at), width, planesAt, count);
  }

  private record Column(long base, int width, int planesAt, int count) {
    long get(ByteBuffer section, int row) {
      long value = 0;
      for (int plane = width - 1; plane >= 0; plane--) {
        value = value << Byte.SIZE | section.get(planesAt + plane * count + row) & 0xFF;
      }
      return base + value;
    }

    int end() {
      return planesAt + width * count;
    }

    void prove(MemoryRange memory, int from, int to) {
      for (int plane = 0; plane < width; plane++) {
        memory.prove(planesAt + plane * count + from, to - from);
      }
    }
  }
}
