package io.pleat.format;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Walks the rows of the directories section in order, see {@link DirectoryTail}. A row that cannot be throws IndexOutOfBoundsException. Not thread-safe. */
final class DirectoryRows {
  private static final int UNKNOWN = -1;

  private final KeyGroups groups;
  private final ByteBuffer bytes;
  private final int count;
  private final int entries;
  private byte[] key = new byte[128];
  private int length;
  private int nameAt;
  private int tailAt;
  private int index;
  private int firstEntry;
  private int endEntry;
  private int subtreeEnd;
  private boolean recorded;

  /**
   * Stands before a row.
   *
   * @param entries of the index block
   */
  DirectoryRows(KeyGroups groups, int count, int entries, int before) {
    this.groups = groups;
    this.bytes = groups.bytes();
    this.count = count;
    this.entries = entries;
    int first = KeyGroups.firstRowOf(KeyGroups.groupOf(before));
    index = first - 1;
    endEntry = first == 0 ? 0 : UNKNOWN;
    while (index < before - 1) {
      next();
    }
  }

  /** Goes to the next row; gives whether there is one. */
  boolean next() {
    if (index + 1 >= count) {
      return false;
    }
    index++;
    if (KeyGroups.rowInGroup(index) == 0) {
      enter(KeyGroups.groupOf(index));
    }
    readName();
    readTail();
    return true;
  }

  private void enter(int group) {
    nameAt = groups.namesAt(group);
    tailAt = groups.tailsAt(group);
    long first = Varint.get(bytes, tailAt);
    tailAt += Varint.length(first);
    if (first < 0 || first > entries || endEntry != UNKNOWN && first != endEntry) {
      throw new IndexOutOfBoundsException(
          "entries of directory " + index + " start at " + first + ", expected " + endEntry);
    }
    endEntry = (int) first;
    length = 0;
  }

  private void readName() {
    long shared = Varint.get(bytes, nameAt);
    nameAt += Varint.length(shared);
    long rest = Varint.get(bytes, nameAt);
    nameAt += Varint.length(rest);
    if (shared < 0 || shared > length || rest < 0 || rest > KeyGroups.MAX_KEY_LENGTH - shared) {
      throw new IndexOutOfBoundsException(
          "name of directory " + index + " is " + shared + "+" + rest);
    }
    length = (int) (shared + rest);
    if (length > key.length) {
      key = Arrays.copyOf(key, Math.max(length, 2 * key.length));
    }
    bytes.get(nameAt, key, (int) shared, (int) rest);
    nameAt += (int) rest;
  }

  private void readTail() {
    int flags = bytes.get(tailAt++);
    long own = Varint.get(bytes, tailAt);
    tailAt += Varint.length(own);
    long below = Varint.get(bytes, tailAt);
    tailAt += Varint.length(below);
    if ((flags & ~DirectoryTail.RECORDED) != 0
        || own < 0
        || own > entries - endEntry
        || below < 0
        || below >= count - index) {
      throw new IndexOutOfBoundsException("directory " + index + " has entries " + endEntry + "+"
          + own + ", " + below + " below it");
    }
    firstEntry = endEntry;
    endEntry += (int) own;
    subtreeEnd = (int) (index + 1 + below);
    recorded = flags == DirectoryTail.RECORDED;
  }

  /** The row's place; one before the first row that {@link #next} will give, at the start. */
  int index() {
    return index;
  }

  /** The row's sort key. */
  byte[] key() {
    return Arrays.copyOf(key, length);
  }

  /** The first entry directly in it. */
  int firstEntry() {
    return firstEntry;
  }

  /** Where the entries directly in it end. */
  int endEntry() {
    return endEntry;
  }

  /** Where the directories below it end. */
  int subtreeEnd() {
    return subtreeEnd;
  }

  /** Whether its attributes are there. */
  boolean isRecorded() {
    return recorded;
  }
}
