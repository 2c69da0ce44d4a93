package io.pleat.store.hadoop;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.StreamCapabilities;

/** Positional reads through one open Hadoop stream. */
final class HadoopSource implements ByteSource {
  private static final int PIECE_LENGTH = 1 << 20;

  private final String name;
  private final long length;
  private final FSDataInputStream in;
  private final boolean readsBuffers;

  HadoopSource(String name, long length, FSDataInputStream in) {
    this.name = name;
    this.length = length;
    this.in = in;
    this.readsBuffers = in.hasCapability(StreamCapabilities.PREADBYTEBUFFER);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void readFully(long position, ByteBuffer target) throws IOException {
    checkArgument(position >= 0, "negative position: %s", position);
    if (position > length - target.remaining()) {
      throw new EOFException(
          name + " has " + length + " bytes, asked for " + target.remaining() + " at " + position);
    }
    if (!target.hasRemaining()) {
      return;
    }
    try {
      if (target.hasArray()) {
        in.readFully(
            position, target.array(), target.arrayOffset() + target.position(), target.remaining());
        target.position(target.limit());
      } else if (readsBuffers) {
        in.readFully(position, target);
      } else {
        readPieces(position, target);
      }
    } catch (IOException e) {
      throw Failures.translate(name, e);
    }
  }

  private void readPieces(long position, ByteBuffer target) throws IOException {
    byte[] piece = new byte[Math.min(target.remaining(), PIECE_LENGTH)];
    long at = position;
    while (target.hasRemaining()) {
      int count = Math.min(piece.length, target.remaining());
      in.readFully(at, piece, 0, count);
      target.put(piece, 0, count);
      at += count;
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  @Override
  public String toString() {
    return name;
  }
}
