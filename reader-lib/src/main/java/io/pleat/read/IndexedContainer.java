package io.pleat.read;

import io.pleat.format.ByteSource;
import io.pleat.format.IndexBlock;
import io.pleat.format.PayloadReader;
import java.io.Closeable;

/**
 * A container whose index block is in memory.
 *
 * @param file the container itself, not closed with this
 * @param payloads decodes its payloads
 */
record IndexedContainer(ByteSource file, IndexBlock index, PayloadReader payloads)
    implements Closeable {
  @Override
  public void close() {
    payloads.close();
    index.close();
  }
}
