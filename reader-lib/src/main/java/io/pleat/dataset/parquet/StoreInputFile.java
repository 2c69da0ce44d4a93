package io.pleat.dataset.parquet;

import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** Lets Parquet read a file of a store. */
final class StoreInputFile implements InputFile {
  private final byte[] content;

  StoreInputFile(Store store, LogicalPath path) throws IOException {
    try (ByteSource source = store.open(path)) {
      content = new byte[Math.toIntExact(source.length())];
      source.readFully(0, ByteBuffer.wrap(content));
    }
  }

  @Override
  public long getLength() {
    return content.length;
  }

  @Override
  public SeekableInputStream newStream() {
    SeekableBytes bytes = new SeekableBytes(content);
    return new DelegatingSeekableInputStream(bytes) {
      @Override
      public long getPos() {
        return bytes.position();
      }

      @Override
      public void seek(long position) throws IOException {
        bytes.seek(position);
      }
    };
  }

  private static final class SeekableBytes extends java.io.ByteArrayInputStream {
    SeekableBytes(byte[] content) {
      super(content);
    }

    long position() {
      return pos;
    }

    void seek(long position) throws IOException {
      if (position < 0 || position > count) {
        throw new EOFException("position " + position + " of " + count);
      }
      pos = (int) position;
    }
  }
}
