package io.pleat.format;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Builds the section that {@link AttributeColumns} reads. */
final class AttributeColumnsBuilder {
  /*
   * Rows are kept as runs of equal ones, a few varints each (rows, presence, the five columns, the length of the etag), and turned into
   * columns at the end: files of one directory often share everything.
   */
  private static final int ROWS = 0;
  private static final int PRESENT = 1;
  private static final int MTIME_SECONDS = 2;
  private static final int MTIME_NANOS = 3;
  private static final int MODE = 4;
  private static final int OWNER = 5;
  private static final int GROUP = 6;
  private static final int ETAG_LENGTH = 7;
  private static final int FIELDS = ETAG_LENGTH + 1;

  /** About the bytes of one piece of runs: pieces are never copied to grow. */
  private static final int CHUNK_LENGTH = 1 << 16;

  private final long[] least = new long[FIELDS];
  private final long[] most = new long[FIELDS];
  private final Rows entries = new Rows();
  private final Rows directories = new Rows();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final ByteArena strings = new ByteArena(256);
  private final IntArena stringStarts = new IntArena(16);
  private final String[] lastNames = {null, null};
  private final int[] lastNumbers = new int[2];

  AttributeColumnsBuilder() {
    Arrays.fill(least, Long.MAX_VALUE);
    Arrays.fill(most, Long.MIN_VALUE);
  }

  void addEntry(Attributes attributes, byte[] etag) {
    entries.add(attributes, number(attributes.owner(), 0), number(attributes.group(), 1), etag);
  }

  void addDirectory(Attributes attributes, byte[] etag) {
    directories.add(attributes, number(attributes.owner(), 0), number(attributes.group(), 1), etag);
  }

  /** A directory whose attributes are not recorded here: a row of base values. */
  void addUnrecordedDirectory() {
    directories.addUnrecorded();
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
    entries.endRun();
    directories.endRun();
    int count = entries.count + directories.count;
    ByteArena section = new ByteArena(length(count));
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
    long base = least[field] > most[field] ? 0 : least[field];
    int width = width(least[field] > most[field] ? 0 : most[field] - base);
    int count = entries.count + directories.count;
    int planesAt = startPlanes(section, base, width, count);
    byte[] planes = section.array();
    int row = 0;
    for (Rows rows : new Rows[] {entries, directories}) {
      for (RunCursor run = new RunCursor(rows); width > 0 && run.next(); row += run.rows()) {
        if (run.values[PRESENT] == 0) {
          continue;
        }
        long value = run.values[field] - base;
        for (int plane = 0; plane < width; plane++) {
          int at = planesAt + plane * count + row;
          Arrays.fill(planes, at, at + run.rows(), (byte) (value >>> Byte.SIZE * plane));
        }
      }
    }
  }

  /** Bytes of the section. */
  private int length(int count) {
    long length = AttributeColumns.HEADER_LENGTH
        + (GROUP - MTIME_SECONDS + 3L) * AttributeColumns.COLUMN_HEADER_LENGTH
        + (long) width(strings.length()) * stringStarts.size()
        + strings.length()
        + (long) count * width(entries.etags.length() + directories.etags.length())
        + entries.etags.length()
        + directories.etags.length();
    for (int field = MTIME_SECONDS; field <= GROUP && least[field] <= most[field]; field++) {
      length += (long) count * width(most[field] - least[field]);
    }
    return Math.toIntExact(length);
  }

  private void putEtagStarts(ByteArena section, int count) {
    int width = width(entries.etags.length() + directories.etags.length());
    int planesAt = startPlanes(section, 0, width, count);
    int row = 0;
    long start = 0;
    for (Rows rows : new Rows[] {entries, directories}) {
      for (RunCursor run = new RunCursor(rows); width > 0 && run.next(); ) {
        for (int i = 0; i < run.rows(); i++) {
          putValue(section.array(), planesAt, count, width, row++, start);
          start += run.values[ETAG_LENGTH];
        }
      }
    }
  }

  private static void putColumn(ByteArena section, int count, long base, long most, long[] values) {
    int width = width(most - base);
    int planesAt = startPlanes(section, base, width, count);
    for (int i = 0; i < count; i++) {
      putValue(section.array(), planesAt, count, width, i, values[i] - base);
    }
  }

  private static void putValue(
      byte[] section, int planesAt, int count, int width, int row, long value) {
    for (int plane = 0; plane < width; plane++) {
      section[planesAt + plane * count + row] = (byte) (value >>> Byte.SIZE * plane);
    }
  }

  /** Where the column's planes start, all zero. */
  private static int startPlanes(ByteArena section, long base, int width, int count) {
    section.putLong(base);
    section.putByte(width);
    int at = section.length();
    section.skip(Math.multiplyExact(width, count));
    return at;
  }

  private static int width(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value) + Byte.SIZE - 1) / Byte.SIZE;
  }

  private final class Rows {
    private final List<ByteArena> runs = new ArrayList<>();
    private final ByteArena etags = new ByteArena(64);
    private final long[] last = new long[FIELDS];
    private final long[] next = new long[FIELDS];
    private int count;

    void add(Attributes attributes, int owner, int group, byte[] etag) {
      next[PRESENT] = 1;
      next[MTIME_SECONDS] = attributes.mtimeSeconds();
      next[MTIME_NANOS] = attributes.mtimeNanos();
      next[MODE] = attributes.mode();
      next[OWNER] = owner;
      next[GROUP] = group;
      next[ETAG_LENGTH] = etag.length;
      addNext();
      etags.put(etag, 0, etag.length);
    }

    void addUnrecorded() {
      Arrays.fill(next, 0);
      addNext();
    }

    private void addNext() {
      count++;
      if (last[ROWS] > 0 && Arrays.equals(last, PRESENT, FIELDS, next, PRESENT, FIELDS)) {
        last[ROWS]++;
        return;
      }
      endRun();
      System.arraycopy(next, 0, last, 0, FIELDS);
      last[ROWS] = 1;
      for (int field = MTIME_SECONDS; field < FIELDS && next[PRESENT] != 0; field++) {
        least[field] = Math.min(least[field], next[field]);
        most[field] = Math.max(most[field], next[field]);
      }
    }

    void endRun() {
      if (last[ROWS] == 0) {
        return;
      }
      if (runs.isEmpty() || runs.get(runs.size() - 1).length() > CHUNK_LENGTH) {
        runs.add(new ByteArena(runs.isEmpty() ? 256 : CHUNK_LENGTH + 128));
      }
      ByteArena chunk = runs.get(runs.size() - 1);
      for (int field = ROWS; field < (last[PRESENT] == 0 ? MTIME_SECONDS : FIELDS); field++) {
        long value = last[field];
        chunk.putVarint(field == MTIME_SECONDS ? value << 1 ^ value >> 63 : value);
      }
      last[ROWS] = 0;
    }

    /** Each row's widest columns are those of the widest row: 8 + 4 + 2 + 3 + 3 + 4 bytes. */
    long sizeBound() {
      return 24L * count + etags.length();
    }
  }

  private static final class RunCursor {
    private final long[] values = new long[FIELDS];
    private final Iterator<ByteArena> chunks;
    private byte[] runs;
    private int end;
    private int at;

    RunCursor(Rows rows) {
      chunks = rows.runs.iterator();
    }

    boolean next() {
      if (at == end) {
        if (!chunks.hasNext()) {
          return false;
        }
        ByteArena chunk = chunks.next();
        runs = chunk.array();
        end = chunk.length();
        at = 0;
      }
      values[ROWS] = varint();
      values[PRESENT] = varint();
      if (values[PRESENT] == 0) {
        Arrays.fill(values, MTIME_SECONDS, FIELDS, 0);
        return true;
      }
      long seconds = varint();
      values[MTIME_SECONDS] = seconds >>> 1 ^ -(seconds & 1);
      for (int field = MTIME_NANOS; field < FIELDS; field++) {
        values[field] = varint();
      }
      return true;
    }

    int rows() {
      return (int) values[ROWS];
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = runs[at++];
        value |= (next & 0x7FL) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }
  }
}
