package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds the sections that {@link EntryPages} reads, entry by entry. */
final class EntryPagesBuilder {
  /** Pages of one piece of memory. */
  private static final int PAGES_IN_CHUNK = 1024;

  private static final int NO_IRREGULAR_ROWS = 1;

  private final List<ByteBuffer> chunks = new ArrayList<>();
  private final IntArena firstOrdinals = new IntArena(64);
  private final ByteArena longPaths = new ByteArena(64);
  private int entries;

  // The page being filled: n rows, of which the paths stand back to back in `paths`.
  private final int[] shared = new int[EntryPages.MAX_ROWS];
  private final int[] pathEnds = new int[EntryPages.MAX_ROWS];
  private final long[] lengths = new long[EntryPages.MAX_ROWS];
  private final int[] storedLengths = new int[EntryPages.MAX_ROWS];
  private final int[] codecs = new int[EntryPages.MAX_ROWS];
  private final int[] storedCrcs = new int[EntryPages.MAX_ROWS];
  private final int[] crcs = new int[EntryPages.MAX_ROWS];
  private final int[] marks = new int[EntryPages.MAX_ROWS];
  private final long[] extraOverheads = new long[EntryPages.MAX_ROWS];
  private byte[] paths = new byte[4096];
  private int rows;
  private int restBytes;
  private int irregularBytes;
  private int width;
  private int storedWidth;
  private int flags;
  private long start;
  private int usualOverhead;

  // Overheads of the last rows, which say what is usual when the next page starts.
  private long lastEnd;
  private int lastOverhead;
  private int repeatedOverhead;

  int entries() {
    return entries + rows;
  }

  /** Bytes that the sections will have; never less than they come to. */
  long sizeBound() {
    return (firstOrdinals.size() + 2L) * EntryPages.PAGE_LENGTH + longPaths.length();
  }

  /**
   * Adds an entry.
   *
   * @param headerLength bytes of its record's header, which stands before its stored bytes
   * @param offset where its stored bytes start in the file
   * @param mark {@link EntryPages#ROW_PASS_THROUGH}, {@link EntryPages#ROW_RACY} or 0
   */
  void add(
      byte[] path,
      int headerLength,
      long offset,
      long length,
      int storedLength,
      int codec,
      int storedCrc,
      int crc,
      int mark) {
    long overhead = offset - lastEnd - path.length;
    int common = rows > 0 ? sharedWithLast(path) : 0;
    if (rows > 0 && !fits(path, common, overhead, length, storedLength, codec, mark)) {
      flush();
    }
    if (rows == 0) {
      start = offset;
      usualOverhead = repeatedOverhead != 0 ? repeatedOverhead : headerLength - path.length;
      irregularBytes = NO_IRREGULAR_ROWS;
      shared[0] = 0;
      extraOverheads[0] = 0;
      flags = path.length > EntryPages.MAX_NARROW_LENGTH ? EntryPages.WIDE : 0;
    } else {
      shared[rows] = common;
      extraOverheads[rows] = overhead - usualOverhead;
      if (extraOverheads[rows] != 0) {
        irregularBytes += 1 + Varint.length(zigzag(extraOverheads[rows]));
        flags |= EntryPages.IRREGULAR;
      }
    }
    int pathStart = rows == 0 ? 0 : pathEnds[rows - 1];
    if (path.length > paths.length - pathStart) {
      paths = Arrays.copyOf(paths, Math.max(2 * paths.length, pathStart + path.length));
    }
    System.arraycopy(path, 0, paths, pathStart, path.length);
    pathEnds[rows] = pathStart + path.length;
    restBytes += path.length - shared[rows];
    lengths[rows] = length;
    storedLengths[rows] = storedLength;
    codecs[rows] = codec;
    storedCrcs[rows] = storedCrc;
    crcs[rows] = crc;
    marks[rows] = mark;
    width = Math.max(width, bits(length));
    storedWidth = Math.max(storedWidth, bits(storedLength));
    flags |= (mark != 0 ? EntryPages.MARKED : 0) | (codec != 0 ? EntryPages.ENCODED : 0);
    rows++;
    lastEnd = offset + storedLength;
    if (overhead == lastOverhead && overhead <= 0xFFFF) {
      repeatedOverhead = (int) overhead;
    }
    lastOverhead = (int) Math.min(overhead, Integer.MAX_VALUE);
  }

  private boolean fits(
      byte[] path, int common, long overhead, long length, int storedLength, int codec, int mark) {
    boolean isWide = path.length > EntryPages.MAX_NARROW_LENGTH;
    if (rows == EntryPages.MAX_ROWS || isWide != ((flags & EntryPages.WIDE) != 0)) {
      return false;
    }
    long extra = overhead - usualOverhead;
    int irregular = irregularBytes + (extra == 0 ? 0 : 1 + Varint.length(zigzag(extra)));
    int newFlags = flags
        | (mark != 0 ? EntryPages.MARKED : 0)
        | (codec != 0 ? EntryPages.ENCODED : 0)
        | (extra != 0 ? EntryPages.IRREGULAR : 0);
    return pageLength(
            rows + 1,
            restBytes + path.length - common,
            newFlags,
            Math.max(width, bits(length)),
            Math.max(storedWidth, bits(storedLength)),
            irregular)
        <= EntryPages.PAGE_LENGTH;
  }

  private static int pageLength(
      int rows, int restBytes, int flags, int width, int storedWidth, int irregularBytes) {
    int length = EntryPages.ROWS_START
        + 2 * rows * ((flags & EntryPages.WIDE) != 0 ? Short.BYTES : 1)
        + restBytes
        + EntryPages.bitBytes(rows, width)
        + rows * Integer.BYTES;
    if ((flags & EntryPages.MARKED) != 0) {
      length += rows;
    }
    if ((flags & EntryPages.ENCODED) != 0) {
      length += rows + EntryPages.bitBytes(rows, storedWidth) + rows * Integer.BYTES;
    }
    return (flags & EntryPages.IRREGULAR) != 0 ? length + irregularBytes : length;
  }

  private int sharedWithLast(byte[] path) {
    int from = rows == 1 ? 0 : pathEnds[rows - 2];
    int mismatch = Arrays.mismatch(paths, from, pathEnds[rows - 1], path, 0, path.length);
    return mismatch < 0 ? path.length : mismatch;
  }

  private static int bits(long value) {
    return Long.SIZE - Long.numberOfLeadingZeros(value);
  }

  private static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  private void flush() {
    boolean far = pageLength(rows, restBytes, flags, width, storedWidth, irregularBytes)
        > EntryPages.PAGE_LENGTH; // only a page of one row can be
    if (firstOrdinals.size() % PAGES_IN_CHUNK == 0) {
      chunks.add(ByteBuffer.allocate(PAGES_IN_CHUNK * EntryPages.PAGE_LENGTH)
          .order(ByteOrder.LITTLE_ENDIAN));
    }
    ByteBuffer page = chunks.get(chunks.size() - 1);
    int at = page.position();
    page.putInt(entries);
    page.put((byte) rows);
    page.put((byte) (far ? flags | EntryPages.FAR | EntryPages.WIDE : flags));
    page.put((byte) width);
    page.put((byte) ((flags & EntryPages.ENCODED) != 0 ? storedWidth : 0));
    page.putInt((int) start);
    page.putShort((short) (start >>> Integer.SIZE));
    page.putShort((short) 0);
    page.putShort((short) usualOverhead);
    putPaths(page, far);
    page.putShort(at + EntryPages.COLUMNS_AT, (short) (page.position() - at));
    putNumbers(page, lengths, width);
    for (int row = 0; row < rows; row++) {
      page.putInt(storedCrcs[row]);
    }
    if ((flags & EntryPages.MARKED) != 0) {
      for (int row = 0; row < rows; row++) {
        page.put((byte) marks[row]);
      }
    }
    if ((flags & EntryPages.ENCODED) != 0) {
      putEncodings(page);
    }
    if ((flags & EntryPages.IRREGULAR) != 0) {
      putIrregularities(page);
    }
    page.position(at + EntryPages.PAGE_LENGTH);
    firstOrdinals.add(entries);
    entries += rows;
    rows = 0;
    restBytes = 0;
    width = 0;
    storedWidth = 0;
  }

  private void putPaths(ByteBuffer page, boolean far) {
    boolean wide = far || (flags & EntryPages.WIDE) != 0;
    for (int row = 0; row < rows; row++) {
      putSize(page, wide, shared[row]);
    }
    for (int row = 0; row < rows; row++) {
      putSize(page, wide, pathEnds[row] - pathStart(row));
    }
    if (far) {
      page.putInt(longPaths.length());
      longPaths.put(paths, 0, pathEnds[0]);
      return;
    }
    for (int row = 0; row < rows; row++) {
      int from = pathStart(row) + shared[row];
      page.put(paths, from, pathEnds[row] - from);
    }
  }

  private int pathStart(int row) {
    return row == 0 ? 0 : pathEnds[row - 1];
  }

  private static void putSize(ByteBuffer page, boolean wide, int size) {
    if (wide) {
      page.putShort((short) size);
    } else {
      page.put((byte) size);
    }
  }

  private void putNumbers(ByteBuffer page, long[] values, int bits) {
    long pending = 0;
    int pendingBits = 0;
    for (int row = 0; row < rows; row++) {
      pending |= values[row] << pendingBits;
      pendingBits += bits;
      for (; pendingBits >= Byte.SIZE; pendingBits -= Byte.SIZE) {
        page.put((byte) pending);
        pending >>>= Byte.SIZE;
      }
    }
    if (pendingBits > 0) {
      page.put((byte) pending);
    }
  }

  private void putEncodings(ByteBuffer page) {
    for (int row = 0; row < rows; row++) {
      page.put((byte) codecs[row]);
    }
    for (int row = 0; row < rows; row++) {
      lengths[row] = storedLengths[row];
    }
    putNumbers(page, lengths, storedWidth);
    for (int row = 0; row < rows; row++) {
      page.putInt(crcs[row]);
    }
  }

  private void putIrregularities(ByteBuffer page) {
    int countAt = page.position();
    page.put((byte) 0);
    int count = 0;
    for (int row = 1; row < rows; row++) {
      if (extraOverheads[row] == 0) {
        continue;
      }
      count++;
      page.put((byte) row);
      long rest = zigzag(extraOverheads[row]);
      for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
        page.put((byte) (rest | 0x80));
      }
      page.put((byte) rest);
    }
    page.put(countAt, (byte) count);
  }

  /** Whether the file {@code path} is among the entries from {@code from} to {@code to} (exclusive), which are in one directory. */
  boolean contains(byte[] path, int from, int to) {
    for (int row = rows - 1; row >= 0 && entries + row >= from; row--) {
      if (entries + row < to
          && Arrays.equals(paths, pathStart(row), pathEnds[row], path, 0, path.length)) {
        return true;
      }
    }
    int low = pageOf(from);
    int high = Math.min(pageOf(to - 1), firstOrdinals.size() - 1);
    if (low > high) {
      return false;
    }
    byte[] key = SortKey.ofFile(path);
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (SortKey.compareFile(page(middle).path(0, 0), key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return page(low).findRow(0, path) >= 0;
  }

  private EntryPages page(int page) {
    ByteBuffer chunk = chunks.get(page / PAGES_IN_CHUNK);
    ByteBuffer copy = ByteBuffer.allocate(EntryPages.PAGE_LENGTH + EntryPages.SLACK)
        .order(ByteOrder.LITTLE_ENDIAN);
    copy.put(0, chunk, page % PAGES_IN_CHUNK * EntryPages.PAGE_LENGTH, EntryPages.PAGE_LENGTH);
    copy.putInt(0, 0);
    return new EntryPages(MemoryRange.of(copy), longPaths.view(), copy.get(EntryPages.ROWS_AT));
  }

  /** The finished page that holds an ordinal; one behind the last if it is in none. */
  private int pageOf(int ordinal) {
    if (ordinal >= entries) {
      return firstOrdinals.size();
    }
    int low = 0;
    int high = firstOrdinals.size() - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (firstOrdinals.get(middle) <= ordinal) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Ends the last page. */
  void finish() {
    if (rows > 0) {
      flush();
    }
  }

  int pages() {
    return firstOrdinals.size();
  }

  /** The ordinal of a page's first entry. */
  int firstOrdinal(int page) {
    return firstOrdinals.get(page);
  }

  /** The pages, in pieces; call it after {@link #finish}. */
  List<ByteBuffer> pieces() {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (ByteBuffer chunk : chunks) {
      pieces.add(chunk.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip());
    }
    return pieces;
  }

  /** Lets go of the pages; what was said about them stays. */
  void releasePages() {
    chunks.clear();
  }

  /** The long paths section; empty if there is none. */
  ByteArena longPaths() {
    return longPaths;
  }
}
