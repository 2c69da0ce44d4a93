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
  private final CRC32C crc;
  private long base;
  private int filled;
  private int readLength = LENGTH;

  /** @param end where in {@code source} the window stops */
  ForwardWindow(ByteSource source, long end) {
    this(source, end, null);
  }

  private ForwardWindow(ByteSource source, long end, CRC32C crc) {
    this.source = source;
    this.end = end;
    this.crc = crc;
    buffer = OffHeap.allocate((int) Math.max(1, Math.min(LENGTH, end)));
  }

  /** A window that also computes the {@link #crc} of what it reads. */
  static ForwardWindow summing(ByteSource source, long end) {
    return new ForwardWindow(source, end, new CRC32C());
  }

  /** Lets reads from now on get so many bytes if fewer are wanted and there are as many: few where what follows will be skipped. */
  void setReadLength(int length) {
    readLength = Math.min(length, LENGTH);
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
      int most = Math.min(buffer.capacity(), Math.max(count, readLength)) - keep;
      int more = (int) Math.min(most, end - position - keep);
      buffer.position(keep).limit(keep + more);
      Reads.readFully(source, base + keep, buffer);
      if (crc != null) {
        crc.update(Reads.slice(buffer, keep, more));
      }
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

  /** CRC32C of all bytes read, where they are summed; of the whole source up to the window's end only if none were skipped. */
  int crc() {
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    OffHeap.free(buffer);
  }
}
