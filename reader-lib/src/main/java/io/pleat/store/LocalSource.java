package io.pleat.store;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Positional reads of a local file. */
final class LocalSource implements ByteSource {
  /* An interrupt closes a FileChannel under all its readers. The interrupted thread gets its exception; the others reopen. */
  private final Path file;
  private final long length;
  private volatile FileChannel channel;
  private boolean closed;

  LocalSource(Path file, long length, FileChannel channel) {
    this.file = file;
    this.length = length;
    this.channel = channel;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    checkArgument(position >= 0, "negative position: %s", position);
    int start = target.position();
    while (target.hasRemaining()) {
      FileChannel current = channel;
      try {
        int read = current.read(target, position + target.position() - start);
        if (read < 0) {
          throw new EOFException(file + " ends before " + target.remaining() + " more bytes at "
              + (position + target.position() - start));
        }
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        reopen(current);
      }
    }
  }

  private synchronized void reopen(FileChannel broken) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (channel == broken) {
      FileChannel fresh =
          FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      if (fresh.size() != length) {
        long now = fresh.size();
        fresh.close();
        throw new IOException(file + " had " + length + " bytes, now has " + now);
      }
      channel = fresh;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
