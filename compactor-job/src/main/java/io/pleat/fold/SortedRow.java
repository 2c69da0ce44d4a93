package io.pleat.fold;

import java.util.Arrays;

/**
 * The form in which rows are sorted: a byte string whose unsigned order is sort key first, then row type. It is the sort key, a
 * zero and the type; no sort key continues another with a zero, so rows of one key stand together.
 */
final class SortedRow {
  /** A regular file that the inventory found. */
  static final byte LISTED = 1;

  /** At a directory's path as if it were a file: the inventory found a directory here. */
  static final byte LISTED_AS_DIRECTORY = 2;

  /** A live entry of the base snapshot. */
  static final byte HELD = 3;

  /** At a directory's path as if it were a file: a container of the base snapshot has a directory here. */
  static final byte HELD_AS_DIRECTORY = 4;

  /** A directory that the inventory found, with its attributes. */
  static final byte LISTED_DIRECTORY = 5;

  /** A live directory row of the base snapshot. */
  static final byte HELD_DIRECTORY = 6;

  /** A tombstone of the base snapshot, of a file or, at a directory's key, of a directory. */
  static final byte TOMBSTONE = 7;

  /** At a directory's key, and at its path as if it were a file: a container of the base snapshot holds the only copy of a file below it. */
  static final byte KEEPS_DIRECTORY = 8;

  /** At a path where the inventory found something that is neither a regular file nor a directory. */
  static final byte LISTED_OTHER = 9;

  private static final int SUFFIX_LENGTH = 2;

  private SortedRow() {}

  static byte[] encode(byte[] sortKey, byte type) {
    byte[] row = Arrays.copyOf(sortKey, sortKey.length + SUFFIX_LENGTH);
    row[row.length - 1] = type;
    return row;
  }

  static byte type(byte[] row) {
    return row[row.length - 1];
  }

  static byte[] sortKey(byte[] row) {
    return Arrays.copyOf(row, row.length - SUFFIX_LENGTH);
  }

  static boolean sameKey(byte[] row, byte[] other) {
    return Arrays.equals(
        row, 0, row.length - SUFFIX_LENGTH, other, 0, other.length - SUFFIX_LENGTH);
  }
}
