package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A file that was opened for positional reads, with a position of its own. Calls exclude each other. */
final class FileChannelView implements SeekableByteChannel {
  private final ByteSource file;
  private long position;
  private boolean closed;

  /** @param file closed with this */
  FileChannelView(ByteSource file) {
    this.file = file;
  }

  @Override
  public synchronized int read(ByteBuffer target) throws IOException {
    requireOpen();
    long left = file.length() - position;
    if (left <= 0) {
      return target.hasRemaining() ? -1 : 0;
    }
    int count = (int) Math.min(left, target.remaining());
    int limit = target.limit();
    target.limit(target.position() + count);
    try {
      file.readFully(position, target);
    } finally {
      target.limit(limit);
    }
    position += count;
    return count;
  }

  @Override
  public synchronized long position() throws IOException {
    requireOpen();
    return position;
  }

  @Override
  public synchronized SeekableByteChannel position(long newPosition) throws IOException {
    requireOpen();
    checkArgument(newPosition >= 0, "negative position: %s", newPosition);
    position = newPosition;
    return this;
  }

  @Override
  public synchronized long size() throws IOException {
    requireOpen();
    return file.length();
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new NonWritableChannelException();
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed;
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      file.close();
    }
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }
}
