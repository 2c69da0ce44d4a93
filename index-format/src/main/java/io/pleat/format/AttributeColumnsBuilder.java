package io.pleat.format;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Builds the section that {@link AttributeColumns} reads. */
final class AttributeColumnsBuilder {
  /*
   * Rows are kept as a few varints each (presence, the five columns, the length of the etag) and turned into columns at the end, one
   * pass over all rows for each column.
   */
  private static final int PRESENT = 0;
  private static final int MTIME_SECONDS = 1;
  private static final int MTIME_NANOS = 2;
  private static final int GROUP = MTIME_NANOS + 3; // behind mode and owner
  private static final int ETAG_LENGTH = GROUP + 1;
  private static final int FIELDS = ETAG_LENGTH + 1;

  private final Rows entries = new Rows();
  private final Rows directories = new Rows();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final ByteArena strings = new ByteArena(256);
  private final IntArena stringStarts = new IntArena(16);
  private final String[] lastNames = {null, null};
  private final int[] lastNumbers = new int[2];

  void addEntry(Attributes attributes, byte[] etag) {
    entries.add(attributes, number(attributes.owner(), 0), number(attributes.group(), 1), etag);
  }

  void addDirectory(Attributes attributes, byte[] etag) {
    directories.add(attributes, number(attributes.owner(), 0), number(attributes.group(), 1), etag);
  }

  /** A directory whose attributes are not recorded here: a row of base values. */
  void addUnrecordedDirectory() {
    directories.rows.putVarint(0);
    directories.count++;
  }

  /** Bytes that the section comes to at most, before deflating. */
  long sizeBound() {
    return 1024L
        + strings.length()
        + 4L * stringStarts.size()
        + entries.sizeBound()
        + directories.sizeBound();
  }

  private int number(String name, int role) {
    if (name.equals(lastNames[role])) {
      return lastNumbers[role];
    }
    Integer known = numbers.get(name);
    if (known == null) {
      known = numbers.size();
      numbers.put(name, known);
      byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
      stringStarts.add(strings.length());
      strings.put(utf8, 0, utf8.length);
    }
    lastNames[role] = name;
    lastNumbers[role] = known;
    return known;
  }

  ByteArena build() {
    int count = entries.count + directories.count;
    ByteArena section = new ByteArena(1024 + entries.rows.length() + directories.rows.length());
    section.putInt(count);
    section.putInt(stringStarts.size());
    section.putInt(strings.length());
    section.putInt(entries.etags.length() + directories.etags.length());
    long[] starts = new long[stringStarts.size()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = stringStarts.get(i);
    }
    putColumn(section, starts.length, 0, Math.max(strings.length(), 0), starts);
    section.put(strings.array(), 0, strings.length());
    for (int field = MTIME_SECONDS; field <= GROUP; field++) {
      putColumn(section, field);
    }
    putEtagStarts(section, count);
    section.put(entries.etags.array(), 0, entries.etags.length());
    section.put(directories.etags.array(), 0, directories.etags.length());
    return section;
  }

  private void putColumn(ByteArena section, int field) {
    long least = Long.MAX_VALUE;
    long most = Long.MIN_VALUE;
    for (Rows rows : new Rows[] {entries, directories}) {
      RowCursor cursor = new RowCursor(rows);
      while (cursor.next()) {
        if (cursor.values[PRESENT] != 0) {
          least = Math.min(least, cursor.values[field]);
          most = Math.max(most, cursor.values[field]);
        }
      }
    }
    long base = least > most ? 0 : least;
    int width = width(least > most ? 0 : most - least);
    int count = entries.count + directories.count;
    byte[] planes = new byte[Math.multiplyExact(width, count)];
    int row = 0;
    for (Rows rows : new Rows[] {entries, directories}) {
      RowCursor cursor = new RowCursor(rows);
      for (; cursor.next(); row++) {
        if (cursor.values[PRESENT] != 0) {
          putValue(planes, count, width, row, cursor.values[field] - base);
        }
      }
    }
    putPlanes(section, base, width, planes);
  }

  private void putEtagStarts(ByteArena section, int count) {
    int total = entries.etags.length() + directories.etags.length();
    int width = width(total);
    byte[] planes = new byte[Math.multiplyExact(width, count)];
    int row = 0;
    long start = 0;
    for (Rows rows : new Rows[] {entries, directories}) {
      RowCursor cursor = new RowCursor(rows);
      for (; cursor.next(); row++) {
        putValue(planes, count, width, row, start);
        start += cursor.values[PRESENT] == 0 ? 0 : cursor.values[ETAG_LENGTH];
      }
    }
    putPlanes(section, 0, width, planes);
  }

  private static void putColumn(ByteArena section, int count, long base, long most, long[] values) {
    int width = width(most - base);
    byte[] planes = new byte[Math.multiplyExact(width, count)];
    for (int i = 0; i < count; i++) {
      putValue(planes, count, width, i, values[i] - base);
    }
    putPlanes(section, base, width, planes);
  }

  private static void putValue(byte[] planes, int count, int width, int row, long value) {
    for (int plane = 0; plane < width; plane++) {
      planes[plane * count + row] = (byte) (value >>> Byte.SIZE * plane);
    }
  }

  private static void putPlanes(ByteArena section, long base, int width, byte[] planes) {
    section.putLong(base);
    section.putByte(width);
    section.put(planes, 0, planes.length);
  }

  private static int width(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value) + Byte.SIZE - 1) / Byte.SIZE;
  }

  private static final class Rows {
    private final ByteArena rows = new ByteArena(1024);
    private final ByteArena etags = new ByteArena(64);
    private int count;

    void add(Attributes attributes, int owner, int group, byte[] etag) {
      rows.putVarint(1);
      long seconds = attributes.mtimeSeconds();
      rows.putVarint(seconds << 1 ^ seconds >> 63);
      rows.putVarint(attributes.mtimeNanos());
      rows.putVarint(attributes.mode());
      rows.putVarint(owner);
      rows.putVarint(group);
      rows.putVarint(etag.length);
      etags.put(etag, 0, etag.length);
      count++;
    }

    /** Each row's widest columns are those of the widest row: 8 + 4 + 2 + 3 + 3 + 4 bytes. */
    long sizeBound() {
      return 24L * count + etags.length();
    }
  }

  private static final class RowCursor {
    private final long[] values = new long[FIELDS];
    private final byte[] rows;
    private final int end;
    private int at;

    RowCursor(Rows rows) {
      this.rows = rows.rows.array();
      this.end = rows.rows.length();
    }

    boolean next() {
      if (at == end) {
        return false;
      }
      values[PRESENT] = varint();
      if (values[PRESENT] != 0) {
        long seconds = varint();
        values[MTIME_SECONDS] = seconds >>> 1 ^ -(seconds & 1);
        for (int field = MTIME_NANOS; field < FIELDS; field++) {
          values[field] = varint();
        }
      }
      return true;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = rows[at++];
        value |= (next & 0x7FL) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }
  }
}
