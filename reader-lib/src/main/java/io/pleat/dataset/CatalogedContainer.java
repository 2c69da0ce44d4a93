package io.pleat.dataset;

import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;

/**
 * What the catalogue says of a container: less than a manifest does.
 *
 * @param length of the whole file, in bytes
 * @param crc32c of the whole file
 * @param entries files in the index block, live or dead
 * @param sequence the snapshot version that added it
 * @param rows the file of the catalogue that has its rows, below the dataset
 */
public record CatalogedContainer(
    ContainerId id, long length, int crc32c, int entries, long sequence, LogicalPath rows) {
  public CatalogedContainer {
    requireNonNull(id, "id is null");
    requireNonNull(rows, "rows is null");
  }
}
