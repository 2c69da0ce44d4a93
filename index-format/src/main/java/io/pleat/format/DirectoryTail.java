package io.pleat.format;

import java.nio.ByteBuffer;

/**
 * The tail of a directory's row in the directories section; the tails of a group follow a varint, the first entry of its first
 * directory. As files stand before subdirectories, and both in key order, a directory's entries start where those of the directory before end.
 *
 * <pre>
 * u8      flags: 1 recorded: the attributes section has its attributes; the others are zero
 * varint  entries directly in it
 * varint  directories below it
 * </pre>
 */
record DirectoryTail(int firstEntry, int endEntry, int subtreeEndIndex, boolean isRecorded) {
  static final int RECORDED = 1;

  /** Least bytes of a tail: flags and two varints. */
  static final int MIN_LENGTH = 3;

  static DirectoryTail read(KeyGroups directories, int index, int directoryCount, int entryCount) {
    ByteBuffer bytes = directories.bytes();
    int at = directories.tailsAt(KeyGroups.groupOf(index));
    long first = Varint.get(bytes, at);
    at += Varint.length(first);
    for (int row = KeyGroups.firstRowOf(KeyGroups.groupOf(index)); ; row++) {
      int flags = bytes.get(at++);
      long entries = Varint.get(bytes, at);
      at += Varint.length(entries);
      long below = Varint.get(bytes, at);
      at += Varint.length(below);
      if ((flags & ~RECORDED) != 0
          || first < 0
          || entries < 0
          || first > entryCount
          || entries > entryCount - first
          || below < 0
          || below >= directoryCount - row) {
        throw new IndexOutOfBoundsException("directory " + row + " has entries " + first + "+"
            + entries + ", " + below + " below it");
      }
      if (row == index) {
        return new DirectoryTail(
            (int) first, (int) (first + entries), (int) (row + 1 + below), flags == RECORDED);
      }
      first += entries;
    }
  }
}
