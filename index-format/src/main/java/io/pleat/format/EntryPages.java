package io.pleat.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the entries section: pages of {@value #PAGE_LENGTH} bytes, each with up to {@value #MAX_ROWS} entries in key order and all that it takes to
 * confirm a path and to find its bytes. In place, and stateless: any number of threads may share one.
 *
 * <pre>
 *   at   bytes  field
 *    0       4  ordinal of the first row
 *    4       1  rows, n: 1 to 64
 *    5       1  flags: 1 wide, 2 far, 4 marked, 8 encoded, 16 irregular
 *    6       1  width of an original length, w, in bits: 0 to 56
 *    7       1  width of a stored length, v, in bits: 0 to 31; 0 unless encoded
 *    8       6  where the first row's stored bytes start in the file
 *   14       2  where the columns start in the page
 *   16       2  usual overhead: bytes between two rows' stored bytes, less the length of the second one's path
 *   18       n  shared: bytes that each path has in common with the one before; 0 in the first row (2n bytes if wide)
 *            n  lengths of the paths (2n bytes if wide)
 *               rests: of each path the bytes behind those that it shares, back to back; if far, instead: u32, where the only
 *               row's path starts in the long paths section
 * columns:      original lengths: n numbers of w bits, lowest bit first, then zero bits up to a whole byte
 *           4n  CRC32C of the stored bytes; 0 for a pass-through
 *            n  if marked: u8 flags, 1 pass-through, 2 racy
 *            n  if encoded: u8 codec
 *               if encoded: stored lengths: n numbers of v bits, as above
 *           4n  if encoded: CRC32C of the original bytes
 *               if irregular: u8 m; m times (u8 row, zigzag varint: overhead less the usual one), rows ascending
 *               zero bytes up to the end of the page
 * </pre>
 *
 * A read outside the section throws IndexOutOfBoundsException, which the index block turns into a CorruptDataException.
 */
sealed class EntryPages permits PathLookup {
  /*
   * A page is eight cache lines, so that a lookup whose page is known waits for memory once: its lines are asked for together. The
   * row is found without walking names: only rows whose path has the right length are candidates (eight are tested at a time), and of a
   * candidate only those rows before it are visited that supply some of its bytes.
   */
  static final int PAGE_LENGTH = 512;
  static final int MAX_ROWS = 64;

  static final int ROWS_AT = Integer.BYTES;
  static final int FLAGS_AT = ROWS_AT + 1;
  static final int WIDTH_AT = FLAGS_AT + 1;
  static final int STORED_WIDTH_AT = WIDTH_AT + 1;
  static final int START_AT = STORED_WIDTH_AT + 1;
  static final int COLUMNS_AT = START_AT + 6;
  static final int OVERHEAD_AT = COLUMNS_AT + Short.BYTES;
  static final int ROWS_START = OVERHEAD_AT + Short.BYTES;

  static final int WIDE = 1;
  static final int FAR = 2;
  static final int MARKED = 4;
  static final int ENCODED = 8;
  static final int IRREGULAR = 16;
  private static final int UNKNOWN = ~(WIDE | FAR | MARKED | ENCODED | IRREGULAR);

  static final int ROW_PASS_THROUGH = 1;
  static final int ROW_RACY = 2;

  static final int MAX_WIDTH = 56;
  static final int MAX_STORED_WIDTH = 31;

  /** Longest path that a page holds which is not wide. */
  static final int MAX_NARROW_LENGTH = 255;

  /** Bytes behind the pages that a read of eight bytes may touch. */
  static final int SLACK = Long.BYTES;

  private static final long START_MASK = (1L << 48) - 1;
  private static final long LOW_BITS = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long EVEN_BYTES = 0x00FF00FF00FF00FFL;
  private static final long ONE_IN_EACH_LANE = 0x0001000100010001L;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final ByteBuffer bytes;
  private final int pagesAt;
  private final ByteBuffer longPaths;
  private final int pages;
  private final int entries;

  /** What has to be asked before a page is read; null if there is nothing to ask, or not any more. Racing threads write what any of them would. */
  private PieceChecks checks;

  /**
   * @param section the pages, and {@link #SLACK} bytes more
   * @param longPaths the long paths section, if there is one, otherwise empty
   * @throws IndexOutOfBoundsException if the section cannot hold so many entries
   */
  EntryPages(MemoryRange section, ByteBuffer longPaths, int entries) {
    this.bytes = section.memory();
    this.pagesAt = section.at();
    this.checks = section.checks();
    this.longPaths = longPaths;
    this.entries = entries;
    int length = section.length() - SLACK;
    pages = length / PAGE_LENGTH;
    if (length < 0
        || length % PAGE_LENGTH != 0
        || pages > entries
        || (long) pages * MAX_ROWS < entries
        || pages > 0 && (firstOrdinal(0) != 0 || endOrdinal(pages - 1) != entries)) {
      throw new IndexOutOfBoundsException(length + " bytes of pages for " + entries + " entries");
    }
  }

  private int at(int page) {
    return pagesAt + page * PAGE_LENGTH;
  }

  /** Proves bytes of the memory that pages are in; call it before anything of a page is read. */
  final void prove(int at, int count) {
    PieceChecks toAsk = checks;
    if (toAsk != null && toAsk.prove(at, count)) {
      checks = null;
    }
  }

  private int provenAt(int page) {
    int at = at(page);
    prove(at, PAGE_LENGTH);
    return at;
  }

  /** Proves the pages that hold the ordinals from {@code from} (inclusive) to {@code to} (exclusive). */
  void proveAll(int from, int to) {
    int first = pageOf(from);
    prove(at(first), (pageOf(to - 1) - first + 1) * PAGE_LENGTH);
  }

  int pageCount() {
    return pages;
  }

  int firstOrdinal(int page) {
    return bytes.getInt(provenAt(page));
  }

  int rows(int page) {
    int rows = bytes.get(provenAt(page) + ROWS_AT);
    if (rows <= 0 || rows > MAX_ROWS) {
      throw new IndexOutOfBoundsException(rows + " rows in page " + page);
    }
    return rows;
  }

  private int endOrdinal(int page) {
    return firstOrdinal(page) + rows(page);
  }

  private int flags(int page) {
    int flags = bytes.get(at(page) + FLAGS_AT);
    if ((flags & UNKNOWN) != 0) {
      throw new IndexOutOfBoundsException("flags " + flags + " in page " + page);
    }
    return flags;
  }

  /** The page that holds an ordinal: interpolation, as pages hold nearly the same number of rows, and then bisection. */
  int pageOf(int ordinal) {
    int low = 0;
    int high = pages - 1;
    int steps = 0;
    while (low < high) {
      int middle;
      if (steps++ < 4) {
        long first = firstOrdinal(low);
        long end = high + 1 < pages ? firstOrdinal(high + 1) : entries;
        long guess =
            end <= first ? low : low + (ordinal - first) * (high + 1 - low) / (end - first);
        middle = (int) Math.max(low, Math.min(high, guess));
      } else {
        middle = low + high >>> 1;
      }
      if (ordinal < firstOrdinal(middle)) {
        high = middle - 1;
      } else if (middle < high && ordinal >= firstOrdinal(middle + 1)) {
        low = middle + 1;
      } else {
        return checkHolds(middle, ordinal);
      }
    }
    return checkHolds(low, ordinal);
  }

  private int checkHolds(int page, int ordinal) {
    if (ordinal < firstOrdinal(page) || ordinal >= endOrdinal(page)) {
      throw new IndexOutOfBoundsException("page " + page + " should hold ordinal " + ordinal);
    }
    return page;
  }

  /** The row of {@code path} in a page, or -1 if it is not there. */
  int findRow(int page, byte[] path) {
    int at = provenAt(page);
    long header = bytes.getLong(at);
    // Asks for all lines of the page at once, which saves a quarter of a cold lookup's time
    // (decision 7).
    if ((header
            | bytes.getLong(at + 64)
            | bytes.getLong(at + 128)
            | bytes.getLong(at + 192)
            | bytes.getLong(at + 256)
            | bytes.getLong(at + 320)
            | bytes.getLong(at + 384)
            | bytes.getLong(at + 448))
        == 0) {
      throw new IndexOutOfBoundsException("page " + page + " is empty");
    }
    int rows = (int) (header >>> Byte.SIZE * ROWS_AT) & 0xFF;
    int flags = (int) (header >>> Byte.SIZE * FLAGS_AT) & 0xFF;
    if (rows > MAX_ROWS) {
      throw new IndexOutOfBoundsException(rows + " rows in page " + page);
    }
    if ((flags & WIDE) != 0) {
      return findWideRow(page, path);
    }
    if (path.length == 0 || path.length > MAX_NARROW_LENGTH) {
      return -1;
    }
    int sharedAt = at + ROWS_START;
    int lengthsAt = sharedAt + rows;
    int restsAt = lengthsAt + rows;
    long wanted = path.length * LOW_BITS;
    int before = 0;
    for (int first = 0; first < rows; first += Long.BYTES) {
      long lengths = bytes.getLong(lengthsAt + first);
      long shared = bytes.getLong(sharedAt + first);
      // A byte's top bit where the length is the path's, perhaps also in bytes above one that is.
      long difference = lengths ^ wanted;
      long candidates = difference - LOW_BITS & ~difference & HIGH_BITS;
      for (; candidates != 0; candidates &= candidates - 1) {
        int shift = Long.numberOfTrailingZeros(candidates) & -Byte.SIZE;
        int row = first + (shift >>> 3);
        if (row >= rows) {
          break;
        }
        if ((lengths >>> shift & 0xFF) != path.length) {
          continue;
        }
        long lower = (1L << shift) - 1;
        int restAt = restsAt + before + sum(lengths & lower) - sum(shared & lower);
        if (confirms(sharedAt, lengthsAt, row, restAt, path)) {
          return row;
        }
      }
      before += sum(lengths) - sum(shared);
    }
    return -1;
  }

  /** The sum of eight unsigned bytes (Warren, Hacker's Delight, 5-1: the multiplication adds the lanes). */
  private static int sum(long eight) {
    long lanes = (eight & EVEN_BYTES) + (eight >>> Byte.SIZE & EVEN_BYTES);
    return (int) (lanes * ONE_IN_EACH_LANE >>> 48);
  }

  /** Whether a row whose path has the right length is {@code path}: compares its rest, and then what earlier rows supply. */
  private boolean confirms(int sharedAt, int lengthsAt, int row, int restAt, byte[] path) {
    int missing = bytes.get(sharedAt + row) & 0xFF;
    if (missing > path.length || !agrees(restAt, path, missing, path.length - missing)) {
      return false;
    }
    int at = restAt;
    int source = row;
    while (missing > 0) {
      int shared;
      do {
        if (--source < 0) {
          throw new IndexOutOfBoundsException("row " + row + " shares bytes with none before");
        }
        shared = bytes.get(sharedAt + source) & 0xFF;
        at -= (bytes.get(lengthsAt + source) & 0xFF) - shared;
      } while (shared >= missing);
      if (!agrees(at, path, shared, missing - shared)) {
        return false;
      }
      missing = shared;
    }
    return true;
  }

  /** Whether {@code count} bytes at {@code at} are those of {@code path} from {@code from} on. */
  private boolean agrees(int at, byte[] path, int from, int count) {
    int done = 0;
    for (; done <= count - Long.BYTES; done += Long.BYTES) {
      if (bytes.getLong(at + done) != (long) LONG.get(path, from + done)) {
        return false;
      }
    }
    int left = count - done;
    if (left <= 0) {
      return true;
    }
    int start = from + done;
    int over = start + Long.BYTES - path.length;
    long expected = over <= 0
        ? (long) LONG.get(path, start)
        : path.length >= Long.BYTES
            ? (long) LONG.get(path, path.length - Long.BYTES) >>> (over << 3)
            : shortPath(path) >>> (start << 3);
    return (bytes.getLong(at + done) ^ expected) << (Long.BYTES - left << 3) == 0;
  }

  /** The bytes of a path of fewer than eight, the first one lowest. */
  private static long shortPath(byte[] path) {
    long all = 0;
    for (int i = 0; i < path.length; i++) {
      all |= (path[i] & 0xFFL) << (i << 3);
    }
    return all;
  }

  private int findWideRow(int page, byte[] path) {
    int rows = rows(page);
    RowCursor cursor = new RowCursor();
    cursor.start(page, 0);
    for (int row = 0; row < rows; row++) {
      cursor.next();
      if (Arrays.equals(cursor.path, 0, cursor.length, path, 0, path.length)) {
        return row;
      }
    }
    return -1;
  }

  /** The path of a row. */
  byte[] path(int page, int row) {
    RowCursor cursor = new RowCursor();
    cursor.start(page, 0);
    for (int i = 0; i <= row; i++) {
      cursor.next();
    }
    return cursor.path();
  }

  /** The page that holds the file at {@code path} if any does; there is at least one page. */
  int pageOf(byte[] path) {
    RowCursor cursor = new RowCursor();
    int lastSlash = SortKey.lastSlash(path, path.length);
    int low = 0;
    int high = pages - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      cursor.start(middle, 0);
      cursor.next();
      if (SortKey.compareFiles(cursor.path, cursor.length, path, lastSlash) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** The ordinal of the entry with {@code key}, or {@code -(the ordinal before which it would stand) - 1}. */
  int search(byte[] key) {
    if (pages == 0) {
      return -1;
    }
    RowCursor cursor = new RowCursor();
    int low = 0;
    int high = pages - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      cursor.start(middle, 0);
      cursor.next();
      if (SortKey.compareFile(cursor.path, cursor.length, key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    int first = firstOrdinal(low);
    int rows = rows(low);
    cursor.start(low, 0);
    for (int row = 0; row < rows; row++) {
      cursor.next();
      int order = SortKey.compareFile(cursor.path, cursor.length, key);
      if (order >= 0) {
        return order == 0 ? first + row : -(first + row) - 1;
      }
    }
    return -(first + rows) - 1;
  }

  /** What it takes to read a row's bytes. */
  PayloadExtent extent(int page, int row, ContainerId id, long recordsEnd) {
    int at = provenAt(page);
    int rows = rows(page);
    int flags = flags(page);
    int width = width(at + WIDTH_AT, MAX_WIDTH);
    int storedWidth = width(at + STORED_WIDTH_AT, MAX_STORED_WIDTH);
    boolean encoded = (flags & ENCODED) != 0;
    int lengthsAt = at + (bytes.getShort(at + COLUMNS_AT) & 0xFFFF);
    int crcsAt = lengthsAt + bitBytes(rows, width);
    int marksAt = crcsAt + rows * Integer.BYTES;
    int codecsAt = marksAt + ((flags & MARKED) != 0 ? rows : 0);
    int storedAt = encoded ? codecsAt + rows : lengthsAt;
    int storedBits = encoded ? storedWidth : width;
    int originalCrcsAt = storedAt + bitBytes(rows, storedBits);
    int irregularAt = encoded ? originalCrcsAt + rows * Integer.BYTES : codecsAt;

    long start = bytes.getLong(at + START_AT) & START_MASK;
    start += pathBytes(at, rows, row, flags)
        + (bytes.getShort(at + OVERHEAD_AT) & 0xFFFFL) * row
        + storedBefore(storedAt, storedBits, row, (flags & MARKED) != 0 ? marksAt : -1);
    if ((flags & IRREGULAR) != 0) {
      start += irregularities(irregularAt, row);
    }
    int mark = (flags & MARKED) != 0 ? bytes.get(marksAt + row) : 0;
    long length = number(lengthsAt, width, row);
    int crc = bytes.getInt(crcsAt + row * Integer.BYTES);
    return extent(
        firstOrdinal(page) + row,
        mark,
        length,
        start,
        mark == ROW_PASS_THROUGH ? 0 : encoded ? number(storedAt, storedWidth, row) : length,
        encoded ? bytes.get(codecsAt + row) & 0xFF : PayloadCodec.RAW,
        crc,
        encoded ? bytes.getInt(originalCrcsAt + row * Integer.BYTES) : crc,
        id,
        recordsEnd);
  }

  private static PayloadExtent extent(
      int ordinal,
      int mark,
      long length,
      long start,
      long stored,
      int codec,
      int storedCrc,
      int crc,
      ContainerId id,
      long recordsEnd) {
    checkRow(ordinal, mark, length, start, stored, recordsEnd);
    return new PayloadExtent(
        ordinal,
        mark == ROW_PASS_THROUGH ? Entry.Kind.PASS_THROUGH : Entry.Kind.FOLDED,
        length,
        new Extent(id, start, stored),
        codec,
        storedCrc,
        crc,
        (mark & ROW_RACY) != 0);
  }

  private static void checkRow(
      int ordinal, int mark, long length, long start, long stored, long recordsEnd) {
    if ((mark & ~(ROW_PASS_THROUGH | ROW_RACY)) != 0
        || mark == (ROW_PASS_THROUGH | ROW_RACY)
        || start < HeaderLayout.LENGTH
        || start > recordsEnd
        || stored > recordsEnd - start
        || mark != ROW_PASS_THROUGH && length > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException(
          "entry " + ordinal + " with flags " + mark + " lies at " + start + "+" + stored);
    }
  }

  private int width(int at, int most) {
    int width = bytes.get(at);
    if (width < 0 || width > most) {
      throw new IndexOutOfBoundsException("numbers of " + width + " bits");
    }
    return width;
  }

  static int bitBytes(int rows, int width) {
    return rows * width + Byte.SIZE - 1 >>> 3;
  }

  private long number(int at, int width, int row) {
    int bit = row * width;
    return bytes.getLong(at + (bit >>> 3)) >>> (bit & 7) & (1L << width) - 1;
  }

  /** Lengths of the paths of the rows from 1 to {@code row}. */
  private long pathBytes(int at, int rows, int row, int flags) {
    long total = 0;
    if ((flags & WIDE) != 0) {
      int lengthsAt = at + ROWS_START + rows * Short.BYTES;
      for (int i = 1; i <= row; i++) {
        total += bytes.getShort(lengthsAt + i * Short.BYTES) & 0xFFFF;
      }
      return total;
    }
    int lengthsAt = at + ROWS_START + rows;
    int i = 1;
    for (; i + Long.BYTES - 1 <= row; i += Long.BYTES) {
      total += sum(bytes.getLong(lengthsAt + i));
    }
    int left = row - i + 1;
    return left == 0 ? total : total + sum(bytes.getLong(lengthsAt + i) & (1L << (left << 3)) - 1);
  }

  private long storedBefore(int at, int width, int row, int marksAt) {
    long total = 0;
    for (int i = 0; i < row; i++) {
      if (marksAt < 0 || bytes.get(marksAt + i) != ROW_PASS_THROUGH) {
        total += number(at, width, i);
      }
    }
    return total;
  }

  /** What the overheads of the rows from 1 to {@code row} differ from the usual one, in sum. */
  private long irregularities(int irregularAt, int row) {
    int count = bytes.get(irregularAt) & 0xFF;
    int at = irregularAt + 1;
    long total = 0;
    for (int i = 0; i < count && (bytes.get(at) & 0xFF) <= row; i++) {
      at++;
      long zigzag = Varint.get(bytes, at);
      at += Varint.length(zigzag);
      total += zigzag >>> 1 ^ -(zigzag & 1);
    }
    return total;
  }

  /** A cursor before an ordinal. */
  RowCursor cursor(int ordinal) {
    int page = pageOf(ordinal);
    RowCursor cursor = new RowCursor();
    cursor.start(page, ordinal - firstOrdinal(page));
    return cursor;
  }

  /** Walks paths in order, from page to page; the array is reused. */
  final class RowCursor {
    byte[] path = new byte[128];
    int length;
    private int page;
    private int row;
    private int rows;
    private int firstOrdinal;
    private boolean wide;
    private int sharedAt;
    private int restAt;
    private Columns columns;

    /** Stands before a row of a page. */
    void start(int ofPage, int ofRow) {
      enter(ofPage);
      for (int i = 0; i < ofRow; i++) {
        next();
      }
    }

    int page() {
      return page;
    }

    /** The row that the last call of {@link #next} gave. */
    int row() {
      return row - 1;
    }

    private void enter(int ofPage) {
      if (ofPage >= pages) {
        throw new IndexOutOfBoundsException("page " + ofPage + " of " + pages);
      }
      page = ofPage;
      row = 0;
      rows = rows(page);
      firstOrdinal = firstOrdinal(page);
      wide = (flags(page) & WIDE) != 0;
      sharedAt = at(page) + ROWS_START;
      restAt = sharedAt + 2 * rows * (wide ? Short.BYTES : 1);
      length = 0;
    }

    /** Goes to the next row, perhaps of the next page. */
    void next() {
      if (row == rows) {
        enter(page + 1);
      }
      int shared;
      int total;
      if (wide) {
        shared = bytes.getShort(sharedAt + row * Short.BYTES) & 0xFFFF;
        total = bytes.getShort(sharedAt + (rows + row) * Short.BYTES) & 0xFFFF;
      } else {
        shared = bytes.get(sharedAt + row) & 0xFF;
        total = bytes.get(sharedAt + rows + row) & 0xFF;
      }
      if (shared > length || shared > total) {
        throw new IndexOutOfBoundsException(
            "path of row " + row + " of page " + page + " is " + shared + " of " + total);
      }
      if (total > path.length) {
        path = Arrays.copyOf(path, Math.max(total, 2 * path.length));
      }
      if (wide && (flags(page) & FAR) != 0) {
        longPaths.get(bytes.getInt(restAt), path, 0, total);
      } else {
        bytes.get(restAt, path, shared, total - shared);
        restAt += total - shared;
      }
      length = total;
      row++;
    }

    byte[] path() {
      return Arrays.copyOf(path, length);
    }

    /** The ordinal of the row that the last call of {@link #next} gave. */
    int ordinal() {
      return firstOrdinal + row - 1;
    }

    /** What it takes to read that row's bytes: quicker than {@link EntryPages#extent}, which adds up a page's rows anew for each. */
    PayloadExtent extent(ContainerId id, long recordsEnd) {
      Columns at = columns(recordsEnd);
      return new PayloadExtent(
          ordinal(),
          at.isPassThrough() ? Entry.Kind.PASS_THROUGH : Entry.Kind.FOLDED,
          at.length(),
          new Extent(id, at.start(), at.stored()),
          at.codec(),
          at.storedCrc(),
          at.crc(),
          at.isRacy());
    }

    /** That row's columns, without an object for them: good until {@link #next} is called, or this. */
    Columns columns(long recordsEnd) {
      if (columns == null) {
        columns = new Columns();
      }
      columns.go(this, recordsEnd);
      return columns;
    }
  }

  /** Walks the columns of a page beside a cursor. */
  final class Columns {
    private int page = -1;
    private int row;
    private int flags;
    private int width;
    private int storedWidth;
    private int lengthsAt;
    private int crcsAt;
    private int marksAt;
    private int codecsAt;
    private int storedAt;
    private int originalCrcsAt;
    private int irregularAt;
    private int irregularRows;
    private int overhead;
    private long start;

    private void go(RowCursor cursor, long recordsEnd) {
      if (cursor.page != page) {
        enter(cursor);
      }
      for (int wanted = cursor.row(); row < wanted; ) {
        start += stored() + overhead;
        row++;
        start += pathLength(cursor) + irregularity();
      }
      checkRow(cursor.ordinal(), mark(), length(), start, stored(), recordsEnd);
    }

    boolean isPassThrough() {
      return mark() == ROW_PASS_THROUGH;
    }

    boolean isRacy() {
      return mark() == ROW_RACY;
    }

    /** Original length, in bytes. */
    long length() {
      return number(lengthsAt, width, row);
    }

    /** Where the stored bytes start in the file. */
    long start() {
      return start;
    }

    int codec() {
      return isEncoded() ? bytes.get(codecsAt + row) & 0xFF : PayloadCodec.RAW;
    }

    int storedCrc() {
      return bytes.getInt(crcsAt + row * Integer.BYTES);
    }

    /** Of the original bytes. */
    int crc() {
      return isEncoded() ? bytes.getInt(originalCrcsAt + row * Integer.BYTES) : storedCrc();
    }

    private boolean isEncoded() {
      return (flags & ENCODED) != 0;
    }

    private void enter(RowCursor cursor) {
      page = cursor.page;
      row = 0;
      int at = at(page);
      int rows = cursor.rows;
      flags = flags(page);
      boolean encoded = (flags & ENCODED) != 0;
      width = width(at + WIDTH_AT, MAX_WIDTH);
      int encodedWidth = width(at + STORED_WIDTH_AT, MAX_STORED_WIDTH);
      storedWidth = encoded ? encodedWidth : width;
      lengthsAt = at + (bytes.getShort(at + COLUMNS_AT) & 0xFFFF);
      crcsAt = lengthsAt + bitBytes(rows, width);
      marksAt = crcsAt + rows * Integer.BYTES;
      codecsAt = marksAt + ((flags & MARKED) != 0 ? rows : 0);
      storedAt = encoded ? codecsAt + rows : lengthsAt;
      originalCrcsAt = storedAt + bitBytes(rows, storedWidth);
      irregularAt = encoded ? originalCrcsAt + rows * Integer.BYTES : codecsAt;
      irregularRows = (flags & IRREGULAR) != 0 ? bytes.get(irregularAt++) & 0xFF : 0;
      overhead = bytes.getShort(at + OVERHEAD_AT) & 0xFFFF;
      start = bytes.getLong(at + START_AT) & START_MASK;
    }

    private int mark() {
      return (flags & MARKED) != 0 ? bytes.get(marksAt + row) : 0;
    }

    /** How many bytes are stored. */
    long stored() {
      return mark() == ROW_PASS_THROUGH ? 0 : number(storedAt, storedWidth, row);
    }

    private int pathLength(RowCursor cursor) {
      return cursor.wide
          ? bytes.getShort(cursor.sharedAt + (cursor.rows + row) * Short.BYTES) & 0xFFFF
          : bytes.get(cursor.sharedAt + cursor.rows + row) & 0xFF;
    }

    /** What the overhead before the row differs from the usual one. */
    private long irregularity() {
      if (irregularRows == 0 || (bytes.get(irregularAt) & 0xFF) > row) {
        return 0;
      }
      long total = 0;
      while (irregularRows > 0 && (bytes.get(irregularAt) & 0xFF) <= row) {
        irregularRows--;
        long zigzag = Varint.get(bytes, ++irregularAt);
        irregularAt += Varint.length(zigzag);
        total += zigzag >>> 1 ^ -(zigzag & 1);
      }
      return total;
    }
  }
}
