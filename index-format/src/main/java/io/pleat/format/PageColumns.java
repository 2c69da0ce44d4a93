package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The entries section as it is stored compressed: the same bytes, with like beside like. Names compress among names only, and checksums,
 * which do not compress at all, are left out of the frame: measured on the kernel's paths, 11.4 B an entry where the pages as they are take 13.0.
 *
 * <pre>
 * frame   one zstd frame of five columns, back to back, each with its part of every page in order:
 *           heads    the first 18 bytes
 *           rows     shared and lengths: from there, 2n bytes, or 4n if wide
 *           rests    from there to where the page's columns start
 *           sizes    original lengths
 *           ends     what follows the CRCs, to the end of the page
 * CRCs    of the stored bytes, of every page in order: 4 bytes an entry
 * </pre>
 */
final class PageColumns {
  private static final int HEADS = 0;
  private static final int ROWS = 1;
  private static final int RESTS = 2;
  private static final int SIZES = 3;
  private static final int ENDS = 4;
  private static final int COLUMNS = 5;
  private static final int CRCS = 5;

  private PageColumns() {}

  /** Where the parts of one page lie in it. */
  private static final class Cuts {
    private final int[] at = new int[CRCS + 2];

    /** @throws IndexOutOfBoundsException if the head, at {@code head} of {@code heads}, is that of no page */
    void read(ByteBuffer heads, int head) {
      int rows = heads.get(head + EntryPages.ROWS_AT);
      int flags = heads.get(head + EntryPages.FLAGS_AT);
      int width = heads.get(head + EntryPages.WIDTH_AT);
      at[ROWS] = EntryPages.ROWS_START;
      at[RESTS] = at[ROWS] + 2 * rows * ((flags & EntryPages.WIDE) != 0 ? Short.BYTES : 1);
      at[SIZES] = heads.getShort(head + EntryPages.COLUMNS_AT) & 0xFFFF;
      int crcsAt = at[SIZES] + EntryPages.bitBytes(rows, width);
      at[CRCS] = crcsAt;
      at[ENDS] = crcsAt + rows * Integer.BYTES;
      if (rows < 1
          || rows > EntryPages.MAX_ROWS
          || width < 0
          || width > EntryPages.MAX_WIDTH
          || at[RESTS] > at[SIZES]
          || at[ENDS] > EntryPages.PAGE_LENGTH) {
        throw new IndexOutOfBoundsException(
            "parts of a page of " + rows + " rows end at " + at[ENDS]);
      }
    }

    int length(int column) {
      return switch (column) {
        case HEADS -> EntryPages.ROWS_START;
        case ROWS -> at[RESTS] - at[ROWS];
        case RESTS -> at[SIZES] - at[RESTS];
        case SIZES -> at[CRCS] - at[SIZES];
        case ENDS -> EntryPages.PAGE_LENGTH - at[ENDS];
        default -> at[ENDS] - at[CRCS];
      };
    }
  }

  /** Bytes of the frame's content for so many pages and entries. */
  static long frameContent(long pageBytes, int entries) {
    return pageBytes - (long) entries * Integer.BYTES;
  }

  /** The frame's content, piece by piece, from pages in pieces of whole pages. A piece is only valid until the next is asked for. */
  static Iterable<ByteBuffer> frame(List<ByteBuffer> pages) {
    return () -> new Parts(pages, HEADS, COLUMNS);
  }

  /** The CRCs, likewise. */
  static Iterable<ByteBuffer> crcs(List<ByteBuffer> pages) {
    return () -> new Parts(pages, CRCS, CRCS + 1);
  }

  /** Some columns, one after the other; of each the part of every piece. */
  private static final class Parts implements Iterator<ByteBuffer> {
    private final List<ByteBuffer> pages;
    private final int endColumn;
    private final ByteArena part = new ByteArena(1 << 16);
    private final Cuts cuts = new Cuts();
    private int column;
    private int next;

    Parts(List<ByteBuffer> pages, int column, int endColumn) {
      this.pages = pages;
      this.column = column;
      this.endColumn = endColumn;
    }

    @Override
    public boolean hasNext() {
      return column < endColumn && !pages.isEmpty();
    }

    @Override
    public ByteBuffer next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ByteBuffer piece = pages.get(next);
      part.clear();
      for (int page = piece.position(); page < piece.limit(); page += EntryPages.PAGE_LENGTH) {
        cuts.read(piece, page);
        part.put(piece.array(), page + cuts.at[column], cuts.length(column));
      }
      if (++next == pages.size()) {
        next = 0;
        column++;
      }
      return part.view();
    }
  }

  /**
   * Puts pages together.
   *
   * @param frame the five columns, back to back
   * @param crcs the CRCs
   * @param pages filled
   * @throws IndexOutOfBoundsException if the columns do not give exactly so many pages
   */
  static void join(ByteBuffer frame, ByteBuffer crcs, ByteBuffer pages) {
    ByteBuffer heads = frame.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int count = pages.remaining() / EntryPages.PAGE_LENGTH;
    Cuts cuts = new Cuts();
    int[] next = new int[COLUMNS + 1];
    long[] lengths = new long[COLUMNS + 1];
    for (int page = 0; page < count; page++) {
      cuts.read(heads, page * EntryPages.ROWS_START);
      for (int column = 0; column <= CRCS; column++) {
        lengths[column] += cuts.length(column);
      }
    }
    long start = 0;
    for (int column = 0; column < COLUMNS; column++) {
      next[column] = (int) start;
      start += lengths[column];
    }
    if (start != frame.limit() || lengths[CRCS] != crcs.limit()) {
      throw new IndexOutOfBoundsException(
          "columns of " + start + " and " + lengths[CRCS] + " bytes do not fill the section");
    }
    for (int page = 0; page < count; page++) {
      cuts.read(heads, page * EntryPages.ROWS_START);
      int at = page * EntryPages.PAGE_LENGTH;
      for (int column = 0; column < COLUMNS; column++) {
        int length = cuts.length(column);
        pages.put(at + cuts.at[column], frame, next[column], length);
        next[column] += length;
      }
      int length = cuts.length(CRCS);
      pages.put(at + cuts.at[CRCS], crcs, next[CRCS], length);
      next[CRCS] += length;
    }
  }
}
