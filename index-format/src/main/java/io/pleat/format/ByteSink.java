package io.pleat.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A new file, written once from start to end by one thread. {@link #finish()} makes it whole and durable; {@code close()} alone
 * abandons it. {@code toString} names the file.
 */
public interface ByteSink extends Closeable {
  /** Appends the remaining bytes of {@code source}, and consumes them. */
  void write(ByteBuffer source) throws IOException;

  /** Bytes written so far. */
  long position();

  /** Flushes everything to durable storage and completes the file, which then has {@link #position()} bytes. */
  void finish() throws IOException;

  /** Abandons the file if it was not finished, removing what the store lets be removed; idempotent. */
  @Override
  void close() throws IOException;
}
