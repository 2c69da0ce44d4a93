package io.pleat.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Compresses and inflates whole sections of an index block, as one zstd frame each. Thread-safe. */
public interface BulkCodec {
  /**
   * Writes the frame of all {@code pieces} (position to limit of each, not consumed; each is done with before the next is asked for). Memory
   * does not grow with their length.
   *
   * @param length bytes of all pieces, which the frame records
   */
  void encode(Iterable<ByteBuffer> pieces, long length, OutputStream target) throws IOException;

  /**
   * Inflates a frame. Both buffers are direct, and neither is consumed.
   *
   * @param target position to limit are what the frame must give
   * @throws IOException if it is no frame of exactly so many bytes
   */
  void decode(ByteBuffer stored, ByteBuffer target) throws IOException;
}
