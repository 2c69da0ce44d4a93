package io.pleat.maintain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a new head was made of, or would be.
 *
 * @param version the new head; of a dry run the version that it would get
 * @param base the readable snapshot that it starts from; 0 if there is none
 * @param damaged what is damaged or missing of the head, a line each
 * @param containers containers of the new head
 * @param found of them, those that no readable manifest lists
 * @param rewritten of those, the ones that were made anew from records, as their index block is damaged
 * @param files live files
 * @param superseded files that gave way to a newer one of their path
 * @param removed rows that are dead by the catalogue or by a tombstone, not by a deletion vector
 * @param unknown what cannot be known, a line each: which deletes may come back, for one
 * @param leftOut containers of which nothing can be made out; their files stay where they are
 */
public record HeadReport(
    long version,
    long base,
    List<String> damaged,
    int containers,
    int found,
    int rewritten,
    long files,
    long superseded,
    long removed,
    List<String> unknown,
    List<String> leftOut) {
  public HeadReport {
    damaged = List.copyOf(damaged);
    unknown = List.copyOf(unknown);
    leftOut = List.copyOf(leftOut);
  }

  /** The same by name, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", version);
    map.put("base", base);
    map.put("damaged", damaged);
    map.put("containers", containers);
    map.put("found", found);
    map.put("rewritten", rewritten);
    map.put("files", files);
    map.put("superseded", superseded);
    map.put("removed", removed);
    map.put("unknown", unknown);
    map.put("leftOut", leftOut);
    return map;
  }
}
