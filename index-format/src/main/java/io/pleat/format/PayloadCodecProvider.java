package io.pleat.format;

import java.util.Optional;

/** Makes codecs that decode; found by {@link java.util.ServiceLoader}. Its constructor must not need the codec's library. */
public interface PayloadCodecProvider {
  /** Whether it decodes payloads of this codec id. */
  boolean supports(int codec);

  /**
   * A codec that decodes what {@link #supports} says.
   *
   * @param dictionary the container's, if it has one
   * @throws LinkageError if the codec's library is missing or does not run here
   */
  PayloadCodec decoder(Optional<byte[]> dictionary);

  /** The library that it needs, for messages. */
  String library();
}
