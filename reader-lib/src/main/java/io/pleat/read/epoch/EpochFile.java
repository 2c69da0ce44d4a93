package io.pleat.read.epoch;

import io.pleat.format.LogicalPath;
import io.pleat.read.PooledBytes;
import java.nio.ByteBuffer;

/** One file of an epoch, in pooled memory that {@link #close} gives back. */
public final class EpochFile implements AutoCloseable {
  private final LogicalPath path;
  private final PooledBytes bytes;
  private final long position;

  EpochFile(LogicalPath path, PooledBytes bytes, long position) {
    this.path = path;
    this.bytes = bytes;
    this.position = position;
  }

  /** Its path. */
  public LogicalPath path() {
    return path;
  }

  /** Its bytes; see {@link PooledBytes#buffer}. */
  public ByteBuffer buffer() {
    return bytes.buffer();
  }

  /** How many bytes it has. */
  public int length() {
    return bytes.length();
  }

  /** Its place in the rank's order, from 0. */
  public long position() {
    return position;
  }

  /** Its bytes, to be closed instead of this. */
  public PooledBytes bytes() {
    return bytes;
  }

  @Override
  public void close() {
    bytes.close();
  }
}
