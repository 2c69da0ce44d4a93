package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import java.util.Optional;

/**
 * One live row of a container that is rewritten.
 *
 * @param row its number, as deletion vectors count: entries by ordinal, then directories
 * @param key its sort key
 * @param entry the file, or nothing if it is a directory
 */
@SuppressWarnings("ArrayRecordComponent")
record LiveRow(
    int row, byte[] key, LogicalPath path, Optional<Entry> entry, Attributes attributes) {
  static LiveRow of(Entry entry) {
    return new LiveRow(
        entry.ordinal(),
        entry.path().fileKey(),
        entry.path(),
        Optional.of(entry),
        entry.attributes());
  }

  /** @param entries of the container, after which directories are numbered */
  static LiveRow of(DirectoryEntry directory, int entries) {
    return directory(
        directory.path(), entries + directory.index(), directory.attributes().orElseThrow());
  }

  static LiveRow directory(LogicalPath path, int row, Attributes attributes) {
    return new LiveRow(row, path.directoryKey(), path, Optional.empty(), attributes);
  }

  boolean isDirectory() {
    return entry.isEmpty();
  }
}
