package io.pleat.maintain;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a task of a reclaim found or did: files and bytes by outcome, a failure, and rows whose mark is to go. Not thread-safe. */
final class ReclaimTally implements Serializable {
  private static final long serialVersionUID = 1;

  private final LinkedHashMap<String, long[]> counts = new LinkedHashMap<>();
  private final ArrayList<ReclaimRow> rows = new ArrayList<>();
  private final ArrayList<String> failures = new ArrayList<>();
  private final String list;

  ReclaimTally(String list) {
    this.list = list;
  }

  String list() {
    return list;
  }

  void count(String outcome, long bytes) {
    long[] count = counts.computeIfAbsent(outcome, name -> new long[2]);
    count[0]++;
    count[1] += bytes;
  }

  void add(ReclaimTally other) {
    other.counts.forEach((outcome, count) -> {
      long[] sum = counts.computeIfAbsent(outcome, name -> new long[2]);
      sum[0] += count[0];
      sum[1] += count[1];
    });
    failures.addAll(other.failures);
  }

  void fail(String failure) {
    failures.add(failure);
  }

  void add(ReclaimRow row) {
    rows.add(row);
  }

  /** When proving, what was proven; when deleting, whose original stands after all. */
  List<ReclaimRow> rows() {
    return rows;
  }

  List<String> failures() {
    return failures;
  }

  /** Files and bytes by outcome. */
  Map<String, long[]> counts() {
    return counts;
  }
}
