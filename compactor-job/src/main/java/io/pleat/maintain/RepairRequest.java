package io.pleat.maintain;

import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerId;
import java.util.Map;
import java.util.Set;

/**
 * What to repair.
 *
 * @param dataset location of the dataset
 * @param configuration Hadoop settings for it and its source; may hold secrets, so it is never logged
 * @param containers those to look at; all if empty
 * @param dryRun whether only to say what could be done
 * @param setAside whether files that are beyond repair leave the dataset; otherwise they stay, and fail whoever reads them
 */
public record RepairRequest(
    String dataset,
    Map<String, String> configuration,
    Set<ContainerId> containers,
    boolean dryRun,
    boolean setAside) {
  public RepairRequest {
    requireNonNull(dataset, "dataset is null");
    configuration = Map.copyOf(configuration);
    containers = Set.copyOf(containers);
  }

  @Override
  public String toString() {
    return "repair " + dataset;
  }
}
