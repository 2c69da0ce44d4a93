package io.pleat.maintain;

import io.pleat.dataset.KeyRange;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which files and subtrees are wanted: outermost paths only, so that none is chosen twice, ordered as a walk of the tree meets them.
 *
 * @param paths empty for everything
 */
record Selection(List<LogicalPath> paths) {
  static Selection of(List<LogicalPath> wanted) {
    if (wanted.stream().anyMatch(LogicalPath::isRoot)) {
      return new Selection(List.of());
    }
    List<LogicalPath> sorted = new ArrayList<>(wanted);
    sorted.sort(Comparator.comparing(LogicalPath::directoryKey, Arrays::compareUnsigned));
    List<LogicalPath> outermost = new ArrayList<>();
    for (LogicalPath path : sorted) {
      if (outermost.isEmpty() || !path.startsWith(outermost.get(outermost.size() - 1))) {
        outermost.add(path);
      }
    }
    return new Selection(List.copyOf(outermost));
  }

  boolean isEverything() {
    return paths.isEmpty();
  }

  /** Whether a container with keys in {@code range} may hold something wanted. */
  boolean mayTouch(KeyRange range) {
    return isEverything()
        || paths.stream()
            .anyMatch(path -> range.contains(path.fileKey())
                || range.mayHoldPrefix(SortKey.subtreePrefix(path.utf8())));
  }

  /** The wanted entries of a container, in ascending order. */
  List<Ordinals> ordinals(IndexBlock index) throws IOException {
    if (isEverything()) {
      return List.of(new Ordinals(0, index.entryCount()));
    }
    List<Ordinals> ranges = new ArrayList<>();
    for (LogicalPath path : paths) {
      int file = index.find(path.utf8());
      if (file >= 0) {
        ranges.add(new Ordinals(file, file + 1));
      }
      int directory = index.findDirectory(path.utf8());
      if (directory >= 0) {
        DirectoryEntry entry = index.directory(directory);
        ranges.add(new Ordinals(entry.firstEntry(), entry.subtreeEndEntry()));
      }
    }
    ranges.sort(Comparator.comparingInt(Ordinals::from));
    return ranges;
  }

  /** Entries {@code from} (inclusive) to {@code to} (exclusive). */
  record Ordinals(int from, int to) {}
}
