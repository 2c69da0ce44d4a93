package io.pleat.fold;

/**
 * Rows of one base container that a fold replaces.
 *
 * @param container index of the container in the base snapshot's list
 * @param from first row, inclusive: entries by ordinal, then directories
 * @param to last row, exclusive
 * @param length original length of an entry that dies
 * @param storedLength stored length of it
 */
record DeadRows(int container, int from, int to, Kind kind, long length, long storedLength) {
  /** What dies. */
  enum Kind {
    FOLDED,
    PASS_THROUGH,
    DIRECTORY,
    /** A tombstone that is superseded: no live row. */
    TOMBSTONE,
    /** Many rows, which have yet to be counted. */
    UNCOUNTED
  }

  private static final Kind[] KINDS = Kind.values();

  static DeadRows entry(
      int container, int ordinal, long length, long storedLength, boolean passThrough) {
    Kind kind = passThrough ? Kind.PASS_THROUGH : Kind.FOLDED;
    return new DeadRows(container, ordinal, ordinal + 1, kind, length, storedLength);
  }

  static DeadRows directory(int container, int row) {
    return new DeadRows(container, row, row + 1, Kind.DIRECTORY, 0, 0);
  }

  static DeadRows tombstone(int container, int row) {
    return new DeadRows(container, row, row + 1, Kind.TOMBSTONE, 0, 0);
  }

  static DeadRows uncounted(int container, int from, int to) {
    return new DeadRows(container, from, to, Kind.UNCOUNTED, 0, 0);
  }

  void write(RowOutput out) {
    out.putLong(container)
        .putLong(from)
        .putLong(to)
        .putByte(kind.ordinal())
        .putLong(length)
        .putLong(storedLength);
  }

  static DeadRows read(RowInput in) {
    return new DeadRows(
        in.getInt(), in.getInt(), in.getInt(), KINDS[in.getByte()], in.getLong(), in.getLong());
  }
}
