package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tombstones of a snapshot: what was removed from the dataset on purpose and may still stand in its source. Held in memory, off the
 * heap. Thread-safe.
 */
public final class RemovedItems implements Closeable {
  /** The tombstones of one container, and which of them are superseded. */
  private record Container(ContainerSummary summary, IndexBlock index, DeletionVector dead) {}

  private final List<Container> containers;

  private RemovedItems(List<Container> containers) {
    this.containers = containers;
  }

  /** Loads the tombstones of a snapshot of the dataset rooted at {@code store}. */
  static RemovedItems load(Store store, Snapshot snapshot) throws IOException {
    DatasetLog log = DatasetLog.open(store);
    List<Container> loaded = new ArrayList<>();
    RemovedItems items = new RemovedItems(loaded);
    try {
      for (ContainerSummary summary : log.tombstones(snapshot)) {
        DeletionVector dead = log.deadTombstones(snapshot, summary.id());
        LogicalPath path = ContainerSummary.tombstonePathOf(summary.id());
        try (ByteSource source = store.open(path)) {
          loaded.add(new Container(
              summary, IndexBlock.open(source, summary.indexOffset(), summary.id()), dead));
        }
      }
      return items;
    } catch (Throwable e) {
      items.close();
      throw e;
    }
  }

  /** Whether {@code found}, a file or directory of the source, is as it was when it was removed. */
  public boolean holds(FileInfo found) throws IOException {
    boolean directory = found.kind() == FileInfo.Kind.DIRECTORY;
    byte[] key = directory ? found.path().directoryKey() : found.path().fileKey();
    byte[] utf8 = found.path().utf8();
    for (Container container : containers) {
      if (container.summary().range().contains(key)
          && (directory
              ? holdsDirectory(container, utf8, found)
              : holdsFile(container, utf8, found))) {
        return true;
      }
    }
    return false;
  }

  private static boolean holdsFile(Container container, byte[] path, FileInfo found)
      throws IOException {
    int ordinal = container.index().find(path);
    if (ordinal < 0 || container.dead().contains(ordinal)) {
      return false;
    }
    Entry entry = container.index().entry(ordinal);
    Attributes then = entry.attributes();
    Attributes now = found.attributes();
    return entry.length() == found.length()
        && then.mtimeSeconds() == now.mtimeSeconds()
        && then.mtimeNanos() == now.mtimeNanos()
        && then.etag().equals(now.etag());
  }

  private static boolean holdsDirectory(Container container, byte[] path, FileInfo found)
      throws IOException {
    int row = container.index().findDirectory(path);
    if (row < 0 || container.dead().contains(container.index().entryCount() + row)) {
      return false;
    }
    Optional<Attributes> then = container.index().directory(row).attributes();
    return then.isPresent() && then.get().equals(found.attributes());
  }

  @Override
  public void close() {
    containers.forEach(container -> container.index().close());
  }
}
