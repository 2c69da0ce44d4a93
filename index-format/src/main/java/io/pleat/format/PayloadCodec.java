package io.pleat.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Compresses and decompresses single payloads. Thread-safe. */
public interface PayloadCodec extends AutoCloseable {
  /** The id of payloads that are stored as they are. */
  int RAW = 0;

  /** The id of payloads that are one zstd frame without a dictionary. */
  int ZSTD = 1;

  /** The id of payloads that are one zstd frame with the container's dictionary. */
  int ZSTD_DICTIONARY = 2;

  /** Encodes {@code bytes} (position to limit, not consumed), or leaves them raw where that is no smaller. */
  Payload encode(ByteBuffer bytes);

  /**
   * Decodes the stored bytes, whose checksum was verified.
   *
   * @param length the original length, in bytes; bounds what is allocated
   * @throws IOException if the bytes are no valid encoding of exactly {@code length} bytes
   */
  ByteBuffer decode(int codec, ByteBuffer stored, int length) throws IOException;

  /** The dictionary that a container must carry for these payloads to be decoded, if there is one. */
  Optional<byte[]> dictionary();

  /** Lets go of native memory once running calls have returned; idempotent. By default there is none. */
  @Override
  default void close() {}
}
