package io.pleat.format;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;

/** Sinks to and sources from a byte array. */
final class MemoryFile {
  private MemoryFile() {}

  static final class Sink implements ByteSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean finished;

    @Override
    public void write(ByteBuffer source) {
      byte[] copy = new byte[source.remaining()];
      source.get(copy);
      bytes.writeBytes(copy);
    }

    @Override
    public long position() {
      return bytes.size();
    }

    @Override
    public void finish() {
      finished = true;
    }

    boolean isFinished() {
      return finished;
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return "memory.pleat";
    }
  }

  static ByteSource source(byte[] bytes) {
    return new ByteSource() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws EOFException {
        if (position < 0 || position > bytes.length - target.remaining()) {
          throw new EOFException("read of " + target.remaining() + " bytes at " + position);
        }
        target.put(bytes, (int) position, target.remaining());
      }

      @Override
      public void close() {}

      @Override
      public String toString() {
        return "memory.pleat";
      }
    };
  }
}
