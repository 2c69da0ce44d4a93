package io.pleat.maintain;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** What a task of a reclaim found or did: files and bytes by outcome, rows as a bitmap, and what stopped it. Not thread-safe. */
final class ReclaimTally implements Serializable {
  private static final long serialVersionUID = 1;

  private final LinkedHashMap<String, long[]> counts = new LinkedHashMap<>();
  private final RoaringBitmap rows = new RoaringBitmap();
  private final ArrayList<String> failures = new ArrayList<>();
  private final ArrayList<String> kept = new ArrayList<>();

  void count(String outcome, long bytes) {
    count(outcome, 1, bytes);
  }

  void count(String outcome, long files, long bytes) {
    long[] count = counts.computeIfAbsent(outcome, name -> new long[2]);
    count[0] += files;
    count[1] += bytes;
  }

  /** Adds all but the rows. */
  void add(ReclaimTally other) {
    other.counts.forEach((outcome, count) -> count(outcome, count[0], count[1]));
    failures.addAll(other.failures);
    kept.addAll(other.kept);
  }

  /** Says that the run is to stop, and why. */
  void fail(String failure) {
    failures.add(failure);
  }

  /** Says that a file is kept where nobody looks for it. */
  void keep(String what) {
    kept.add(what);
  }

  /** When proving, ordinals of what was proven; when deleting, rows of the list whose original stands after all. */
  RoaringBitmap rows() {
    return rows;
  }

  List<String> failures() {
    return failures;
  }

  List<String> kept() {
    return kept;
  }

  /** Files and bytes by outcome. */
  Map<String, long[]> counts() {
    return counts;
  }
}
