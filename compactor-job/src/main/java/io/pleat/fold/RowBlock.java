package io.pleat.fold;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;

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

  static byte[] ofTotals(Serializable totals) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(TOTALS);
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(totals);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static <T> T totals(byte[] block, Class<T> type) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(block, 1, block.length - 1))) {
      return type.cast(in.readObject());
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("totals of a task cannot be read back", e);
    }
  }
}
