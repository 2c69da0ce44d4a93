package io.pleat.fold;

import static java.util.Objects.requireNonNull;

import io.pleat.dataset.ContainerSummary;
import java.io.Serializable;

/**
 * A container of the base snapshot.
 *
 * @param index its place in the base's list, which has the containers first and then those of tombstones
 * @param tombstones whether it is one of tombstones
 */
public record HeldContainer(int index, ContainerSummary summary, boolean tombstones)
    implements Serializable {
  public HeldContainer {
    requireNonNull(summary, "summary is null");
  }
}
