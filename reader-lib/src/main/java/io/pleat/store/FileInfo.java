package io.pleat.store;

import static java.util.Objects.requireNonNull;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;

/**
 * What a store says of one file or directory, links not followed.
 *
 * @param path relative to the store's root
 * @param length in bytes; 0 for what is no file
 * @param stamp changes whenever the store can tell that the content may have changed (inode and change time, file id, etag);
 *     compared for equality within one run and never kept. Empty where there is none.
 */
public record FileInfo(
    LogicalPath path, Kind kind, long length, Attributes attributes, String stamp) {
  /** What stands at a path. */
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    /** A pipe, socket or device. */
    SPECIAL
  }

  public FileInfo {
    requireNonNull(path, "path is null");
    requireNonNull(kind, "kind is null");
    requireNonNull(attributes, "attributes are null");
    requireNonNull(stamp, "stamp is null");
  }

  /** Whether {@code later} may be taken for the same, unchanged file: kind, length, mtime, etag and stamp are equal. */
  public boolean sameContentAs(FileInfo later) {
    return kind == later.kind
        && length == later.length
        && attributes.mtimeSeconds() == later.attributes.mtimeSeconds()
        && attributes.mtimeNanos() == later.attributes.mtimeNanos()
        && attributes.etag().equals(later.attributes.etag())
        && stamp.equals(later.stamp);
  }
}
