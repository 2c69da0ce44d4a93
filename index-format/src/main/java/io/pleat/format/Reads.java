package io.pleat.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads from a source whose end is known: an early one is damage. */
final class Reads {
  private Reads() {}

  /** Fills {@code target} and flips it. */
  static void readFully(ByteSource source, long position, ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    try {
      source.readFully(position, target);
    } catch (EOFException e) {
      CorruptDataException damage = new CorruptDataException(
          source.toString(), position, "file ends within the next %d bytes", wanted);
      damage.initCause(e);
      throw damage;
    }
    target.flip();
  }

  /** A little-endian view of a part of {@code buffer}. */
  static ByteBuffer slice(ByteBuffer buffer, int at, int length) {
    return buffer.slice(at, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A little-endian buffer on the heap. */
  static ByteBuffer buffer(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
