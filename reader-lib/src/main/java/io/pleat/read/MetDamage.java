package io.pleat.read;

import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;

/** Damaged containers that were met on a way that goes on without them: whoever comes to the end without an answer says so. Not thread-safe. */
final class MetDamage {
  private IOException first;

  /** A look into one container. */
  interface Look {
    boolean look() throws IOException;
  }

  /** What the look gives; false, and noted, if the container is damaged or missing. */
  boolean in(Look look) throws IOException {
    try {
      return look.look();
    } catch (CorruptDataException | UnsupportedFormatException e) {
      met(e);
      return false;
    }
  }

  void met(IOException damage) {
    if (first == null) {
      first = damage;
    }
  }

  /** Ends the way: what was not found may be in a damaged container. */
  void throwIfMet() throws IOException {
    if (first != null) {
      throw first;
    }
  }
}
