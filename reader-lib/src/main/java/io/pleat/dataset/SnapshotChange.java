package io.pleat.dataset;

import io.pleat.format.ContainerId;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a commit does to its base: containers that it adds and rows that it marks dead.
 *
 * @param added containers that are durable and checked; their sequence is set by the commit
 * @param newlyDead rows to mark dead in containers of the base or of {@code added}, united with what is dead already
 * @param liveDelta what the change adds to (or, negative, takes from) the live totals of the base; its source fields replace the
 *     base's
 */
public record SnapshotChange(
    String operation,
    UUID runId,
    String sourceRoot,
    List<ContainerSummary> added,
    Map<ContainerId, DeletionVector> newlyDead,
    SnapshotStatistics liveDelta) {

  public SnapshotChange {
    added = List.copyOf(added);
    newlyDead = Map.copyOf(newlyDead);
  }

  /** Whether committing it would change nothing. */
  public boolean isEmpty() {
    return added.isEmpty() && newlyDead.values().stream().allMatch(DeletionVector::isEmpty);
  }
}
