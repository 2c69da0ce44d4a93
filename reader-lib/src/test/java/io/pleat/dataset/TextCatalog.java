package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** A catalogue as text, for tests that don't care. */
public final class TextCatalog implements CatalogWriter {
  @Override
  public FileReference writeContainers(Store dataset, List<ContainerSummary> containers)
      throws IOException {
    return write(
        dataset, "containers", containers.stream().map(ContainerSummary::id).toList());
  }

  @Override
  public FileReference writeDeadRows(
      Store dataset, List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead)
      throws IOException {
    Map<ContainerId, Integer> rows = new TreeMap<>();
    dead.forEach((container, vector) -> rows.put(container, vector.cardinality()));
    return write(dataset, "dead", rows);
  }

  private static FileReference write(Store dataset, String directory, Object content)
      throws IOException {
    LogicalPath path =
        LogicalPath.of("catalog/" + directory + "/" + UUID.randomUUID() + ".parquet");
    return ReferencedFile.write(dataset, path, content.toString().getBytes(UTF_8));
  }
}
