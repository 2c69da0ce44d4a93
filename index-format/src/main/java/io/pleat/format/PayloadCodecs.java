package io.pleat.format;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

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
          return decoder(source, codec, provider, dictionary);
        }
      }
    } catch (ServiceConfigurationError e) {
      UnsupportedFormatException failure = new UnsupportedFormatException(
          source, "payload codec %s cannot be loaded (%s)", codec, e.getMessage());
      failure.initCause(e);
      throw failure;
    }
    throw new UnsupportedFormatException(source, "payload codec %s is not known", codec);
  }

  private static PayloadCodec decoder(
      String source, int codec, PayloadCodecProvider provider, byte[] dictionary)
      throws UnsupportedFormatException {
    try {
      return dictionary == null ? provider.decoder() : provider.decoder(dictionary);
    } catch (LinkageError e) {
      UnsupportedFormatException failure = new UnsupportedFormatException(
          source,
          "payload codec %s needs %s, which is missing on the class path or does not run here (%s)",
          codec,
          provider.library(),
          e);
      failure.initCause(e);
      throw failure;
    }
  }
}
