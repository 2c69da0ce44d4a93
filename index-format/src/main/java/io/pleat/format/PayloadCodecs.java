package io.pleat.format;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** Finds the codec that decodes a payload, among those on the class path. */
final class PayloadCodecs {
  /** Found once: a search of the class path for every container that is opened would cost more than decoding. */
  private static List<PayloadCodecProvider> found = List.of();

  private PayloadCodecs() {}

  private static synchronized List<PayloadCodecProvider> providers() {
    if (found.isEmpty()) {
      List<PayloadCodecProvider> all = new ArrayList<>();
      ServiceLoader.load(PayloadCodecProvider.class, PayloadCodecs.class.getClassLoader())
          .forEach(all::add);
      found = List.copyOf(all);
    }
    return found;
  }

  /**
   * A codec that decodes payloads of id {@code codec}.
   *
   * @param dictionary the container's; null if it has none
   * @throws UnsupportedFormatException if none on the class path does, or its library is missing
   */
  static PayloadCodec decoder(String source, int codec, byte[] dictionary)
      throws UnsupportedFormatException {
    try {
      for (PayloadCodecProvider provider : providers()) {
        if (provider.supports(codec)) {
          return loaded(
              source,
              codec,
              provider,
              () -> dictionary == null ? provider.decoder() : provider.decoder(dictionary));
        }
      }
    } catch (ServiceConfigurationError e) {
      throw unloadable(source, codec, e);
    }
    throw new UnsupportedFormatException(source, "codec %s is not known", codec);
  }

  /**
   * What inflates sections of an index block.
   *
   * @throws UnsupportedFormatException if none is on the class path, or its library is missing
   */
  static BulkCodec bulk(String source) throws UnsupportedFormatException {
    try {
      for (PayloadCodecProvider provider : providers()) {
        if (provider.supports(PayloadCodec.ZSTD)) {
          return loaded(source, PayloadCodec.ZSTD, provider, provider::bulk);
        }
      }
    } catch (ServiceConfigurationError e) {
      throw unloadable(source, PayloadCodec.ZSTD, e);
    }
    throw new UnsupportedFormatException(source, "codec %s is not known", PayloadCodec.ZSTD);
  }

  private static <T> T loaded(
      String source, int codec, PayloadCodecProvider provider, Supplier<T> load)
      throws UnsupportedFormatException {
    try {
      return load.get();
    } catch (LinkageError e) {
      UnsupportedFormatException failure = new UnsupportedFormatException(
          source,
          "codec %s needs %s, which is missing on the class path or does not run here (%s)",
          codec,
          provider.library(),
          e);
      failure.initCause(e);
      throw failure;
    }
  }

  private static UnsupportedFormatException unloadable(
      String source, int codec, ServiceConfigurationError cause) {
    UnsupportedFormatException failure = new UnsupportedFormatException(
        source, "codec %s cannot be loaded (%s)", codec, cause.getMessage());
    failure.initCause(cause);
    return failure;
  }
}
