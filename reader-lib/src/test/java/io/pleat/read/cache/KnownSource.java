package io.pleat.read.cache;

import io.pleat.format.ByteSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** A file of any length whose bytes follow from their places; counts its reads. */
final class KnownSource implements ByteSource {
  private final long seed;
  private final long length;
  final AtomicLong reads = new AtomicLong();
  final AtomicLong bytes = new AtomicLong();
  volatile IOException failure;

  KnownSource(long seed, long length) {
    this.seed = seed;
    this.length = length;
  }

  private byte at(long position) {
    long word = (position >>> 3) * 0x9E3779B97F4A7C15L + seed;
    word = (word ^ word >>> 30) * 0xBF58476D1CE4E5B9L;
    return (byte) (word >>> 8 * (int) (position & 7));
  }

  /** Whether {@code found} is what stands at {@code position}. */
  boolean holds(long position, ByteBuffer found) {
    for (int i = 0; i < found.remaining(); i++) {
      if (found.get(found.position() + i) != at(position + i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    if (failure != null) {
      throw failure;
    }
    reads.incrementAndGet();
    bytes.addAndGet(target.remaining());
    if (position > length - target.remaining()) {
      throw new EOFException("at " + position);
    }
    for (long i = position; target.hasRemaining(); i++) {
      target.put(at(i));
    }
  }

  @Override
  public void close() {}
}
