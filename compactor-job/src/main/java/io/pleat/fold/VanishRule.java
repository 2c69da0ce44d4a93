package io.pleat.fold;

import io.pleat.format.LogicalPath;

/** Decides whether what the base holds and the listing lacks has vanished: only what the fold would have looked for can. */
final class VanishRule {
  private final ListingSelection selection;

  VanishRule(FoldOptions options) {
    this.selection = new ListingSelection(options);
  }

  boolean isLookedForAsFile(LogicalPath path) {
    return selection.takes(path) && isEntered(path.parent());
  }

  boolean isLookedForAsDirectory(LogicalPath path) {
    return !path.isRoot() && isEntered(path);
  }

  private boolean isEntered(LogicalPath directory) {
    for (LogicalPath at = directory; !at.isRoot(); at = at.parent()) {
      if (!selection.enters(at)) {
        return false;
      }
    }
    return true;
  }
}
