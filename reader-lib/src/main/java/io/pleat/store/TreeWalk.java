package io.pleat.store;

import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Lists a tree directory by directory, for stores that cannot list it at once. */
final class TreeWalk implements ListingVisitor {
  private final Store store;
  private final ListingVisitor visitor;
  private final Deque<LogicalPath> waiting = new ArrayDeque<>();

  private TreeWalk(Store store, ListingVisitor visitor) {
    this.store = store;
    this.visitor = visitor;
  }

  static void walk(Store store, LogicalPath directory, ListingVisitor visitor) throws IOException {
    TreeWalk walk = new TreeWalk(store, visitor);
    store.list(directory, walk);
    while (!walk.waiting.isEmpty()) {
      walk.descend(walk.waiting.pop());
    }
  }

  private void descend(LogicalPath directory) throws IOException {
    try {
      store.list(directory, this);
    } catch (NoSuchFileException e) {
      return; // vanished since its parent was listed
    } catch (FileSystemException e) {
      visitor.unlistable(directory.parent(), directory.toString(), Reasons.of(e));
    }
  }

  @Override
  public void visit(FileInfo file) throws IOException {
    visitor.visit(file);
    if (file.kind() == FileInfo.Kind.DIRECTORY) {
      waiting.push(file.path());
    }
  }

  @Override
  public void unlistable(LogicalPath directory, String displayName, String reason)
      throws IOException {
    visitor.unlistable(directory, displayName, reason);
  }
}
