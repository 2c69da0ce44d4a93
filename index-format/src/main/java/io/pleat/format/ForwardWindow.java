package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A window that moves over a source from start to end in large reads. */
final class ForwardWindow implements AutoCloseable {
  /** Bytes of a large read; more than the longest record header. */
  static final int LENGTH = 4 << 20;

  private final ByteSource source;
  private final long end;
  private final ReadAhead ahead; // null where reads are this thread's own
  private ByteBuffer buffer;
  private ByteBuffer viewed;
  private ByteBuffer view;
  private int start; // of the window in the buffer
  private long base;
  private int filled;
  private int readLength = LENGTH;

  /** @param end where in {@code source} the window stops */
  ForwardWindow(ByteSource source, long end) {
    this(source, end, LENGTH);
  }

  /**
   * A window that holds no more than one read.
   *
   * @param length of a read, at least as long as the longest record header
   */
  ForwardWindow(ByteSource source, long end, int length) {
    this.source = source;
    this.end = end;
    ahead = null;
    buffer = OffHeap.allocate((int) Math.max(1, Math.min(length, end)));
    readLength = length;
  }

  private ForwardWindow(ByteSource source, long end, ReadAhead ahead) {
    this.source = source;
    this.end = end;
    this.ahead = ahead;
    buffer = ahead.none();
  }

  /**
   * A window over all bytes, which another thread reads ahead, and which also computes their {@link #crc}.
   *
   * @param length of a read, at least as long as the longest record header
   */
  static ForwardWindow summing(ByteSource source, long end, int length) {
    checkArgument(
        length >= RecordLayout.MAX_LENGTH && length <= LENGTH, "reads of %s bytes", length);
    return new ForwardWindow(source, end, new ReadAhead(source, end, length));
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
    int most = ahead == null ? buffer.capacity() : ahead.headroom();
    int count = (int) Math.max(0, Math.min(Math.min(wanted, most), end - position));
    if (position + count > base + filled) {
      if (ahead == null) {
        read(position, count);
      } else {
        takeRead(position, count);
      }
    }
    return count;
  }

  private void read(long position, int count) throws IOException {
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
    filled = keep + more;
    buffer.clear();
  }

  /** Every piece is taken, so that all bytes are summed, wanted or not. */
  private void takeRead(long position, int count) throws IOException {
    while (position + count > base + filled) {
      int keep = (int) Math.max(0, base + filled - position);
      ByteBuffer next = ahead.next();
      int pieceAt = ahead.headroom();
      if (keep > 0) {
        next.put(pieceAt - keep, buffer, start + filled - keep, keep);
      }
      long pieceBase = base + filled;
      ahead.giveBack(buffer);
      buffer = next;
      start = pieceAt - keep;
      base = pieceBase - keep;
      filled = keep + ahead.pieceLength(pieceBase);
    }
  }

  /** How many bytes from {@code position} on need no read. */
  long available(long position) {
    return position < base ? 0 : Math.max(0, base + filled - position);
  }

  /** Where {@code position} stands in {@link #bytes}. */
  int indexOf(long position) {
    return start + (int) (position - base);
  }

  /** The window's bytes, little-endian, for absolute reads only, and only until more are required. */
  ByteBuffer bytes() {
    return buffer;
  }

  /**
   * The {@code length} bytes at {@code position} in one piece: a view of the window, until more are required, or, where they are more than it holds, a
   * copy of their own.
   *
   * @throws CorruptDataException if the window's end comes first
   */
  ByteBuffer whole(long position, int length) throws IOException {
    if (require(position, length) == length) {
      return Reads.slice(buffer, indexOf(position), length);
    }
    ByteBuffer whole = Reads.buffer(length);
    while (whole.hasRemaining()) {
      long at = position + whole.position();
      int available = require(at, whole.remaining());
      if (available == 0) {
        throw new CorruptDataException(
            source.toString(), at, "%d bytes at %d end behind %d", length, position, end);
      }
      whole.put(Reads.slice(buffer, indexOf(at), available));
    }
    return whole.flip();
  }

  /** Updates {@code crc} with bytes that are available. */
  void update(CRC32C crc, long position, int length) {
    view(position, length);
    crc.update(view);
  }

  /** Whether the bytes at {@code position}, which are available, are the remaining ones of {@code expected}. */
  boolean matches(long position, ByteBuffer expected) {
    view(position, expected.remaining());
    return view.equals(expected);
  }

  /** Sets the one view of the bytes that is used again and again. */
  private void view(long position, int length) {
    if (viewed != buffer) {
      viewed = buffer;
      view = buffer.duplicate();
    }
    int at = indexOf(position);
    view.limit(at + length).position(at);
  }

  /** CRC32C of all bytes up to the window's end, where they are summed. */
  int crc() throws IOException {
    return ahead.crc();
  }

  @Override
  public void close() {
    if (ahead == null) {
      OffHeap.free(buffer);
    } else {
      ahead.close();
    }
  }
}
