package io.pleat.read.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.connector.read.InputPartition;

/**
 * A part of a container: the entries from {@code from} (inclusive) to {@code to} (exclusive).
 *
 * @param container its number in the snapshot
 */
record Slice(int container, int from, int to) implements Serializable {
  /**
   * What one task reads.
   *
   * @param hosts where most of it lies
   */
  record Task(List<Slice> slices, List<String> hosts) implements InputPartition {
    @Override
    public String[] preferredLocations() {
      return hosts.toArray(String[]::new);
    }
  }
}
