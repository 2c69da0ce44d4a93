package io.pleat.format;

/** Format version and feature bits. */
final class Features {
  /** The first version that is frozen: entries in pages, found by a locator. Version 0 was a draft. */
  static final int VERSION_PAGES = 1;

  /** Required features that this reader knows: none are defined yet. */
  static final int KNOWN_REQUIRED = 0;

  private Features() {}

  /** Refuses what this reader cannot read; unknown optional features are ignored, so nobody asks for them. */
  static void check(String source, int version, int required) throws UnsupportedFormatException {
    if (version != VERSION_PAGES) {
      throw new UnsupportedFormatException(
          source, "container format version is %s, supported is %s", version, VERSION_PAGES);
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
