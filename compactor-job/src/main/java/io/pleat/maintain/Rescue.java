package io.pleat.maintain;

import io.pleat.format.Payload;
import java.io.IOException;
import java.util.Optional;

/** Where else the bytes of a damaged file may be found. */
interface Rescue {
  /** Nowhere. */
  Rescue NONE = row -> Optional.empty();

  /** The file's original bytes, proven to be what was folded; nothing if they are nowhere. */
  Optional<Payload> payload(LiveRow row) throws IOException;
}
