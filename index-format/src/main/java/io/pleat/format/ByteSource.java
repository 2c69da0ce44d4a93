package io.pleat.format;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An immutable file, read by position. Thread-safe: reads share nothing but the handle. {@code toString} names the file, for
 * messages.
 */
public interface ByteSource extends Closeable {
  /** Length of the file, in bytes. */
  long length();

  /**
   * Fills {@code target} from its position to its limit with the bytes at {@code position}.
   *
   * @param position offset in the file, in bytes, at least 0
   * @throws EOFException if the file ends before {@code target} is full; its content is then undefined
   */
  void readFully(long position, ByteBuffer target) throws IOException;
}
