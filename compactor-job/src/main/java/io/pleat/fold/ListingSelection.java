package io.pleat.fold;

import io.pleat.format.LogicalPath;
import io.pleat.read.Globs;
import io.pleat.store.AsideName;

/** Which files of a listing a fold is asked to take, and which of them pass through. Immutable. */
final class ListingSelection {
  private final Globs includes;
  private final Globs excludes;
  private final long maxFileSize;

  ListingSelection(FoldOptions options) {
    this.includes = Globs.compile(options.includes());
    this.excludes = Globs.compile(options.excludes());
    this.maxFileSize = options.maxFileSize();
  }

  /** Whether a file, or what cannot be kept, counts at all. */
  boolean takes(LogicalPath path) {
    if (AsideName.is(path)) {
      return false; // of a reclaim that is under way, or was killed
    }
    if (includes.isEmpty() && excludes.isEmpty()) {
      return true;
    }
    String text = path.toString();
    return (includes.isEmpty() || includes.matches(text)) && !excludes.matches(text);
  }

  /** Whether a directory is looked into. */
  boolean enters(LogicalPath directory) {
    return excludes.isEmpty() || !excludes.matches(directory.toString());
  }

  /** Whether a file of so many bytes is too large to be folded. */
  boolean passesThrough(long length) {
    return length > maxFileSize;
  }
}
