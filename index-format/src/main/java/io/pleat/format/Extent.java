package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/** A byte range of one container; {@code offset} and {@code length} in bytes, end exclusive. */
public record Extent(ContainerId container, long offset, long length) {
  public Extent {
    requireNonNull(container, "container is null");
    checkArgument(offset >= 0 && length >= 0, "negative extent: %s+%s", offset, length);
    checkArgument(length <= Long.MAX_VALUE - offset, "extent overflows: %s+%s", offset, length);
  }
}
