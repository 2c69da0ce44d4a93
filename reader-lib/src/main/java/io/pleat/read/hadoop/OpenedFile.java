package io.pleat.read.hadoop;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.ByteSource;

/**
 * A file that a {@link Tree} opened.
 *
 * @param window how many bytes it is worth reading at once, at least 1
 */
record OpenedFile(ByteSource source, int window) {
  /** For a file whose bytes are all in memory once the first was read. */
  static final int IN_MEMORY = 4 << 10;

  /** For a file that is read from its store piece by piece. */
  static final int AT_STORE = 1 << 20;

  OpenedFile {
    requireNonNull(source, "source is null");
    checkArgument(window > 0, "window of %s bytes", window);
  }
}
