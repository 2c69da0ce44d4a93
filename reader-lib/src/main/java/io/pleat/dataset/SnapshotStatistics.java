package io.pleat.dataset;

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
    long sourceBlocks) {}
