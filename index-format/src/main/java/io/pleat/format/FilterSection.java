package io.pleat.format;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Serializable;

/**
 * Where a container's filter section lies, as whoever refers to the container records it; see {@link PathFilter}.
 *
 * @param offset in the container, in bytes
 * @param length in bytes
 * @param crc32c its bound CRC
 */
public record FilterSection(long offset, int length, int crc32c) implements Serializable {
  /** That of a container without a filter. */
  public static final FilterSection NONE = new FilterSection(0, 0, 0);

  public FilterSection {
    checkArgument(
        length == 0
            ? offset == 0 && crc32c == 0
            : offset > 0 && length >= PageLocator.HEADER_LENGTH && length <= IndexBlock.MAX_LENGTH,
        "impossible filter section: %s+%s",
        offset,
        length);
  }

  /** Whether there is one. */
  public boolean isPresent() {
    return length > 0;
  }
}
