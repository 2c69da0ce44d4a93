package io.pleat.read;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.Attributes;
import io.pleat.format.CorruptDataException;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.PathHash;
import io.pleat.format.PayloadExtent;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.util.Optional;

/** Finds live files and directories of a pinned snapshot by their paths. Thread-safe. */
final class PathLocator {
  private final PinnedSnapshot pinned;
  private final IndexBlockCache blocks;
  private final FilterCache filters;
  private final ReadStatistics statistics;

  PathLocator(
      PinnedSnapshot pinned,
      IndexBlockCache blocks,
      FilterCache filters,
      ReadStatistics statistics) {
    this.pinned = pinned;
    this.blocks = blocks;
    this.filters = filters;
    this.statistics = statistics;
  }

  /** What to make of a live file; captures nothing, so that a lookup makes no garbage. */
  private interface Use<T> {
    /**
     * @param number the container's
     * @param payload of a file that is there
     */
    Optional<T> use(LogicalPath path, int number, Optional<PayloadExtent> payload);
  }

  /** The live file at {@code path}, and what it takes to read it. */
  Optional<LocatedFile> locate(LogicalPath path) throws IOException {
    return file(
        path,
        (asked, number, payload) -> Optional.of(new LocatedFile(asked, number, payload.get())));
  }

  /** What it takes to read the live file at {@code path}. */
  Optional<PayloadExtent> payload(LogicalPath path) throws IOException {
    return file(path, (asked, number, payload) -> payload);
  }

  /** The live entry at {@code path}. */
  Optional<Entry> entry(LogicalPath path) throws IOException {
    Optional<LocatedFile> found = locate(path);
    return found.isEmpty() ? Optional.empty() : Optional.of(entry(found.get()));
  }

  /** The entry of a located file. */
  Entry entry(LocatedFile file) throws IOException {
    return blocks.with(file.container(), index -> index.entry(file.payload().ordinal()));
  }

  /** Applies {@code use} to the live file at {@code path}; nothing if there is none. */
  private <T> Optional<T> file(LogicalPath path, Use<T> use) throws IOException {
    statistics.lookups.increment();
    if (path.isRoot()) {
      return Optional.empty();
    }
    int only = pinned.ranges().only(path);
    if (only == ContainerRanges.NONE) {
      return Optional.empty();
    }
    long hash = PathHash.of(path);
    if (only != ContainerRanges.SEVERAL) {
      return fileIn(only, path, hash, use);
    }
    int[] candidates = pinned.ranges().containing(path);
    if (candidates.length == 1) {
      return fileIn(candidates[0], path, hash, use);
    }
    // Those without a filter come last: they must be searched to rule them out.
    statistics.sharedLookups.increment();
    IOException damage = null; // of one that may hold the path, and others may, too
    for (int at = filters.next(candidates, 0, hash);
        at < candidates.length;
        at = filters.next(candidates, at + 1, hash)) {
      statistics.sharedSearches.increment();
      try {
        Optional<T> found = fileIn(candidates[at], path, hash, use);
        if (found.isPresent()) {
          return found;
        }
      } catch (IOException e) {
        Interruptions.rethrow(e);
        damage = damage == null ? e : damage;
      }
    }
    for (int number : candidates) {
      if (!filters.has(number) && pinned.containers().get(number).entries() > 0) {
        statistics.sharedSearches.increment();
        try {
          Optional<T> found = fileIn(number, path, hash, use);
          if (found.isPresent()) {
            return found;
          }
        } catch (IOException e) {
          Interruptions.rethrow(e);
          damage = damage == null ? e : damage;
        }
      }
    }
    if (damage != null) {
      throw damage;
    }
    return Optional.empty();
  }

  private <T> Optional<T> fileIn(int number, LogicalPath path, long hash, Use<T> use)
      throws IOException {
    Optional<PayloadExtent> found = blocks.locate(number, path, hash);
    return found.isEmpty()
            || pinned.deletionVectors().get(number).contains(found.get().ordinal())
        ? Optional.empty()
        : use.use(path, number, found);
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
    MetDamage damage = new MetDamage();
    for (int container : pinned.ranges().containing(path.directoryKey())) {
      Optional<Attributes> attributes = Optional.empty();
      try {
        attributes = blocks.with(container, index -> {
          int row = index.findDirectory(utf8);
          return row >= 0 && isLiveRow(container, index, row)
              ? index.directory(row).attributes()
              : Optional.empty();
        });
      } catch (CorruptDataException | UnsupportedFormatException e) {
        damage.met(e);
      }
      if (attributes.isPresent()) {
        return Optional.of(new ListedItem(path, Optional.empty(), attributes));
      }
    }
    return path.isRoot() || hasLiveBelow(path, utf8, damage)
        ? Optional.of(new ListedItem(path, Optional.empty(), Optional.empty()))
        : Optional.empty();
  }

  private boolean hasLiveBelow(LogicalPath path, byte[] utf8, MetDamage damage) throws IOException {
    for (int container : pinned.ranges().meeting(KeySpan.subtreeOf(path))) {
      boolean found = damage.in(() -> blocks.with(container, index -> {
        int row = index.findDirectory(utf8);
        return row >= 0 && hasLiveBelow(container, index, index.directory(row));
      }));
      if (found) {
        return true;
      }
    }
    damage.throwIfMet();
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

  private boolean isLiveRow(int container, IndexBlock index, int row) throws IOException {
    return !pinned.deletionVectors().get(container).contains(index.entryCount() + row);
  }
}
