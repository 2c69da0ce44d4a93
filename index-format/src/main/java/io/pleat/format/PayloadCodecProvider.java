package io.pleat.format;

/** Makes codecs; found by {@link java.util.ServiceLoader}. Its constructor must not need the codec's library. */
public interface PayloadCodecProvider {
  /** Whether it decodes payloads of this codec id. */
  boolean supports(int codec);

  /**
   * A codec that decodes what needs no dictionary.
   *
   * @throws LinkageError if the codec's library is missing or does not run here
   */
  PayloadCodec decoder();

  /**
   * A codec that decodes all that {@link #supports} says.
   *
   * @param dictionary the container's
   * @throws LinkageError if the codec's library is missing or does not run here
   */
  PayloadCodec decoder(byte[] dictionary);

  /**
   * What compresses the sections of index blocks.
   *
   * @throws LinkageError if the codec's library is missing or does not run here
   */
  BulkCodec bulk();

  /** The library that it needs, for messages. */
  String library();
}
