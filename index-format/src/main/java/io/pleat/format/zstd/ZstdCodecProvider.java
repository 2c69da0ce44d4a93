package io.pleat.format.zstd;

import io.pleat.format.PayloadCodec;
import io.pleat.format.PayloadCodecProvider;

/** Decodes {@link PayloadCodec#ZSTD} and {@link PayloadCodec#ZSTD_DICTIONARY}. */
public final class ZstdCodecProvider implements PayloadCodecProvider {
  /** For the service loader. */
  public ZstdCodecProvider() {}

  @Override
  public boolean supports(int codec) {
    return codec == PayloadCodec.ZSTD || codec == PayloadCodec.ZSTD_DICTIONARY;
  }

  @Override
  public PayloadCodec decoder() {
    return ZstdCodec.of(ZstdCodec.DEFAULT_LEVEL);
  }

  @Override
  public PayloadCodec decoder(byte[] dictionary) {
    return ZstdCodec.withDictionary(ZstdCodec.DEFAULT_LEVEL, dictionary);
  }

  @Override
  public String library() {
    return "zstd-jni";
  }
}
