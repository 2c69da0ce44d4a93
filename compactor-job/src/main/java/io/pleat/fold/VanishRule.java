package io.pleat.fold;

import io.pleat.format.LogicalPath;
import io.pleat.read.Globs;

/** Decides whether what the base holds and the listing lacks has vanished: only what the fold would have looked for can. */
final class VanishRule {
  private final Globs includes;
  private final Globs excludes;

  VanishRule(FoldOptions options) {
    this.includes = Globs.compile(options.includes());
    this.excludes = Globs.compile(options.excludes());
  }

  boolean isLookedForAsFile(LogicalPath path) {
    return (includes.isEmpty() || includes.matches(path.toString())) && isOutsideExcluded(path);
  }

  boolean isLookedForAsDirectory(LogicalPath path) {
    return !path.isRoot() && isOutsideExcluded(path);
  }

  private boolean isOutsideExcluded(LogicalPath path) {
    if (excludes.isEmpty()) {
      return true;
    }
    for (LogicalPath at = path; !at.isRoot(); at = at.parent()) {
      if (excludes.matches(at.toString())) {
        return false;
      }
    }
    return true;
  }
}
