package io.pleat.read;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.Attributes;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.util.Optional;

/** Finds live files and directories of a pinned snapshot by their paths. Thread-safe. */
final class PathLocator {
  private final PinnedSnapshot pinned;
  private final IndexBlockCache blocks;
  private final ReadStatistics statistics;

  PathLocator(PinnedSnapshot pinned, IndexBlockCache blocks, ReadStatistics statistics) {
    this.pinned = pinned;
    this.blocks = blocks;
    this.statistics = statistics;
  }

  /** What to do with a live file while its container is on loan. */
  interface Use<T> {
    /** @param number the container's */
    T use(int number, IndexedContainer container, int ordinal) throws IOException;
  }

  /** Applies {@code use} to the live file at {@code path}; nothing if there is none. */
  <T> Optional<T> file(LogicalPath path, Use<T> use) throws IOException {
    statistics.lookups.increment();
    if (path.isRoot()) {
      return Optional.empty();
    }
    int[] candidates = pinned.ranges().containing(path.fileKey());
    if (candidates.length == 0) {
      return Optional.empty();
    }
    byte[] utf8 = path.utf8();
    for (int number : candidates) {
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(number)) {
        int ordinal = lease.value().index().find(utf8);
        if (ordinal >= 0 && !pinned.deletionVectors().get(number).contains(ordinal)) {
          return Optional.of(use.use(number, lease.value(), ordinal));
        }
      }
    }
    return Optional.empty();
  }

  /** The live entry at {@code path}. */
  Optional<Entry> entry(LogicalPath path) throws IOException {
    return file(path, (number, container, ordinal) -> container.index().entry(ordinal));
  }

  /** The live file or directory at {@code path}. */
  Optional<ListedItem> find(LogicalPath path) throws IOException {
    Optional<Entry> entry = entry(path);
    return entry.isPresent()
        ? Optional.of(new ListedItem(path, entry, Optional.empty()))
        : directory(path);
  }

  /**
   * The directory at {@code path}, if it has a live row or anything live is below it; the root always is there. Its attributes are
   * those of the live row in the newest container.
   */
  Optional<ListedItem> directory(LogicalPath path) throws IOException {
    byte[] utf8 = path.utf8();
    for (int container : pinned.ranges().containing(path.directoryKey())) {
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
        IndexBlock index = lease.value().index();
        int row = index.findDirectory(utf8);
        if (row >= 0 && isLiveRow(container, index, row)) {
          Optional<Attributes> attributes = index.directory(row).attributes();
          if (attributes.isPresent()) {
            return Optional.of(new ListedItem(path, Optional.empty(), attributes));
          }
        }
      }
    }
    return path.isRoot() || hasLiveBelow(path, utf8)
        ? Optional.of(new ListedItem(path, Optional.empty(), Optional.empty()))
        : Optional.empty();
  }

  private boolean hasLiveBelow(LogicalPath path, byte[] utf8) throws IOException {
    for (int container : pinned.ranges().meeting(KeySpan.subtreeOf(path))) {
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
        IndexBlock index = lease.value().index();
        int row = index.findDirectory(utf8);
        if (row >= 0 && hasLiveBelow(container, index, index.directory(row))) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean hasLiveBelow(int container, IndexBlock index, DirectoryEntry directory)
      throws IOException {
    DeletionVector dead = pinned.deletionVectors().get(container);
    if (directory.firstEntry() < directory.subtreeEndEntry()
        && !dead.containsAll(directory.firstEntry(), directory.subtreeEndEntry())) {
      return true;
    }
    for (int row = directory.index(); row < directory.subtreeEndIndex(); row++) {
      if (isLiveRow(container, index, row) && index.directory(row).attributes().isPresent()) {
        return true;
      }
    }
    return false;
  }

  private boolean isLiveRow(int container, IndexBlock index, int row) {
    return !pinned.deletionVectors().get(container).contains(index.entryCount() + row);
  }
}
