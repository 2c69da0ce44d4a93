package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The hash section: from a path's hash to the ordinals it may have. In place, and stateless.
 *
 * <pre>
 *  at  bytes  field
 *   0      8  salt
 *   8      4  number of slots, n
 *  12      4  zero
 *  16    4 n  slots: 0 if empty, otherwise fingerprint (1 to 4095) in the top 12 bits, ordinal in the lower 20
 * </pre>
 *
 * A path's hash h is XXH64 of its UTF-8 bytes with the salt as seed. Its fingerprint is h's lowest 12 bits, or 1 where they are 0; its first slot
 * is (h >>> 32) * n >>> 32. It stands in the first slot that was empty from there on, the last being followed by slot 0, but not
 * farther than {@link #MAX_PROBES} slots; an entry that found none empty is left out.
 */
final class HashSection {
  static final int MAX_PROBES = 64;

  /** After so many candidates of another name a lookup asks the groups instead. */
  static final int MAX_CANDIDATES = 4;

  /** No slot says whether the entry exists: the groups must be searched. */
  static final int UNDECIDED = -2;

  static final int SALT_AT = 0;
  static final int SLOTS_AT = SALT_AT + Long.BYTES;
  static final int RESERVED_AT = SLOTS_AT + Integer.BYTES;
  static final int HEADER_LENGTH = RESERVED_AT + Integer.BYTES;

  private static final int ORDINAL_BITS = 20;
  private static final int ORDINAL_MASK = (1 << ORDINAL_BITS) - 1;
  private static final int FINGERPRINT_MASK = (1 << Integer.SIZE - ORDINAL_BITS) - 1;

  private final ByteBuffer section;
  private final long salt;
  private final int slots;

  /** @throws IndexOutOfBoundsException if the section's length does not fit its number of slots */
  HashSection(ByteBuffer section) {
    this.section = section;
    salt = section.getLong(SALT_AT);
    slots = section.getInt(SLOTS_AT);
    if (slots < 0 || HEADER_LENGTH + (long) slots * Integer.BYTES != section.limit()) {
      throw new IndexOutOfBoundsException(slots + " hash slots in " + section.limit() + " bytes");
    }
  }

  /** The ordinal of {@code path}, whose sort key is {@code key}; -1 if no entry has it, or {@link #UNDECIDED}. */
  int find(byte[] path, byte[] key, KeyGroups entries, int entryCount) {
    if (slots == 0) {
      return UNDECIDED;
    }
    long hash = XxHash64.hash(path, salt);
    int fingerprint = fingerprint(hash);
    int slot = firstSlot(hash, slots);
    int candidates = 0;
    for (int probe = 0; probe < MAX_PROBES; probe++) {
      int value = section.getInt(HEADER_LENGTH + slot * Integer.BYTES);
      if (value == 0) {
        return -1;
      }
      if (value >>> ORDINAL_BITS == fingerprint) {
        int ordinal = value & ORDINAL_MASK;
        if (ordinal < entryCount) {
          int found = entries.searchGroup(KeyGroups.groupOf(ordinal), key);
          if (found >= 0) {
            return found;
          }
        }
        if (++candidates == MAX_CANDIDATES) {
          return UNDECIDED;
        }
      }
      if (++slot == slots) {
        slot = 0;
      }
    }
    return UNDECIDED;
  }

  private static int fingerprint(long hash) {
    int low = (int) hash & FINGERPRINT_MASK;
    return low == 0 ? 1 : low;
  }

  private static int firstSlot(long hash, int slots) {
    return (int) ((hash >>> 32) * slots >>> 32);
  }

  /** Where a writer notes each entry's hash, in order. */
  static final class Builder {
    private final long salt;
    private long[] hashes = new long[1024];
    private int count;

    Builder(long salt) {
      this.salt = salt;
    }

    void add(byte[] path) {
      if (count == hashes.length) {
        hashes = Arrays.copyOf(hashes, count + (count >> 1));
      }
      hashes[count++] = XxHash64.hash(path, salt);
    }

    void writeTo(KeyGroupsBuilder.Output output) throws IOException {
      int slots = count == 0 ? 0 : count + count / 3 + 1;
      int[] table = new int[slots];
      for (int ordinal = 0; ordinal < count; ordinal++) {
        long hash = hashes[ordinal];
        int slot = firstSlot(hash, slots);
        for (int probe = 0; probe < MAX_PROBES; probe++) {
          if (table[slot] == 0) {
            table[slot] = fingerprint(hash) << ORDINAL_BITS | ordinal;
            break;
          }
          if (++slot == slots) {
            slot = 0;
          }
        }
      }
      hashes = null;
      ByteArena bytes = new ByteArena(HEADER_LENGTH + (int) Math.min(1 << 16, slots * 4L));
      bytes.putLong(salt);
      bytes.putInt(slots);
      bytes.putInt(0);
      for (int value : table) {
        if (bytes.length() >= 1 << 16) {
          output.write(bytes.array(), 0, bytes.length());
          bytes.clear();
        }
        bytes.putInt(value);
      }
      output.write(bytes.array(), 0, bytes.length());
    }
  }
}
