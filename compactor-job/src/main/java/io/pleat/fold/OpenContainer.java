package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;

/** A container's index block, opened for a look. */
final class OpenContainer implements AutoCloseable {
  private final ByteSource source;
  private final ContainerReader reader;

  private OpenContainer(ByteSource source, ContainerReader reader) {
    this.source = source;
    this.reader = reader;
  }

  static OpenContainer of(Store dataset, ContainerId id) throws IOException {
    return at(dataset, ContainerSummary.pathOf(id), id);
  }

  static OpenContainer ofTombstones(Store dataset, ContainerId id) throws IOException {
    return at(dataset, ContainerSummary.tombstonePathOf(id), id);
  }

  private static OpenContainer at(Store dataset, LogicalPath path, ContainerId id)
      throws IOException {
    ByteSource source = dataset.open(path);
    try {
      return new OpenContainer(source, ContainerReader.open(source, id));
    } catch (IOException | RuntimeException e) {
      try (source) {
        throw e;
      }
    }
  }

  IndexBlock index() {
    return reader.index();
  }

  @Override
  public void close() throws IOException {
    try (ByteSource closed = source) {
      reader.close();
    }
  }
}
