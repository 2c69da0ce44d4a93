package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * One folded file. Its payload is read and verified as a whole before the first byte is handed out, and kept for further reads unless all of it was
 * asked for at once.
 */
final class VerifiedFile implements ByteSource {
  private final FileReads files;
  private final LocatedFile file;
  private volatile ByteBuffer bytes;
  private volatile boolean closed;

  VerifiedFile(FileReads files, LocatedFile file) {
    this.files = files;
    this.file = file;
  }

  @Override
  public long length() {
    return file.payload().length();
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    checkArgument(position >= 0, "negative position: %s", position);
    if (position == 0 && bytes == null && !closed && target.remaining() == length()) {
      files.readInto(file, target); // who takes all at once needs no copy kept
      return;
    }
    ByteBuffer all = payload();
    if (position > all.limit() || target.remaining() > all.limit() - position) {
      throw new EOFException("cannot read " + target.remaining() + " bytes at offset " + position
          + " of " + all.limit() + ": " + this);
    }
    target.put(all.slice((int) position, target.remaining()));
  }

  private ByteBuffer payload() throws IOException {
    ByteBuffer all = bytes;
    if (all == null || closed) {
      synchronized (this) {
        if (closed) {
          throw new ClosedChannelException();
        }
        if (bytes == null) {
          bytes = files.read(file);
        }
        all = bytes;
      }
    }
    return all;
  }

  @Override
  public synchronized void close() {
    closed = true;
    bytes = null;
  }

  @Override
  public String toString() {
    return file.path().toString();
  }
}
