package io.pleat.format;

import java.nio.ByteBuffer;

/**
 * The locator section: from a path's hash to the page that its entry is in, if it has one. It stores no key: for a path that was not
 * there when it was built it gives any number.
 *
 * <pre>
 *  at  bytes  field
 *   0      8  seed
 *   8      4  length of a segment, in slots: a power of two, s
 *  12      4  number of first segments, f
 *  16      1  bytes of a slot, b: 1 to 4
 *  17      1  flags: 1 complete, every entry is found by it
 *  18      6  zero
 *  24  (f+2)sb  slots
 * </pre>
 *
 * With h the path's {@link PathHash} and m = mix(h + seed), mix being the finalizer of MurmurHash3, the three slots of a path are the upper half of m * f * s,
 * called a; {@code (a + s) ^ (m >>> 18 & s - 1)}; and {@code (a + 2 * s) ^ (m & s - 1)}. Its page is the XOR of the three.
 */
final class PageLocator {
  /*
   * A static function in the layout of a binary fuse filter (Graf and Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor Filters", JEA
   * 2022), with the page's number in place of the fingerprint: 1.125 slots an entry, and three independent reads near each other.
   */
  static final int SEED_AT = 0;
  static final int SEGMENT_LENGTH_AT = SEED_AT + Long.BYTES;
  static final int SEGMENTS_AT = SEGMENT_LENGTH_AT + Integer.BYTES;
  static final int SLOT_LENGTH_AT = SEGMENTS_AT + Integer.BYTES;
  static final int FLAGS_AT = SLOT_LENGTH_AT + 1;
  static final int HEADER_LENGTH = SLOT_LENGTH_AT + Long.BYTES;

  static final int COMPLETE = 1;

  /** Bytes behind the slots that a read of four bytes may touch. */
  static final int SLACK = Integer.BYTES;

  private PageLocator() {}

  /**
   * The parameters at a section's start.
   *
   * @param section the section, and {@link #SLACK} bytes more
   * @throws IndexOutOfBoundsException if the section's length does not fit its parameters
   */
  static Slots slots(ByteBuffer section) {
    int segmentLength = section.getInt(SEGMENT_LENGTH_AT);
    int segments = section.getInt(SEGMENTS_AT);
    int slotLength = section.get(SLOT_LENGTH_AT);
    if (Integer.bitCount(segmentLength) != 1
        || segmentLength < 0
        || segments <= 0
        || slotLength < 1
        || slotLength > Integer.BYTES
        || (segments + 2L) * segmentLength * slotLength
            != section.limit() - SLACK - HEADER_LENGTH) {
      throw new IndexOutOfBoundsException(
          segments + " segments of " + segmentLength + " slots in " + section.limit() + " bytes");
    }
    return new Slots(section.getLong(SEED_AT), segmentLength, segments);
  }

  /** The bits of a slot. */
  static int mask(int slotLength) {
    return slotLength == Integer.BYTES ? -1 : (1 << slotLength * Byte.SIZE) - 1;
  }

  /** Whether a path that is not on the page that a section gives is nowhere. */
  static boolean isComplete(ByteBuffer section) {
    return (section.get(FLAGS_AT) & COMPLETE) != 0;
  }

  /** Where the slots of a hash are. */
  record Slots(long seed, int segmentLength, int segments) {
    int count() {
      return (segments + 2) * segmentLength;
    }

    long mix(long hash) {
      return PageLocator.mix(hash, seed);
    }

    int first(long mixed) {
      return PageLocator.first(mixed, segmentLength, segments);
    }

    int second(long mixed, int first) {
      return PageLocator.second(mixed, first, segmentLength);
    }

    int third(long mixed, int first) {
      return PageLocator.third(mixed, first, segmentLength);
    }
  }

  // The same for lookups, which make no object.

  /** The finalizer of MurmurHash3 (Appleby, public domain), of hash and seed. */
  static long mix(long hash, long seed) {
    long mixed = hash + seed;
    mixed = (mixed ^ mixed >>> 33) * 0xFF51AFD7ED558CCDL;
    mixed = (mixed ^ mixed >>> 33) * 0xC4CEB9FE1A85EC53L;
    return mixed ^ mixed >>> 33;
  }

  static int first(long mixed, int segmentLength, int segments) {
    return (int) PathHash.high(mixed, (long) segments * segmentLength);
  }

  static int second(long mixed, int first, int segmentLength) {
    return first + segmentLength ^ (int) (mixed >>> 18) & segmentLength - 1;
  }

  static int third(long mixed, int first, int segmentLength) {
    return first + 2 * segmentLength ^ (int) mixed & segmentLength - 1;
  }
}
