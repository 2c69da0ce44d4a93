package io.pleat.bench.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/** Offset, size and checksum by ordinal, for indexes that keep no names beside them: groups of 16 with a base offset. */
final class Extents {
  private static final int GROUP = 16;
  private static final int BASE_LENGTH = 5;

  private final ByteBuffer rows;
  private final ByteBuffer starts;
  final int entries;

  Extents(Map<String, ByteBuffer> sections) {
    rows = sections.get("extents");
    starts = sections.get("extent starts");
    entries = sections.get("extent counts").getInt(0);
  }

  void locate(int ordinal, Location to) {
    int at = starts.getInt(ordinal / GROUP * Integer.BYTES);
    long offset = rows.getLong(at) & (1L << 8 * BASE_LENGTH) - 1;
    at += BASE_LENGTH;
    for (int row = ordinal % GROUP; ; row--) {
      offset += Item.RECORD_OVERHEAD + Groups.varint(rows, at);
      at += Groups.varintLength(rows, at);
      int size = Groups.varint(rows, at);
      at += Groups.varintLength(rows, at);
      if (row == 0) {
        to.offset = offset;
        to.size = size;
        to.crc = rows.getInt(at);
        return;
      }
      offset += size;
      at += Integer.BYTES;
    }
  }

  /** Writes them as they arrive. Keeps four bytes a group. */
  static final class Builder {
    private final SectionFile.Writer out;
    private final byte[] row = new byte[32];
    private int[] starts = new int[1 << 10];
    private int entries;
    private int written;
    private long end = Item.FIRST_RECORD;

    Builder(SectionFile.Writer out) {
      this.out = out;
    }

    void add(Item item) throws IOException {
      if (entries % GROUP == 0) {
        if (entries / GROUP == starts.length) {
          starts = Arrays.copyOf(starts, starts.length + (starts.length >> 1));
        }
        starts[entries / GROUP] = written;
        out.writeLow(end, BASE_LENGTH);
        written = Math.addExact(written, BASE_LENGTH);
      }
      int length = Groups.Builder.putVarint(row, 0, item.length);
      length = Groups.Builder.putVarint(row, length, item.size);
      out.write(row, length);
      out.writeLow(item.crc, Integer.BYTES);
      written = Math.addExact(written, length + Integer.BYTES);
      end = item.offset + item.size;
      entries++;
    }

    void finish() throws IOException {
      out.end("extents");
      out.write(starts, (entries + GROUP - 1) / GROUP);
      out.end("extent starts");
      out.write(new int[] {entries}, 1);
      out.end("extent counts");
    }
  }
}
