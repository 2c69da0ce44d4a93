package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What was removed from a snapshot on purpose, looked up by path: a source file that is still the removed one is neither folded nor shown beside
 * the dataset. Holds the index blocks of all tombstones. Thread-safe.
 */
public final class RemovedFiles implements Closeable {
  private final List<Tombstones> containers = new ArrayList<>();

  private record Tombstones(
      ContainerSummary summary, DeletionVector dead, ByteSource file, ContainerReader reader) {}

  private RemovedFiles() {}

  /** Opens those of {@code snapshot}; the store stays the caller's to close, after this. */
  public static RemovedFiles open(Store dataset, Snapshot snapshot) throws IOException {
    DatasetLog log = DatasetLog.open(dataset);
    RemovedFiles removed = new RemovedFiles();
    boolean opened = false;
    try {
      for (ContainerSummary summary : log.tombstones(snapshot)) {
        removed.add(dataset, summary, log.deadTombstones(snapshot, summary.id()));
      }
      opened = true;
      return removed;
    } finally {
      if (!opened) {
        removed.close();
      }
    }
  }

  private void add(Store dataset, ContainerSummary summary, DeletionVector dead)
      throws IOException {
    ByteSource file = dataset.open(ContainerSummary.tombstonePathOf(summary.id()));
    ContainerReader reader = null;
    try {
      reader = ContainerReader.open(file, summary.id());
    } finally {
      if (reader == null) {
        file.close();
      }
    }
    containers.add(new Tombstones(summary, dead, file, reader));
  }

  /** Whether a source file of this path, length and attributes is one that was removed. */
  public boolean contains(LogicalPath path, long length, Attributes attributes) throws IOException {
    if (containers.isEmpty() || path.isRoot()) {
      return false;
    }
    byte[] key = path.fileKey();
    for (Tombstones tombstones : containers) {
      if (tombstones.summary.range().contains(key)) {
        int ordinal = tombstones.reader.index().find(path.utf8());
        if (ordinal >= 0 && !tombstones.dead.contains(ordinal)) {
          Entry stone = tombstones.reader.index().entry(ordinal);
          if (areSame(stone.length(), stone.attributes(), length, attributes)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Whether a file is the one that was removed: length, mtime and etag are equal. */
  public static boolean areSame(
      long removedLength, Attributes removed, long length, Attributes file) {
    return removedLength == length
        && removed.mtimeSeconds() == file.mtimeSeconds()
        && removed.mtimeNanos() == file.mtimeNanos()
        && removed.etag().equals(file.etag());
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Tombstones tombstones : containers) {
      try (ByteSource file = tombstones.file;
          ContainerReader reader = tombstones.reader) {
        continue;
      } catch (IOException e) {
        failure = e;
      }
    }
    containers.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
