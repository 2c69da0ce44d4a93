package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The directories of a source that deletions have emptied, and those above them that this empties in turn. One goes if nothing is in it and the dataset has
 * its mode, owner and group; the root stays. Not thread-safe.
 */
final class EmptiedDirectories {
  private final Store source;
  private final FoldedDataset held;
  private final Set<LogicalPath> candidates = new LinkedHashSet<>();

  EmptiedDirectories(Store source, FoldedDataset held) {
    this.source = source;
    this.held = held;
  }

  /** A file of this path was deleted. */
  void deleted(LogicalPath file) {
    candidates.add(file.parent());
  }

  /** Deletes those that are empty; how many there were. */
  long remove() throws IOException {
    long removed = 0;
    for (LogicalPath candidate : candidates) {
      LogicalPath directory = candidate;
      while (!directory.isRoot() && isHeld(directory) && source.deleteIfEmpty(directory)) {
        removed++;
        directory = directory.parent();
      }
    }
    return removed;
  }

  /** Whether unfolding would bring it back as it is, but for the time that the deletions have changed. */
  private boolean isHeld(LogicalPath directory) throws IOException {
    Optional<FileInfo> found = source.stat(directory);
    Optional<Attributes> recorded = held.find(directory).flatMap(ListedItem::directoryAttributes);
    if (found.isEmpty() || found.get().kind() != FileInfo.Kind.DIRECTORY || recorded.isEmpty()) {
      return false;
    }
    Attributes now = found.get().attributes();
    return now.mode() == recorded.get().mode()
        && now.owner().equals(recorded.get().owner())
        && now.group().equals(recorded.get().group());
  }
}
