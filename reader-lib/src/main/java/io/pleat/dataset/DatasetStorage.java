package io.pleat.dataset;

/**
 * What a dataset takes up in its store.
 *
 * @param containerFiles containers of one snapshot
 * @param containerBytes their length
 * @param otherFiles every other file at the dataset's location: snapshots, manifests, deletion vectors, catalogue, run records, and
 *     whatever no snapshot refers to
 * @param otherBytes their length
 */
public record DatasetStorage(
    long containerFiles, long containerBytes, long otherFiles, long otherBytes) {
  /** All files. */
  public long files() {
    return containerFiles + otherFiles;
  }

  /** All bytes. */
  public long bytes() {
    return containerBytes + otherBytes;
  }
}
