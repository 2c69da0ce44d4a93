package io.pleat.read.hadoop;

import io.pleat.format.ByteSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.fs.ByteBufferPositionedReadable;
import org.apache.hadoop.fs.ByteBufferReadable;
import org.apache.hadoop.fs.CanUnbuffer;
import org.apache.hadoop.fs.FSExceptionMessages;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.IOStatisticsSource;
import org.apache.hadoop.fs.statistics.StreamStatisticNames;
import org.apache.hadoop.fs.statistics.impl.IOStatisticsBinding;

/**
 * One file of a dataset. A folded file is read and verified as a whole with the first byte; what lies outside is read ahead. Positional
 * reads may run at once with each other and with anything else.
 */
final class PleatInputStream extends FSInputStream
    implements ByteBufferReadable,
        ByteBufferPositionedReadable,
        CanUnbuffer,
        StreamCapabilities,
        IOStatisticsSource {
  /** Opens the file once more. */
  interface Opener {
    OpenedFile open() throws IOException;
  }

  private final Path path;
  private final Opener opener;
  private final long length;
  private final int windowSize;
  private final FileSystem.Statistics statistics;
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong bytesRead = new AtomicLong();

  // Guarded by this, except for reading the source.
  private volatile ByteSource source;
  private volatile boolean closed;
  private long position;
  private byte[] window;
  private long windowStart;
  private int windowLength;

  /** @param file what {@code opener} gave, to be closed with this */
  PleatInputStream(Path path, OpenedFile file, Opener opener, FileSystem.Statistics statistics) {
    this.path = path;
    this.source = file.source();
    this.windowSize = file.window();
    this.opener = opener;
    this.length = source.length();
    this.statistics = statistics;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(FSExceptionMessages.STREAM_IS_CLOSED + ": " + path);
    }
  }

  private ByteSource source() throws IOException {
    ByteSource current = source;
    return current != null ? current : reopened();
  }

  private synchronized ByteSource reopened() throws IOException {
    requireOpen();
    if (source == null) {
      source = opener.open().source();
    }
    return source;
  }

  /** Reads exactly what {@code target} takes; that the file has so much is known. */
  private void fill(long at, ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    try {
      source().readFully(at, target);
    } catch (IOException e) {
      requireOpen();
      throw HadoopFailures.translate(path, e);
    } catch (IllegalStateException e) {
      throw new IOException(path + ": the file system was closed", e);
    }
    reads.incrementAndGet();
    bytesRead.addAndGet(wanted);
    if (statistics != null) {
      statistics.incrementBytesRead(wanted);
    }
  }

  private int available(long at, int wanted) {
    return (int) Math.min(wanted, Math.max(0, length - at));
  }

  // ---- positional

  @Override
  public int read(long at, byte[] buffer, int offset, int wanted) throws IOException {
    requireOpen();
    validatePositionedReadArgs(at, buffer, offset, wanted);
    if (wanted == 0) {
      return 0;
    }
    int count = available(at, wanted);
    if (count == 0) {
      return -1;
    }
    fill(at, ByteBuffer.wrap(buffer, offset, count));
    return count;
  }

  @Override
  public void readFully(long at, byte[] buffer, int offset, int wanted) throws IOException {
    requireOpen();
    validatePositionedReadArgs(at, buffer, offset, wanted);
    requireInside(at, wanted);
    if (wanted > 0) {
      fill(at, ByteBuffer.wrap(buffer, offset, wanted));
    }
  }

  @Override
  public int read(long at, ByteBuffer target) throws IOException {
    requireOpen();
    requireNotNegative(at);
    int count = available(at, target.remaining());
    if (count == 0) {
      return target.hasRemaining() ? -1 : 0;
    }
    ByteBuffer part = target.duplicate().limit(target.position() + count);
    fill(at, part);
    target.position(part.position());
    return count;
  }

  @Override
  public void readFully(long at, ByteBuffer target) throws IOException {
    requireOpen();
    requireNotNegative(at);
    requireInside(at, target.remaining());
    if (target.hasRemaining()) {
      fill(at, target);
    }
  }

  private static void requireNotNegative(long at) throws EOFException {
    if (at < 0) {
      throw new EOFException("position is negative: " + at);
    }
  }

  private void requireInside(long at, int wanted) throws EOFException {
    if (wanted > 0 && at > length - wanted) {
      throw new EOFException(
          "cannot read " + wanted + " bytes at " + at + " of " + length + ": " + path);
    }
  }

  // ---- sequential

  @Override
  public synchronized long getPos() {
    return position;
  }

  @Override
  public synchronized void seek(long to) throws IOException {
    requireOpen();
    if (to < 0) {
      throw new EOFException(FSExceptionMessages.NEGATIVE_SEEK + ": " + to + " in " + path);
    }
    if (to > length) {
      throw new EOFException(
          FSExceptionMessages.CANNOT_SEEK_PAST_EOF + ": " + to + " of " + length + " in " + path);
    }
    position = to;
  }

  @Override
  public boolean seekToNewSource(long target) {
    return false;
  }

  @Override
  public synchronized int read() throws IOException {
    requireOpen();
    if (position >= length) {
      return -1;
    }
    loadWindow();
    return window[(int) (position++ - windowStart)] & 0xFF;
  }

  @Override
  public synchronized int read(byte[] buffer, int offset, int wanted) throws IOException {
    requireOpen();
    validatePositionedReadArgs(position, buffer, offset, wanted);
    if (wanted == 0) {
      return 0;
    }
    int count = available(position, wanted);
    if (count == 0) {
      return -1;
    }
    if (count >= windowSize || count == length - position && !isInWindow()) {
      fill(position, ByteBuffer.wrap(buffer, offset, count));
    } else {
      loadWindow();
      int at = (int) (position - windowStart);
      count = Math.min(count, windowLength - at);
      System.arraycopy(window, at, buffer, offset, count);
    }
    position += count;
    return count;
  }

  @Override
  public synchronized int read(ByteBuffer target) throws IOException {
    int count = read(position, target);
    position += Math.max(count, 0);
    return count;
  }

  @Override
  public synchronized long skip(long count) throws IOException {
    requireOpen();
    long skipped = Math.max(0, Math.min(count, length - position));
    position += skipped;
    return skipped;
  }

  @Override
  public synchronized int available() throws IOException {
    requireOpen();
    return available(position, Integer.MAX_VALUE);
  }

  private boolean isInWindow() {
    return position >= windowStart && position < windowStart + windowLength;
  }

  /** Has the byte at the position read ahead, which is before the end. */
  private void loadWindow() throws IOException {
    if (isInWindow()) {
      return;
    }
    if (window == null) {
      window = new byte[(int) Math.min(windowSize, length)];
    }
    windowLength = 0; // whatever happens now, it is not what it was
    int count = available(position, window.length);
    fill(position, ByteBuffer.wrap(window, 0, count));
    windowStart = position;
    windowLength = count;
  }

  // ---- the rest

  @Override
  public synchronized void unbuffer() {
    window = null;
    windowLength = 0;
    ByteSource current = source;
    source = null;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        return; // it was only read from
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      window = null;
      windowLength = 0;
      ByteSource current = source;
      source = null;
      if (current != null) {
        current.close();
      }
    }
  }

  @Override
  public IOStatistics getIOStatistics() {
    return IOStatisticsBinding.dynamicIOStatistics()
        .withAtomicLongCounter(StreamStatisticNames.STREAM_READ_OPERATIONS, reads)
        .withAtomicLongCounter(StreamStatisticNames.STREAM_READ_BYTES, bytesRead)
        .build();
  }

  @Override
  public boolean hasCapability(String capability) {
    return switch (capability.toLowerCase(Locale.ROOT)) {
      case StreamCapabilities.READBYTEBUFFER,
          StreamCapabilities.PREADBYTEBUFFER,
          StreamCapabilities.UNBUFFER,
          StreamCapabilities.IOSTATISTICS,
          StreamCapabilities.VECTOREDIO -> true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
