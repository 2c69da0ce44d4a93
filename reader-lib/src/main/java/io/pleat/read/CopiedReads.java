package io.pleat.read;

import java.nio.ByteBuffer;
import java.util.Iterator;

/** Pooled reads as buffers on the heap that nobody has to release. */
final class CopiedReads implements Iterator<ByteBuffer> {
  private final PooledReads reads;

  CopiedReads(PooledReads reads) {
    this.reads = reads;
  }

  @Override
  public boolean hasNext() {
    return reads.hasNext();
  }

  @Override
  public ByteBuffer next() {
    try (PooledBytes bytes = reads.next()) {
      return ByteBuffer.wrap(bytes.toByteArray());
    }
  }
}
