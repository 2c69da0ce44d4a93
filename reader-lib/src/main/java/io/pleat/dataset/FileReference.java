package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.LogicalPath;
import java.io.Serializable;

/** A file of the dataset as whoever refers to it recorded it: its length in bytes and the CRC32C of all its bytes. */
public record FileReference(LogicalPath path, long length, int crc32c) implements Serializable {
  /** No file. */
  public static final FileReference NONE = new FileReference(LogicalPath.ROOT, 0, 0);

  public FileReference {
    requireNonNull(path, "path is null");
    checkArgument(length >= 0, "negative length: %s", length);
  }
}
