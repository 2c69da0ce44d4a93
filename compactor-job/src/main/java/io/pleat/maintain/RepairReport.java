package io.pleat.maintain;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a repair did; of a dry run, what it could do.
 *
 * @param version the newest snapshot afterwards
 * @param checked containers that were looked at
 * @param damaged containers that are damaged
 * @param mended of them, those that were replaced, with all or some of their files
 * @param catalogFiles files of the catalogue that were written anew
 * @param carried rows of damaged containers that were carried over as they are
 * @param rescued files whose bytes came from their unchanged originals
 * @param lost files that are beyond repair
 * @param head what a new head was made of; nothing if none was needed, or asked for
 * @param setAside whether those have left the dataset
 */
public record RepairReport(
    UUID runId,
    boolean dryRun,
    long version,
    int checked,
    int damaged,
    int mended,
    int catalogFiles,
    long carried,
    long rescued,
    long lost,
    boolean setAside,
    Optional<HeadReport> head,
    double seconds) {

  /** Whether the dataset is sound afterwards, as far as it was looked at. */
  public boolean isSound() {
    boolean headIsSound = head.isEmpty() || !dryRun && head.get().leftOut().isEmpty();
    return headIsSound && damaged == 0 && catalogFiles == 0
        || headIsSound && !dryRun && mended == damaged && (lost == 0 || setAside);
  }

  /** The same by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("runId", runId.toString());
    map.put("dryRun", dryRun);
    map.put("version", version);
    map.put("containersChecked", checked);
    map.put("containersDamaged", damaged);
    map.put("containersMended", mended);
    map.put("catalogFilesRewritten", catalogFiles);
    map.put("rowsCarried", carried);
    map.put("filesRescued", rescued);
    map.put("filesLost", lost);
    map.put("setAside", setAside);
    head.ifPresent(made -> map.put("head", made.toMap()));
    map.put("sound", isSound());
    map.put("seconds", seconds);
    return map;
  }
}
