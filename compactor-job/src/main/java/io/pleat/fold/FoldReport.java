package io.pleat.fold;

import java.util.LinkedHashMap;
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
 * @param peakBufferedBytes most bytes that one task's reads held at once
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
    Map<String, Double> phases,
    long peakBufferedBytes) {

  /** Loose files a reason that the report itself names. */
  public static final int SAMPLE_SIZE = 5;

  /** Share of the source's objects that are no longer needed, 0 to 1. */
  public double objectReduction() {
    return objectsBefore == 0 ? 0 : Math.max(0, 1 - (double) objectsAfter / objectsBefore);
  }

  /** The report as plain values, for JSON: the names are those of the components and of what is derived from them. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("runId", runId.toString());
    map.put("dryRun", dryRun);
    map.put("committed", committed.isPresent());
    map.put("version", version);
    map.put("newFiles", newFiles);
    map.put("newBytes", newBytes);
    map.put("newContainers", newContainers);
    map.put("files", files);
    map.put("foldedFiles", foldedFiles);
    map.put("passThroughFiles", passThroughFiles);
    map.put("looseFiles", looseFiles);
    map.put("looseByReason", looseByReason);
    map.put("notKept", notKept);
    map.put("containers", containers);
    map.put("payloadBytes", payloadBytes);
    map.put("storedBytes", storedBytes);
    map.put("indexBytes", indexBytes);
    map.put("metadataBytes", metadataBytes);
    map.put("objectsBefore", objectsBefore);
    map.put("objectsAfter", objectsAfter);
    map.put("objectReduction", objectReduction());
    map.put("seconds", seconds);
    map.put("filesPerSecond", seconds > 0 ? newFiles / seconds : 0);
    map.put("bytesPerSecond", seconds > 0 ? newBytes / seconds : 0);
    map.put("phases", phases);
    map.put("peakBufferedBytes", peakBufferedBytes);
    return map;
  }

  /** A file that was left loose, and why. */
  public record LooseFile(String path, String reason) {}
}
