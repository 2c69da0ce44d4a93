package io.pleat.dataset.parquet;

import io.pleat.dataset.FileReference;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
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

  /**
   * A file that is as its reference says.
   *
   * @throws CorruptDataException if it is not
   */
  static StoreInputFile proven(Store store, FileReference file) throws IOException {
    StoreInputFile input = new StoreInputFile(store, file.path());
    CRC32C crc = new CRC32C();
    crc.update(input.content);
    if (input.content.length != file.length() || (int) crc.getValue() != file.crc32c()) {
      throw new CorruptDataException(
          file.path().toString(),
          0,
          "file has %d bytes and CRC32C 0x%08x, its reference says %d and 0x%08x",
          input.content.length,
          (int) crc.getValue(),
          file.length(),
          file.crc32c());
    }
    return input;
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
