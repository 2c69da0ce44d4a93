package io.pleat.fold;

/**
 * Many rows in one byte array, so that an engine moves and spills few objects: one byte that says what the rows are, then the rows.
 */
final class RowBlock {
  /** Rows of a listing: sorted row, value. */
  static final byte ROWS = 0;

  /** Directories that a task had no budget for. */
  static final byte LEFTOVER = 1;

  /** Loose files: path, reason. */
  static final byte LOOSE = 2;

  /** One task's totals. */
  static final byte TOTALS = 3;

  /** Rows of a plan. */
  static final byte PLANNED = 4;

  /** Bytes at which a block is full. */
  static final int TARGET_SIZE = 64 << 10;

  private RowBlock() {}

  static byte type(byte[] block) {
    return block[0];
  }

  static RowInput rows(byte[] block) {
    return new RowInput(block, 1);
  }

  static RowOutput start(byte type) {
    return new RowOutput(TARGET_SIZE + 1024).putByte(type);
  }

  static byte[] ofTotals(ListingTotals totals) {
    return start(TOTALS).putBytes(FoldValues.bytes(totals)).toBytes();
  }

  static ListingTotals totals(byte[] block) {
    return FoldValues.thaw(rows(block).getBytes(), ListingTotals.class);
  }
}
