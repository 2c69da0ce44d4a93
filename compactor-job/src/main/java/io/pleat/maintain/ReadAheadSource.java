package io.pleat.maintain;

import io.pleat.format.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A source of which each thread can hold one stretch in memory: small reads in file order become few large ones. Reads outside the
 * stretch go through. Thread-safe.
 */
final class ReadAheadSource implements ByteSource {
  private final ByteSource source;
  private final ThreadLocal<Stretch> held = ThreadLocal.withInitial(Stretch::new);

  ReadAheadSource(ByteSource source) {
    this.source = source;
  }

  /** Reads {@code length} bytes at {@code position} for the reads of this thread to come. */
  void hold(long position, int length) throws IOException {
    Stretch stretch = held.get();
    stretch.length = 0;
    if (stretch.bytes.length < length) {
      stretch.bytes = new byte[length];
    }
    source.readFully(position, ByteBuffer.wrap(stretch.bytes, 0, length));
    stretch.position = position;
    stretch.length = length;
  }

  /** Lets go of this thread's stretch. */
  void release() {
    held.remove();
  }

  @Override
  public long length() {
    return source.length();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    Stretch stretch = held.get();
    long from = position - stretch.position;
    if (from >= 0 && from <= stretch.length - target.remaining()) {
      target.put(stretch.bytes, (int) from, target.remaining());
    } else {
      source.readFully(position, target);
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }

  private static final class Stretch {
    private byte[] bytes = new byte[0];
    private long position;
    private int length;
  }
}
