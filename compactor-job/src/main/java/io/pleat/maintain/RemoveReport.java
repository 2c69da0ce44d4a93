package io.pleat.maintain;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What was removed.
 *
 * @param runId names the record {@code _pleat/runs/<run id>.json}
 * @param version the snapshot without it; of a dry run, the one that has it
 * @param files live entries that are dead now
 * @param bytes their original bytes, pass-through ones included
 * @param directories recorded directories that are dead now
 * @param onlyCopies how many of the files had no original any more
 */
public record RemoveReport(
    UUID runId,
    boolean dryRun,
    long version,
    long files,
    long bytes,
    long directories,
    long onlyCopies) {

  /** The same by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("runId", runId.toString());
    map.put("dryRun", dryRun);
    map.put("version", version);
    map.put("files", files);
    map.put("bytes", bytes);
    map.put("directories", directories);
    map.put("onlyCopies", onlyCopies);
    return map;
  }
}
