package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Undoes the encodings of sections. */
final class SectionDecoder {
  /** Most that zstd can inflate one byte to: a block of 128 KiB takes at least 4 bytes. */
  private static final int MAX_INFLATION = (128 << 10) / 4;

  private SectionDecoder() {}

  /** Whether a section of an index block with so many entries can be encoded as it says, and as long. */
  static boolean isPossible(SectionTable.Row row, int entries) {
    if (row.kind() == SectionTable.ENTRIES && row.length() / EntryPages.PAGE_LENGTH > entries) {
      return false; // each page has a row
    }
    boolean inflates = row.length() >= 0
        && row.length()
            <= Math.min(IndexBlock.MAX_LENGTH, MAX_INFLATION * (row.storedLength() + 1));
    return switch (row.encoding()) {
      case SectionTable.AS_IT_IS -> row.length() == row.storedLength();
      case SectionTable.ZSTD -> inflates;
      case SectionTable.ZSTD_COLUMNS ->
        inflates
            && row.kind() == SectionTable.ENTRIES
            && row.length() % EntryPages.PAGE_LENGTH == 0
            && Math.min(row.length(), row.storedLength()) >= (long) entries * Integer.BYTES;
      default -> false;
    };
  }

  /**
   * Decodes a possible section that is not as it is.
   *
   * @param stored exactly its stored bytes; direct
   * @param target of its length; direct, not consumed
   * @throws UnsupportedFormatException if the library that it takes is missing
   * @throws MemoryLimitException if there is no memory to decode it in
   * @throws IOException if the bytes do not decode to so many
   * @throws IndexOutOfBoundsException if they contradict themselves
   */
  static void decode(
      SectionTable.Row row, int entries, ByteBuffer stored, ByteBuffer target, String source)
      throws IOException {
    BulkCodec codec = PayloadCodecs.bulk(source);
    if (row.encoding() == SectionTable.ZSTD) {
      codec.decode(stored, target);
      return;
    }
    int crcBytes = entries * Integer.BYTES;
    int frameLength = stored.limit() - crcBytes;
    ByteBuffer columns;
    try {
      columns = OffHeap.allocate((int) row.length() - crcBytes);
    } catch (OutOfMemoryError e) {
      throw new MemoryLimitException(source, row.offset(), row.length(), "-XX:MaxDirectMemorySize");
    }
    try {
      codec.decode(stored.slice(0, frameLength), columns);
      PageColumns.join(columns, stored.slice(frameLength, crcBytes), target);
    } finally {
      OffHeap.free(columns);
    }
  }
}
