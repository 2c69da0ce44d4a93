package io.pleat.dataset;

import io.pleat.format.ContainerId;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes the parts of the catalogue that belong to a commit; implemented by a leaf. */
public interface CatalogWriter {
  /** Writes one row a container and returns the new file's reference. */
  FileReference writeContainers(Store dataset, List<ContainerSummary> containers)
      throws IOException;

  /** Writes one row a dead entry (not for dead directories) and returns the new file's reference. */
  FileReference writeDeadRows(
      Store dataset, List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead)
      throws IOException;
}
