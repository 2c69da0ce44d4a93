package io.pleat.read;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexBlock;
import io.pleat.format.PayloadExtent;
import io.pleat.format.PayloadReader;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A container whose index block is in memory.
 *
 * @param file the container itself, not closed with this
 * @param payloads decodes its payloads
 */
record IndexedContainer(ByteSource file, IndexBlock index, PayloadReader payloads)
    implements Closeable {
  /** The original bytes of a folded entry, verified: one read of exactly the stored bytes. */
  ByteBuffer read(PayloadExtent payload) throws IOException {
    int length = storedLength(payload);
    ByteBuffer stored = ByteBuffer.allocate(length);
    if (length > 0) {
      fill(payload.extent().offset(), stored);
    }
    return payloads.decode(payload, stored.flip());
  }

  /** Fills {@code target} with what the container holds at {@code offset}, where the index block says that it holds so much. */
  void fill(long offset, ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    try {
      file.readFully(offset, target);
    } catch (EOFException e) {
      CorruptDataException damage = new CorruptDataException(
          file.toString(), offset, "container ends within the next %d bytes", wanted);
      damage.initCause(e);
      throw damage;
    }
  }

  private int storedLength(PayloadExtent payload) throws CorruptDataException {
    long length = payload.extent().length();
    if (length > Integer.MAX_VALUE - 8) {
      throw new CorruptDataException(
          file.toString(),
          payload.extent().offset(),
          "entry %d is said to have %d stored bytes",
          payload.ordinal(),
          length);
    }
    return (int) length;
  }

  @Override
  public void close() {
    payloads.close();
    index.close();
  }
}
