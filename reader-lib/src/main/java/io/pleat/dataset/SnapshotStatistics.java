package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

/**
 * Totals of a snapshot's live entries and its own files.
 *
 * @param files live entries: folded and pass-through
 * @param foldedFiles live entries whose bytes are in a container
 * @param passThroughFiles live entries whose bytes stay under the source root
 * @param directories directories with recorded attributes
 * @param payloadBytes original bytes of the live folded files
 * @param storedBytes stored bytes of the live folded files
 * @param passThroughBytes bytes of the live pass-through files
 * @param indexBytes index blocks and footers of all containers
 * @param looseFiles small files that the last fold left loose
 * @param sourceFiles regular files that the last fold found in the source
 * @param sourceDirectories directories that the last fold found in the source, the root included
 * @param sourceBlocks name node blocks of the source's regular files; 0 where there is no name node
 */
public record SnapshotStatistics(
    long files,
    long foldedFiles,
    long passThroughFiles,
    long directories,
    long payloadBytes,
    long storedBytes,
    long passThroughBytes,
    long indexBytes,
    long looseFiles,
    long sourceFiles,
    long sourceDirectories,
    long sourceBlocks) {

  /** What a dataset without a snapshot holds; as a change, none. */
  public static final SnapshotStatistics NONE =
      new SnapshotStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /**
   * The totals after a change: live totals are added, {@code looseFiles} and the source's fields are the change's.
   *
   * @param indexBytes of all containers after the change
   * @throws IllegalArgumentException if a total turns negative or overflows
   */
  SnapshotStatistics plus(SnapshotStatistics change, long indexBytes) {
    return new SnapshotStatistics(
        total("files", files, change.files),
        total("foldedFiles", foldedFiles, change.foldedFiles),
        total("passThroughFiles", passThroughFiles, change.passThroughFiles),
        total("directories", directories, change.directories),
        total("payloadBytes", payloadBytes, change.payloadBytes),
        total("storedBytes", storedBytes, change.storedBytes),
        total("passThroughBytes", passThroughBytes, change.passThroughBytes),
        total("indexBytes", 0, indexBytes),
        total("looseFiles", 0, change.looseFiles),
        total("sourceFiles", 0, change.sourceFiles),
        total("sourceDirectories", 0, change.sourceDirectories),
        total("sourceBlocks", 0, change.sourceBlocks));
  }

  /** The same live totals, but what the last fold found in the source as {@code other} has it. */
  SnapshotStatistics withSourceOf(SnapshotStatistics other) {
    return new SnapshotStatistics(
        files,
        foldedFiles,
        passThroughFiles,
        directories,
        payloadBytes,
        storedBytes,
        passThroughBytes,
        indexBytes,
        other.looseFiles,
        other.sourceFiles,
        other.sourceDirectories,
        other.sourceBlocks);
  }

  private static long total(String name, long base, long delta) {
    long total = base + delta;
    checkArgument(
        total >= 0 && ((base ^ total) & (delta ^ total)) >= 0,
        "%s would be %s after adding %s",
        name,
        total,
        delta);
    return total;
  }
}
