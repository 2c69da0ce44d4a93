package io.pleat.read;

import static java.util.Objects.requireNonNull;

import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import java.util.Optional;

/** One line of a listing: a live file with its entry, or a directory with its attributes where a container records them. */
public record ListedItem(
    LogicalPath path, Optional<Entry> file, Optional<Attributes> directoryAttributes) {
  public ListedItem {
    requireNonNull(path, "path is null");
    requireNonNull(file, "file is null");
    requireNonNull(directoryAttributes, "directory attributes are null");
  }

  /** Whether this is a directory. */
  public boolean isDirectory() {
    return file.isEmpty();
  }

  /** Whether this is a file whose bytes stay under the source root. */
  public boolean isPassThrough() {
    return file.isPresent() && file.get().kind() == Entry.Kind.PASS_THROUGH;
  }

  /** The file's or directory's attributes; nothing for a directory that no container records. */
  public Optional<Attributes> attributes() {
    return file.isPresent() ? file.map(Entry::attributes) : directoryAttributes;
  }
}
