package io.pleat.read.hadoop;

import static java.util.Objects.requireNonNull;

import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;

/**
 * A file or directory as the file system shows it.
 *
 * @param status what is shown, its path a {@code pleat:} one
 * @param entry of a file that a snapshot holds; nothing for directories and loose files
 */
record TreeItem(LogicalPath path, FileStatus status, Optional<Entry> entry) {
  TreeItem {
    requireNonNull(path, "path is null");
    requireNonNull(status, "status is null");
    requireNonNull(entry, "entry is null");
  }

  /** Whether its bytes are in a container. */
  boolean isFolded() {
    return entry.isPresent() && entry.get().kind() == Entry.Kind.FOLDED;
  }
}
