package io.pleat.maintain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a reclaim did.
 *
 * @param version the newest snapshot at its end
 * @param commits how many snapshots it added
 * @param outcomes files by outcome, in the order of the first of each
 * @param bytes their bytes
 * @param failures proofs that failed; the run stopped at the first
 * @param keptAside files that stand aside, as they were changed and their name was taken meanwhile: somebody has to look
 * @param keptBySnapshots directories of the source whose snapshots keep the space
 */
public record ReclaimReport(
    boolean dryRun,
    long version,
    int commits,
    Map<String, Long> outcomes,
    Map<String, Long> bytes,
    List<String> failures,
    List<String> keptAside,
    List<String> keptBySnapshots,
    double seconds) {
  /** In the order of appearance, for records and JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("dryRun", dryRun);
    all.put("version", version);
    all.put("commits", commits);
    all.put("files", outcomes);
    all.put("bytes", bytes);
    all.put("failures", failures);
    all.put("keptAside", keptAside);
    all.put("keptBySnapshots", keptBySnapshots);
    all.put("seconds", seconds);
    return all;
  }
}
