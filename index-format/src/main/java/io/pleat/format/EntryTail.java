package io.pleat.format;

import java.nio.ByteBuffer;

/**
 * The tail of an entry's row in the entries section.
 *
 * <pre>
 * u8      flags: 1 pass-through, 2 racy, 4 encoded; the others are zero
 * varint  bytes from where the stored bytes of the row before end (from the start of the file in a group's first row) to where this
 *         row's start; those of a pass-through are none, where its record ends
 * varint  original length
 *         if encoded: u8 codec, varint stored length, u32 CRC32C of the original bytes
 *         unless pass-through: u32 CRC32C of the stored bytes
 * </pre>
 */
final class EntryTail {
  static final int PASS_THROUGH = 1;
  static final int RACY = 2;
  static final int ENCODED = 4;
  private static final int UNKNOWN = ~(PASS_THROUGH | RACY | ENCODED);

  private EntryTail() {}

  /** Walks a group's tails up to the row wanted. */
  static PayloadExtent read(KeyGroups entries, int ordinal, ContainerId id, long recordsEnd) {
    ByteBuffer bytes = entries.bytes();
    int at = entries.tailsAt(KeyGroups.groupOf(ordinal));
    long end = 0;
    for (int before = KeyGroups.rowInGroup(ordinal); ; before--) {
      int flags = bytes.get(at++);
      long gap = Varint.get(bytes, at);
      at += Varint.length(gap);
      long length = Varint.get(bytes, at);
      at += Varint.length(length);
      int codec = PayloadCodec.RAW;
      long stored = length;
      int crcAt = at;
      if ((flags & ENCODED) != 0) {
        codec = bytes.get(at++) & 0xFF;
        stored = Varint.get(bytes, at);
        at += Varint.length(stored);
        crcAt = at;
        at += Integer.BYTES;
      }
      int storedCrcAt = at;
      if ((flags & PASS_THROUGH) != 0) {
        stored = 0;
      } else {
        at += Integer.BYTES;
      }
      long start = end + gap;
      end = start + stored;
      if ((flags & UNKNOWN) != 0
          || (flags & PASS_THROUGH) != 0 && flags != PASS_THROUGH
          || gap < 0
          || length < 0
          || stored < 0
          || start < HeaderLayout.LENGTH
          || start > recordsEnd
          || stored > recordsEnd - start
          || (flags & PASS_THROUGH) == 0 && length > Integer.MAX_VALUE) {
        throw new IndexOutOfBoundsException("entry " + (ordinal - before) + " with flags " + flags
            + " lies at " + start + "+" + stored);
      }
      if (before == 0) {
        boolean passThrough = (flags & PASS_THROUGH) != 0;
        int storedCrc = passThrough ? 0 : bytes.getInt(storedCrcAt);
        int crc = (flags & ENCODED) != 0 ? bytes.getInt(crcAt) : storedCrc;
        return new PayloadExtent(
            ordinal,
            passThrough ? Entry.Kind.PASS_THROUGH : Entry.Kind.FOLDED,
            length,
            new Extent(id, start, stored),
            codec,
            storedCrc,
            crc,
            (flags & RACY) != 0);
      }
    }
  }
}
