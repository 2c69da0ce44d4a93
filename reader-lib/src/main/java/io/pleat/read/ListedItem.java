package io.pleat.read;

import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import java.util.Optional;

/** One line of a listing: a live file with its entry, or a directory with its attributes where a container records them. */
public record ListedItem(
    LogicalPath path, Optional<Entry> file, Optional<Attributes> directoryAttributes) {
  /** Whether this is a directory. */
  public boolean isDirectory() {
    return file.isEmpty();
  }
}
