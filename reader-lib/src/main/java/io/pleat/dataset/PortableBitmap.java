package io.pleat.dataset;

import io.pleat.format.CorruptDataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Proves that bytes are one RoaringBitmap in its portable serialization, before the library touches them: the library trusts what it
 * reads, and a bitmap with unsorted or miscounted rows gives wrong answers instead of an error.
 */
/*
 * The format (https://github.com/RoaringBitmap/RoaringFormatSpec): a cookie, with the number of chunks in it or after it; with run
 * chunks, a bit a chunk that says which are runs; key and cardinality - 1 of each chunk as two u16; the offset of each chunk as u32,
 * unless there are run chunks and fewer than 4 chunks; the chunks. A chunk is a sorted array of u16, 8 KiB of bits, or a number of
 * runs and so many pairs of u16: start, and length - 1.
 */
final class PortableBitmap {
  private static final int COOKIE_WITHOUT_RUNS = 12346;
  private static final int COOKIE_WITH_RUNS = 12347;
  private static final int MAX_CHUNKS = 1 << 16;
  private static final int OFFSETS_FROM_CHUNKS = 4;
  private static final int MAX_ARRAY_CARDINALITY = 4096;
  private static final int BITS_LENGTH = (1 << 16) / Byte.SIZE;

  private final String source;
  private final ByteBuffer bytes;
  private final int start;

  private PortableBitmap(String source, ByteBuffer bytes) {
    this.source = source;
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.start = bytes.position();
  }

  /**
   * Checks the remaining bytes, all of which must be the bitmap; they are not consumed.
   *
   * @return how many rows it holds, all below 2^31
   */
  static long check(String source, ByteBuffer bytes) throws CorruptDataException {
    return new PortableBitmap(source, bytes).check();
  }

  private long check() throws CorruptDataException {
    int cookie = (int) u32();
    boolean runs = (cookie & 0xFFFF) == COOKIE_WITH_RUNS;
    long chunks = runs ? (cookie >>> 16) + 1 : u32();
    if (!runs && cookie != COOKIE_WITHOUT_RUNS) {
      throw corrupt(start, "cookie of bitmap is 0x%08x", cookie);
    }
    if (chunks > MAX_CHUNKS) {
      throw corrupt(
          bytes.position(), "bitmap has %d chunks, at most %d are possible", chunks, MAX_CHUNKS);
    }
    int count = (int) chunks;
    int runFlagsAt = bytes.position();
    take(runs ? (count + Byte.SIZE - 1) / Byte.SIZE : 0);
    int headersAt = bytes.position();
    take(count * 2 * Short.BYTES);
    int offsetsAt = bytes.position();
    boolean offsets = !runs || count >= OFFSETS_FROM_CHUNKS;
    take(offsets ? count * Integer.BYTES : 0);

    long total = 0;
    int previousKey = -1;
    for (int i = 0; i < count; i++) {
      int headerAt = headersAt + i * 2 * Short.BYTES;
      int key = Short.toUnsignedInt(bytes.getShort(headerAt));
      int cardinality = Short.toUnsignedInt(bytes.getShort(headerAt + Short.BYTES)) + 1;
      if (key <= previousKey || key > Short.MAX_VALUE) {
        throw corrupt(headerAt, "chunk key %d follows %d", key, previousKey);
      }
      previousKey = key;
      int at = bytes.position();
      if (offsets && bytes.getInt(offsetsAt + i * Integer.BYTES) != at - start) {
        throw corrupt(offsetsAt + i * Integer.BYTES, "chunk %d is not where its offset says", i);
      }
      boolean run = runs && (bytes.get(runFlagsAt + i / Byte.SIZE) >> i % Byte.SIZE & 1) != 0;
      long found = run
          ? checkRuns()
          : cardinality <= MAX_ARRAY_CARDINALITY ? checkArray(cardinality) : countBits();
      if (found != cardinality) {
        throw corrupt(at, "chunk %d holds %d rows, its header says %d", i, found, cardinality);
      }
      total += cardinality;
    }
    if (bytes.hasRemaining()) {
      throw corrupt(bytes.position(), "%d bytes follow the bitmap", bytes.remaining());
    }
    return total;
  }

  private int checkArray(int cardinality) throws CorruptDataException {
    int previous = -1;
    for (int i = 0; i < cardinality; i++) {
      int value = u16();
      if (value <= previous) {
        throw corrupt(bytes.position() - Short.BYTES, "row %d follows %d", value, previous);
      }
      previous = value;
    }
    return cardinality;
  }

  private int countBits() throws CorruptDataException {
    int end = bytes.position() + BITS_LENGTH;
    int bits = 0;
    for (int at = take(BITS_LENGTH); at < end; at += Long.BYTES) {
      bits += Long.bitCount(bytes.getLong(at));
    }
    return bits;
  }

  private long checkRuns() throws CorruptDataException {
    int runs = u16();
    int end = -1;
    long total = 0;
    for (int i = 0; i < runs; i++) {
      int first = u16();
      int last = first + u16();
      if (first <= end || last > 0xFFFF) {
        throw corrupt(
            bytes.position() - 2 * Short.BYTES, "run %d..%d follows row %d", first, last, end);
      }
      total += last - first + 1;
      end = last;
    }
    return total;
  }

  private int u16() throws CorruptDataException {
    return Short.toUnsignedInt(bytes.getShort(take(Short.BYTES)));
  }

  private long u32() throws CorruptDataException {
    return Integer.toUnsignedLong(bytes.getInt(take(Integer.BYTES)));
  }

  /** Steps over {@code length} bytes and returns where they are. */
  private int take(int length) throws CorruptDataException {
    int at = bytes.position();
    if (length > bytes.remaining()) {
      throw corrupt(at, "bitmap ends %d bytes early", length - bytes.remaining());
    }
    bytes.position(at + length);
    return at;
  }

  private CorruptDataException corrupt(long at, String format, Object... arguments) {
    return new CorruptDataException(source, at, format, arguments);
  }
}
