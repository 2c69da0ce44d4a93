package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkState;

import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A new file of a dataset that something else will refer to: computes what the reference needs as the bytes go out. {@link #finish()}
 * completes the file; {@code close()} alone abandons it. Not thread-safe.
 */
public final class ReferencedFile implements Closeable {
  private static final int PIECE_LENGTH = 1 << 20;

  private final LogicalPath path;
  private final ByteSink sink;
  private final CRC32C crc = new CRC32C();
  private boolean finished;

  private ReferencedFile(LogicalPath path, ByteSink sink) {
    this.path = path;
    this.sink = sink;
  }

  /** Starts a file under a fresh name. */
  public static ReferencedFile create(Store store, LogicalPath path) throws IOException {
    return new ReferencedFile(path, store.create(path));
  }

  /** Starts a file that {@code sink} takes. */
  public static ReferencedFile of(LogicalPath path, ByteSink sink) {
    return new ReferencedFile(path, sink);
  }

  /** Writes a whole file under a fresh name. */
  static FileReference write(Store store, LogicalPath path, byte[] content) throws IOException {
    try (ReferencedFile file = create(store, path)) {
      file.write(ByteBuffer.wrap(content));
      return file.finish();
    }
  }

  /** Refers to a file that stands already, as it is now: for files whose reference is lost. */
  public static FileReference measure(Store store, LogicalPath path) throws IOException {
    try (ByteSource file = store.open(path)) {
      CRC32C crc = new CRC32C();
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_LENGTH, file.length()));
      for (long at = 0; at < file.length(); at += piece.limit()) {
        piece.clear().limit((int) Math.min(piece.capacity(), file.length() - at));
        file.readFully(at, piece);
        crc.update(piece.flip());
      }
      return new FileReference(path, file.length(), (int) crc.getValue());
    }
  }

  /** Appends the remaining bytes of {@code source}, and consumes them. */
  public void write(ByteBuffer source) throws IOException {
    crc.update(source.duplicate());
    sink.write(source);
  }

  /** Bytes written so far. */
  public long position() {
    return sink.position();
  }

  /** Makes the file whole and durable, and refers to it. */
  public FileReference finish() throws IOException {
    checkState(!finished, "%s is finished already", path);
    sink.finish();
    finished = true;
    return new FileReference(path, sink.position(), (int) crc.getValue());
  }

  @Override
  public void close() throws IOException {
    sink.close();
  }
}
