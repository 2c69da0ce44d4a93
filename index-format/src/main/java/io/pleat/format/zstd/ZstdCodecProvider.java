package io.pleat.format.zstd;

import com.github.luben.zstd.Zstd;
import io.pleat.format.BulkCodec;
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
  public BulkCodec bulk() {
    Zstd.compressBound(0); // A missing or unfit library shows here.
    return new ZstdBulkCodec();
  }

  @Override
  public String library() {
    return "zstd-jni";
  }
}
