package io.pleat.bench.index;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * Front-coded names in groups, each with what locates its files.
 *
 * <pre>
 *  varint  bytes of the names
 *  u40     where the payload before the group's first ended
 *  names   for each row: varint s, bytes that are those of the row before; varint r; the other r bytes
 *  u32     for each row: CRC32C (where kept)
 *  varint  for each row: size
 * </pre>
 *
 * Records stand back to back, so that offsets follow from the sizes and path lengths of the rows before.
 */
class Groups {
  private static final int BASE_LENGTH = 5;
  private static final int ROW_MASK = 0xFF;

  final ByteBuffer groups;
  private final ByteBuffer starts;
  final int groupSize;
  final int entries;
  final int count;
  private final int crcLength;

  Groups(Map<String, ByteBuffer> sections, String name) {
    ByteBuffer counts = sections.get(name + " counts");
    groups = sections.get(name);
    starts = sections.get(name + " starts");
    entries = counts.getInt(0);
    groupSize = counts.getInt(4);
    crcLength = counts.getInt(8);
    count = (entries + groupSize - 1) / groupSize;
  }

  boolean hasChecksums() {
    return crcLength > 0;
  }

  final int start(int group) {
    return starts.getInt(group * Integer.BYTES);
  }

  final int rows(int group) {
    return Math.min(groupSize, entries - group * groupSize);
  }

  final int namesAt(int start) {
    return groups.get(start) >= 0
        ? start + 1 + BASE_LENGTH
        : start + varintLength(groups, start) + BASE_LENGTH;
  }

  /**
   * Looks for a path in the rows of a group up to {@code last}.
   *
   * @return the row in the lowest 8 bits, above them the path lengths of all rows up to it; or -1
   */
  long search(int group, int last, byte[] path) {
    int at = namesAt(start(group));
    int agree = 0;
    int lengths = 0;
    for (int row = 0; row <= last; row++) {
      int shared = groups.get(at++);
      if (shared < 0) {
        shared = varint(groups, at - 1);
        at += varintLength(groups, at - 1) - 1;
      }
      int rest = groups.get(at++);
      if (rest < 0) {
        rest = varint(groups, at - 1);
        at += varintLength(groups, at - 1) - 1;
      }
      lengths += shared + rest;
      if (shared == agree) {
        int more = agreement(path, agree, groups, at, rest);
        agree += more;
        if (more == rest && agree == path.length) {
          return (long) lengths << 8 | row;
        }
      } else if (shared < agree) {
        agree = shared;
      }
      at += rest;
    }
    return -1;
  }

  /** The group that alone may hold a path: the last one that starts with it or with one below. */
  int floor(byte[] path) {
    int lastSlash = PathOrder.lastSlash(path);
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      int at = namesAt(start(middle)) + 1;
      int length = varint(groups, at);
      at += varintLength(groups, at);
      if (PathOrder.compare(path, lastSlash, groups, at, length) >= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  int locate(int group, long found, Location to) {
    int row = (int) found & ROW_MASK;
    locate(group, row, found >>> 8, to);
    return group * groupSize + row;
  }

  final void locate(int group, int row, long pathLengths, Location to) {
    int start = start(group);
    int namesAt = namesAt(start);
    int at = namesAt + varint(groups, start);
    to.crc = crcLength == 0 ? 0 : groups.getInt(at + crcLength * row);
    at += crcLength * rows(group);
    long base = groups.getLong(namesAt - BASE_LENGTH) & (1L << 8 * BASE_LENGTH) - 1;
    long offset = base + pathLengths + (row + 1) * (long) Item.RECORD_OVERHEAD;
    for (int i = 0; i < row; i++) {
      offset += varint(groups, at);
      at += varintLength(groups, at);
    }
    to.offset = offset;
    to.size = varint(groups, at);
  }

  void list(OpenIndex.PathSink sink) {
    byte[] path = new byte[1 << 12];
    for (int group = 0; group < count; group++) {
      int at = namesAt(start(group));
      int rows = rows(group);
      for (int row = 0; row < rows; row++) {
        int shared = varint(groups, at);
        at += varintLength(groups, at);
        int rest = varint(groups, at);
        at += varintLength(groups, at);
        groups.get(at, path, shared, rest);
        at += rest;
        sink.accept(path, shared + rest);
      }
    }
  }

  Map<String, Long> compressed() throws IOException {
    Counter names = new Counter();
    Counter sizes = new Counter();
    try (ZstdOutputStream ofNames = new ZstdOutputStream(names, 3);
        ZstdOutputStream ofSizes = new ZstdOutputStream(sizes, 3)) {
      byte[] buffer = new byte[1 << 16];
      for (int group = 0; group < count; group++) {
        int start = start(group);
        int length = varint(groups, start);
        int at = namesAt(start);
        groups.get(at, buffer, 0, length);
        ofNames.write(buffer, 0, length);
        at += length + crcLength * rows(group);
        int end = at;
        for (int row = 0; row < rows(group); row++) {
          end += varintLength(groups, end);
        }
        groups.get(at, buffer, 0, end - at);
        ofSizes.write(buffer, 0, end - at);
      }
    }
    return Map.of(
        "names", names.count, "sizes", sizes.count, "checksums", (long) crcLength * entries);
  }

  private static final class Counter extends OutputStream {
    long count;

    @Override
    public void write(int b) {
      count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      count += length;
    }
  }

  /** How many bytes of {@code path} from {@code from} on are those at {@code at}, of which there are {@code length}. */
  static int agreement(byte[] path, int from, ByteBuffer other, int at, int length) {
    int limit = Math.min(path.length - from, length);
    int i = 0;
    for (; i + Long.BYTES <= limit; i += Long.BYTES) {
      long difference = (long) PathHash.LONG.get(path, from + i) ^ other.getLong(at + i);
      if (difference != 0) {
        return i + (Long.numberOfTrailingZeros(difference) >>> 3);
      }
    }
    if (i == limit) {
      return limit;
    }
    if (path.length < Long.BYTES) {
      while (i < limit && path[from + i] == other.get(at + i)) {
        i++;
      }
      return i;
    }
    // The last bytes at once: what is read beyond them does not count.
    int readAt = Math.min(from + i, path.length - Long.BYTES);
    long mine = (long) PathHash.LONG.get(path, readAt) >>> 8 * (from + i - readAt);
    long difference = mine ^ other.getLong(at + i);
    return Math.min(limit, i + (Long.numberOfTrailingZeros(difference) >>> 3));
  }

  static int varint(ByteBuffer bytes, int at) {
    int first = bytes.get(at);
    if (first >= 0) {
      return first;
    }
    int value = first & 0x7F;
    for (int shift = 7, i = at + 1; ; shift += 7, i++) {
      int next = bytes.get(i);
      value |= (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  static int varintLength(ByteBuffer bytes, int at) {
    int end = at;
    while (bytes.get(end) < 0) {
      end++;
    }
    return end + 1 - at;
  }

  /** Writes groups as their rows arrive. Keeps four bytes a group. */
  static class Builder {
    private static final int LONGEST = 1 << 18;

    final byte[] names = new byte[LONGEST];
    int namesLength;
    private final SectionFile.Writer out;
    private final String name;
    private final int groupSize;
    private final boolean withCrcs;
    private final byte[] sizes = new byte[1 << 10];
    private final byte[] head = new byte[16];
    private final int[] crcs;
    private final byte[] last = new byte[1 << 12];
    private int sizesLength;
    private int lastLength;
    private int[] starts = new int[1 << 10];
    private int written;
    private int entries;
    private long base;
    private long end = Item.FIRST_RECORD;

    Builder(SectionFile.Writer out, String name, int groupSize, boolean withCrcs) {
      this.out = out;
      this.name = name;
      this.groupSize = groupSize;
      this.withCrcs = withCrcs;
      crcs = new int[groupSize];
    }

    void add(Item item) throws IOException {
      int row = entries % groupSize;
      int shared = 0;
      if (row == 0) {
        flush();
        base = end;
      } else {
        shared = Arrays.mismatch(last, 0, lastLength, item.path, 0, item.length);
        shared = shared < 0 ? item.length : shared;
      }
      namesLength = putVarint(names, namesLength, shared);
      putRest(item, shared);
      System.arraycopy(item.path, shared, last, shared, item.length - shared);
      lastLength = item.length;
      sizesLength = putVarint(sizes, sizesLength, item.size);
      crcs[row] = item.crc;
      end = item.offset + item.size;
      entries++;
    }

    void putRest(Item item, int shared) {
      int rest = item.length - shared;
      namesLength = putVarint(names, namesLength, rest);
      System.arraycopy(item.path, shared, names, namesLength, rest);
      namesLength += rest;
    }

    private void flush() throws IOException {
      if (entries == 0) {
        return;
      }
      int group = (entries - 1) / groupSize;
      int rows = entries - group * groupSize;
      if (group == starts.length) {
        starts = Arrays.copyOf(starts, group + (group >> 1));
      }
      starts[group] = written;
      int headLength = putVarint(head, 0, namesLength);
      out.write(head, headLength);
      out.writeLow(base, BASE_LENGTH);
      out.write(names, namesLength);
      if (withCrcs) {
        out.write(crcs, rows);
      }
      out.write(sizes, sizesLength);
      int crcLength = withCrcs ? Integer.BYTES * rows : 0;
      written =
          Math.addExact(written, headLength + BASE_LENGTH + namesLength + crcLength + sizesLength);
      namesLength = 0;
      sizesLength = 0;
    }

    void finish() throws IOException {
      flush();
      out.end(name);
      out.write(starts, (entries + groupSize - 1) / groupSize);
      out.end(name + " starts");
      out.write(new int[] {entries, groupSize, withCrcs ? Integer.BYTES : 0}, 3);
      out.end(name + " counts");
    }

    static int putVarint(byte[] bytes, int at, int value) {
      int rest = value;
      int i = at;
      for (; rest > 0x7F; rest >>>= 7) {
        bytes[i++] = (byte) (rest | 0x80);
      }
      bytes[i++] = (byte) rest;
      return i;
    }
  }
}
