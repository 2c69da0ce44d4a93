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
 * @param fromContainers whether to make a new head first, if the newest snapshot or a file that it refers to is damaged
 * @param source what the dataset was folded from, where nothing that is left says so; else empty
 * @param setAside whether files that are beyond repair leave the dataset; otherwise they stay, and fail whoever reads them
 */
public record RepairRequest(
    String dataset,
    Map<String, String> configuration,
    Set<ContainerId> containers,
    boolean dryRun,
    boolean setAside,
    boolean fromContainers,
    String source) {
  public RepairRequest {
    requireNonNull(dataset, "dataset is null");
    requireNonNull(source, "source is null");
    configuration = Map.copyOf(configuration);
    containers = Set.copyOf(containers);
  }

  /** Leaves a damaged head alone. */
  public RepairRequest(
      String dataset,
      Map<String, String> configuration,
      Set<ContainerId> containers,
      boolean dryRun,
      boolean setAside) {
    this(dataset, configuration, containers, dryRun, setAside, false, "");
  }

  @Override
  public String toString() {
    return "repair " + dataset;
  }
}
