package io.pleat.format;

/** Format version and feature bits. */
final class Features {
  /** A draft; its bytes may still change. */
  static final int VERSION = 0;

  /** Required features that this reader knows: none are defined yet. */
  static final int KNOWN_REQUIRED = 0;

  private Features() {}

  /** Refuses what this reader cannot read; unknown optional features are ignored, so nobody asks for them. */
  static void check(String source, int version, int required) throws UnsupportedFormatException {
    if (version != VERSION) {
      throw new UnsupportedFormatException(
          source, "container format version is %s, supported is %s", version, VERSION);
    }
    int unknown = required & ~KNOWN_REQUIRED;
    if (unknown != 0) {
      throw new UnsupportedFormatException(
          source,
          "container needs required features 0x%08x, supported are 0x%08x",
          unknown,
          KNOWN_REQUIRED);
    }
  }
}
