package io.pleat.format;

import static java.util.Objects.requireNonNull;

/** A byte range of one container; {@code offset} and {@code length} in bytes, end exclusive. */
public record Extent(ContainerId container, long offset, long length) {
  public Extent {
    requireNonNull(container, "container is null");
    if (offset < 0
        || length < 0
        || length > Long.MAX_VALUE - offset) { // no boxes: one for each lookup
      throw new IllegalArgumentException(
          (offset < 0 || length < 0 ? "negative extent: " : "extent overflows: ") + offset + "+"
              + length);
    }
  }
}
