package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A window that moves over a source from start to end in large reads. */
final class ForwardWindow implements AutoCloseable {
  /** Bytes of a large read; more than the longest record header. */
  static final int LENGTH = 4 << 20;

  private final ByteSource source;
  private final long end;
  private final ByteBuffer buffer;
  private final CRC32C crc = new CRC32C();
  private long base;
  private int filled;

  /** @param end where in {@code source} the window stops */
  ForwardWindow(ByteSource source, long end) {
    this.source = source;
    this.end = end;
    buffer = OffHeap.allocate((int) Math.max(1, Math.min(LENGTH, end)));
  }

  /**
   * Makes up to {@code wanted} bytes from {@code position} on available, which is not before any earlier position.
   *
   * @return how many there are: {@code wanted}, or fewer where the window's length or end cuts them off
   */
  int require(long position, int wanted) throws IOException {
    int count = (int) Math.max(0, Math.min(Math.min(wanted, buffer.capacity()), end - position));
    if (position + count > base + filled) {
      int keep = (int) Math.max(0, base + filled - position);
      if (keep > 0) {
        buffer.limit(filled).position(filled - keep);
        buffer.compact();
      } else {
        buffer.clear();
      }
      base = position;
      int more = (int) Math.min(buffer.capacity() - keep, end - position - keep);
      buffer.position(keep).limit(keep + more);
      Reads.readFully(source, base + keep, buffer);
      crc.update(Reads.slice(buffer, keep, more));
      filled = keep + more;
      buffer.clear();
    }
    return count;
  }

  /** Where {@code position} stands in {@link #bytes}. */
  int indexOf(long position) {
    return (int) (position - base);
  }

  /** The window's bytes, little-endian, for absolute reads only. */
  ByteBuffer bytes() {
    return buffer;
  }

  /** CRC32C of all bytes read; of the whole source up to the window's end only if none were skipped. */
  int crc() {
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    OffHeap.free(buffer);
  }
}
