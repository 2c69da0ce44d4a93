package io.pleat.store.hadoop;

import static io.pleat.format.Preconditions.checkState;

import io.pleat.format.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.StreamCapabilities;

/** A new file of a Hadoop file system. */
final class HadoopSink implements ByteSink {
  /** Makes an unfinished file vanish. */
  interface Abandon {
    void run(FSDataOutputStream out) throws IOException;
  }

  private static final int PIECE_LENGTH = 64 << 10;

  private final String name;
  private final FSDataOutputStream out;
  private final boolean durable;
  private final Abandon abandon;
  private byte[] piece;
  private long position;
  private boolean finished;

  HadoopSink(String name, FSDataOutputStream out, boolean durable, Abandon abandon) {
    this.name = name;
    this.out = out;
    this.durable = durable;
    this.abandon = abandon;
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    checkState(!finished, "already finished: %s", name);
    int length = source.remaining();
    try {
      if (source.hasArray()) {
        out.write(source.array(), source.arrayOffset() + source.position(), length);
        source.position(source.limit());
      } else {
        writePieces(source);
      }
    } catch (IOException e) {
      throw Failures.translate(name, e);
    }
    position += length;
  }

  private void writePieces(ByteBuffer source) throws IOException {
    if (piece == null) {
      piece = new byte[PIECE_LENGTH];
    }
    while (source.hasRemaining()) {
      int length = Math.min(source.remaining(), piece.length);
      source.get(piece, 0, length);
      out.write(piece, 0, length);
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void finish() throws IOException {
    checkState(!finished, "already finished: %s", name);
    try {
      if (durable && out.hasCapability(StreamCapabilities.HSYNC)) {
        out.hsync();
      }
      out.close();
    } catch (IOException e) {
      throw Failures.translate(name, e);
    }
    finished = true;
  }

  @Override
  public void close() throws IOException {
    if (!finished) {
      finished = true;
      abandon.run(out);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
