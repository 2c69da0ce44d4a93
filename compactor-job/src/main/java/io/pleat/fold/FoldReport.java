package io.pleat.fold;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What a fold did. Counts of the dataset are those of the snapshot that stands after it.
 *
 * @param runId names the record {@code _pleat/runs/<run id>.json}
 * @param dryRun whether nothing was written; then the counts are what a fold would give
 * @param committed the version that this run committed; absent if there was nothing to do or it was a dry run
 * @param version the version that stands now; 0 if there is none
 * @param newFiles files that this run folded or recorded as pass-through
 * @param newBytes original bytes that this run folded
 * @param newContainers containers that this run wrote
 * @param files live entries
 * @param looseFiles small files that the dataset does not hold as they now are
 * @param notKept what cannot be kept, by what it is (symbolic links, pipes, ...): how many were seen
 * @param looseSample the first few loose files, at most {@value #SAMPLE_SIZE} a reason
 * @param metadataBytes the dataset's bytes that are neither payload nor index: record headers, snapshots, manifests, deletion
 *     vectors, catalogue
 * @param objectsBefore regular files of the source
 * @param objectsAfter every file that the dataset consists of, plus pass-through and loose files
 * @param seconds wall time of the fold, the engine's start not included
 * @param phases wall seconds by phase, in order
 */
public record FoldReport(
    UUID runId,
    boolean dryRun,
    OptionalLong committed,
    long version,
    long newFiles,
    long newBytes,
    int newContainers,
    long files,
    long foldedFiles,
    long passThroughFiles,
    long looseFiles,
    Map<String, Long> looseByReason,
    Map<String, Long> notKept,
    List<LooseFile> looseSample,
    int containers,
    long payloadBytes,
    long storedBytes,
    long indexBytes,
    long metadataBytes,
    long objectsBefore,
    long objectsAfter,
    double seconds,
    Map<String, Double> phases) {

  /** Loose files a reason that the report itself names. */
  public static final int SAMPLE_SIZE = 5;

  /** Share of the source's objects that are no longer needed, 0 to 1. */
  public double objectReduction() {
    return objectsBefore == 0 ? 0 : Math.max(0, 1 - (double) objectsAfter / objectsBefore);
  }

  /** A file that was left loose, and why. */
  public record LooseFile(String path, String reason) {}
}
