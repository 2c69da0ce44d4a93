package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * One finished part of the list of files that a run left loose.
 *
 * @param path below the dataset
 * @param length of the file, in bytes
 * @param crc32c of the file
 * @param rows how many loose files it names
 */
public record LooseList(String path, long length, int crc32c, long rows) implements Serializable {
  public LooseList {
    requireNonNull(path, "path is null");
    checkArgument(length >= 0 && rows >= 0, "negative size: %s bytes, %s rows", length, rows);
  }
}
