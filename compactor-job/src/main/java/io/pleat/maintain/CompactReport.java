package io.pleat.maintain;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What a compaction did; of a dry run, what it would do.
 *
 * @param version the newest snapshot afterwards
 * @param commits snapshots that it made
 * @param containersBefore containers of the snapshot that it found
 * @param removed containers that were rewritten, and are part of the dataset no more
 * @param added containers that took their place; of a dry run, about
 * @param bytesRemoved length of those removed; it is free once the snapshots before have expired
 * @param bytesAdded length of those added; of a dry run, at most
 * @param dropped tasks whose work was in vain, because others had rewritten the same containers
 * @param leftBehind files whose bytes are damaged, and that stay in their old container
 * @param broken containers that could not be walked
 * @param failed tasks that damage ended
 */
public record CompactReport(
    UUID runId,
    boolean dryRun,
    long version,
    int commits,
    int containersBefore,
    int removed,
    int added,
    long bytesRemoved,
    long bytesAdded,
    int dropped,
    long leftBehind,
    int broken,
    int failed,
    double seconds) {

  /** Whether no damage was met. */
  public boolean isSound() {
    return leftBehind == 0 && broken == 0 && failed == 0;
  }

  /** The same by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("runId", runId.toString());
    map.put("dryRun", dryRun);
    map.put("version", version);
    map.put("commits", commits);
    map.put("containersBefore", containersBefore);
    map.put("containersRemoved", removed);
    map.put("containersAdded", added);
    map.put("bytesRemoved", bytesRemoved);
    map.put("bytesAdded", bytesAdded);
    map.put("tasksDropped", dropped);
    map.put("filesLeftBehind", leftBehind);
    map.put("containersBroken", broken);
    map.put("tasksFailed", failed);
    map.put("seconds", seconds);
    return map;
  }
}
