package io.pleat.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads a section of ascending sort keys in front-coded groups, each key with a tail of facts. In place, and stateless: any number of
 * threads may share one.
 *
 * <pre>
 * section: u32 offset of each group from the section's start, then u32 the section's length; then the groups
 * group:   varint length of the names; names of up to 16 rows; tails of the same rows
 * name:    varint bytes shared with the row before (0 in the first, otherwise as many as can be); varint length of the rest; the rest
 * </pre>
 *
 * What a tail is, the section's owner says. A read outside the section throws IndexOutOfBoundsException, which the index block turns into a
 * CorruptDataException.
 */
final class KeyGroups {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Rows of every group but the last. */
  static final int GROUP_SIZE = 16;

  private static final int GROUP_SHIFT = 4;

  /** Least bytes of a row's key: two varints. */
  static final int MIN_NAME_LENGTH = 2;

  /** Longest sort key: of a path of single-byte components, whose every slash becomes two bytes. */
  static final int MAX_KEY_LENGTH = LogicalPath.MAX_LENGTH + LogicalPath.MAX_LENGTH / 2 + 3;

  private final MemoryRange memory;
  private final ByteBuffer section;
  private final int rows;

  /** @throws IndexOutOfBoundsException if the section cannot hold its own group offsets */
  KeyGroups(MemoryRange memory, int rows) {
    this.memory = memory;
    this.section = memory.slice();
    this.rows = rows;
    int offsetsLength = (groupCount() + 1) * Integer.BYTES;
    memory.prove(Math.max(0, offsetsLength - Integer.BYTES), Integer.BYTES);
    if (section.limit() < offsetsLength
        || section.getInt(offsetsLength - Integer.BYTES) != section.limit()) {
      throw new IndexOutOfBoundsException("group offsets do not match the section");
    }
  }

  static int groupOf(int row) {
    return row >> GROUP_SHIFT;
  }

  static int rowInGroup(int row) {
    return row & GROUP_SIZE - 1;
  }

  static int firstRowOf(int group) {
    return group << GROUP_SHIFT;
  }

  private int groupCount() {
    return rows + GROUP_SIZE - 1 >> GROUP_SHIFT;
  }

  private int rowsIn(int group) {
    return Math.min(GROUP_SIZE, rows - firstRowOf(group));
  }

  /** Where a group starts; all of it is proven then. */
  private int groupAt(int group) {
    memory.prove(group * Integer.BYTES, 2 * Integer.BYTES);
    int at = section.getInt(group * Integer.BYTES);
    memory.prove(at, section.getInt((group + 1) * Integer.BYTES) - at);
    return at;
  }

  /** The section, for reading tails. */
  ByteBuffer bytes() {
    return section;
  }

  /** Where the names of a group start. */
  int namesAt(int group) {
    int at = groupAt(group);
    return at + Varint.length(Varint.get(section, at));
  }

  /** Where the tails of a group start. */
  int tailsAt(int group) {
    int at = groupAt(group);
    long namesLength = Varint.get(section, at);
    long tailsAt = at + Varint.length(namesLength) + namesLength;
    if (namesLength < 0 || tailsAt > section.limit()) {
      throw new IndexOutOfBoundsException("names of group " + group + " leave the section");
    }
    return (int) tailsAt;
  }

  /** The row of {@code key}, or {@code -(the row before which it would stand) - 1}, as binary searches have it. */
  int search(byte[] key) {
    return search(key, 0, rows);
  }

  /** The same among the rows from {@code from} (inclusive) to {@code to} (exclusive) and their groups' other rows. */
  int search(byte[] key, int from, int to) {
    if (from >= to) {
      return -from - 1;
    }
    // The last group whose first key is not above the key; the first one if there is none.
    int low = groupOf(from);
    int high = groupOf(to - 1);
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (compareFirst(middle, key) <= 0) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return searchGroup(low, key);
  }

  /** As {@link #search}, in one group only. */
  int searchGroup(int group, byte[] key) {
    int at = groupAt(group);
    int namesAt = at + Varint.length(Varint.get(section, at));
    int found = searchNames(section, namesAt, rowsIn(group), key);
    int first = firstRowOf(group);
    return found >= 0 ? first + found : found - first;
  }

  private int compareFirst(int group, byte[] key) {
    int at = groupAt(group);
    at += Varint.length(Varint.get(section, at));
    at++; // shared: 0
    long length = Varint.get(section, at);
    at += Varint.length(length);
    int limit = (int) Math.min(length, key.length);
    int common = commonBytes(section, at, key, 0, limit);
    if (common < limit) {
      return Byte.compareUnsigned(section.get(at + common), key[common]);
    }
    return Long.compare(length, key.length);
  }

  /**
   * Searches {@code rows} names from {@code at} on without rebuilding any: row r-1, which is below the key, agrees with it in the
   * first {@code matched} bytes.
   */
  static int searchNames(ByteBuffer names, int at, int rows, byte[] key) {
    int position = at;
    int matched = 0;
    for (int row = 0; row < rows; row++) {
      int shared = names.get(position++);
      if (shared < 0) {
        long value = Varint.get(names, --position);
        position += Varint.length(value);
        shared = clamp(value);
      }
      int rest = names.get(position++);
      if (rest < 0) {
        long value = Varint.get(names, --position);
        position += Varint.length(value);
        rest = clamp(value);
      }
      if (shared < matched) {
        return -row
            - 1; // Departs upwards from the row before within what that shares with the key.
      }
      if (shared == matched) {
        int limit = Math.min(rest, key.length - matched);
        int common = commonBytes(names, position, key, matched, limit);
        if (common == key.length - matched) {
          return common == rest ? row : -row - 1;
        }
        if (common < rest
            && Byte.compareUnsigned(names.get(position + common), key[matched + common]) > 0) {
          return -row - 1;
        }
        matched += common;
      } // else it shares the byte in which the row before fell below the key
      position += rest;
    }
    return -rows - 1;
  }

  /** How many of the {@code limit} bytes from {@code at} and from {@code from} on agree; eight at a time. */
  private static int commonBytes(ByteBuffer names, int at, byte[] key, int from, int limit) {
    int common = 0;
    for (; common <= limit - Long.BYTES; common += Long.BYTES) {
      long difference = names.getLong(at + common) ^ (long) LONG.get(key, from + common);
      if (difference != 0) {
        return common + (Long.numberOfTrailingZeros(difference) >>> 3);
      }
    }
    while (common < limit && names.get(at + common) == key[from + common]) {
      common++;
    }
    return common;
  }

  /** The key of a row. */
  byte[] key(int row) {
    int at = groupAt(groupOf(row));
    int position = at + Varint.length(Varint.get(section, at));
    byte[] key = new byte[128];
    int length = 0;
    for (int i = rowInGroup(row); i >= 0; i--) {
      long shared = Varint.get(section, position);
      position += Varint.length(shared);
      long rest = Varint.get(section, position);
      position += Varint.length(rest);
      if (shared < 0 || shared > length || rest < 0 || rest > MAX_KEY_LENGTH - shared) {
        throw new IndexOutOfBoundsException(
            "name of row " + (row - i) + " is " + shared + "+" + rest);
      }
      length = (int) (shared + rest);
      if (length > key.length) {
        key = Arrays.copyOf(key, Math.max(length, 2 * key.length));
      }
      section.get(position, key, (int) shared, (int) rest);
      position += (int) rest;
    }
    return Arrays.copyOf(key, length);
  }

  private static int clamp(long value) {
    if (value < 0 || value > MAX_KEY_LENGTH) {
      throw new IndexOutOfBoundsException("name length " + value);
    }
    return (int) value;
  }
}
