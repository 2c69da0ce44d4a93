package io.pleat.dataset.parquet;

import io.pleat.dataset.ReferencedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** Lets Parquet write to a file of a dataset. Closing Parquet's stream leaves the file open: whoever opened it finishes it. */
final class StoreOutputFile implements OutputFile {
  private static final int BUFFER_LENGTH = 256 << 10;

  private final ReferencedFile file;
  private boolean abandoned;

  StoreOutputFile(ReferencedFile file) {
    this.file = file;
  }

  /** From now on, what Parquet writes goes nowhere. */
  void abandon() {
    abandoned = true;
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) {
    return new Stream();
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) {
    return create(blockSizeHint);
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }

  private final class Stream extends PositionOutputStream {
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH);

    @Override
    public long getPos() {
      return file.position() + buffer.position();
    }

    @Override
    public void write(int b) throws IOException {
      if (!buffer.hasRemaining()) {
        flush();
      }
      buffer.put((byte) b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > buffer.remaining()) {
        flush();
      }
      if (length > buffer.remaining()) {
        write(ByteBuffer.wrap(bytes, offset, length));
      } else {
        buffer.put(bytes, offset, length);
      }
    }

    @Override
    public void flush() throws IOException {
      write(buffer.flip());
      buffer.clear();
    }

    private void write(ByteBuffer bytes) throws IOException {
      if (!abandoned) {
        file.write(bytes);
      }
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
