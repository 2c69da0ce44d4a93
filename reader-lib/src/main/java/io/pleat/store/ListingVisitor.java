package io.pleat.store;

import io.pleat.format.LogicalPath;
import java.io.IOException;

/** Receives a directory's children, in no particular order. */
public interface ListingVisitor {
  /**
   * Whether a child is to be visited, by its name alone. Only a store that would have to look at each child asks, so others are visited all the
   * same. True unless overridden.
   *
   * @param name its last component
   */
  default boolean wants(String name) {
    return true;
  }

  /** One child of the directory (or one descendant, in a flat listing). */
  void visit(FileInfo file) throws IOException;

  /**
   * A child that no logical path can name, or whose attributes could not be read.
   *
   * @param displayName the child's path as well as it can be shown
   * @param reason one line: invalid UTF-8, permission denied, not a legal path
   */
  void unlistable(LogicalPath directory, String displayName, String reason) throws IOException;
}
