package io.pleat.maintain;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The live directories of a selection with all above them, each once. Memory is bounded by the depth of the tree. */
final class DirectoryWalk {
  private final FoldedDataset dataset;
  private final Selection selection;

  DirectoryWalk(FoldedDataset dataset, Selection selection) {
    this.dataset = dataset;
    this.selection = selection;
  }

  /** Receives directories. */
  interface Visitor {
    /** One directory, with its attributes where they are recorded. */
    void visit(LogicalPath path, Optional<Attributes> attributes) throws IOException;
  }

  /** Visits each directory before those in it. */
  void forEach(Visitor visitor) throws IOException {
    if (selection.isEverything()) {
      visitSubtree(LogicalPath.ROOT, visitor);
      return;
    }
    Set<LogicalPath> above = new HashSet<>();
    for (LogicalPath path : selection.paths()) {
      visitAbove(path, above, visitor);
      visitSubtree(path, visitor);
    }
  }

  /** Visits each directory after those in it. */
  void forEachDeepestFirst(Visitor visitor) throws IOException {
    Deque<Pending> open = new ArrayDeque<>();
    try {
      forEach((path, attributes) -> {
        while (!open.isEmpty() && !path.startsWith(open.peek().path())) {
          open.pop().tell(visitor);
        }
        open.push(new Pending(path, attributes));
      });
    } finally {
      while (!open.isEmpty()) {
        open.pop().tell(visitor);
      }
    }
  }

  private void visitAbove(LogicalPath path, Set<LogicalPath> visited, Visitor visitor)
      throws IOException {
    if (path.isRoot()) {
      return;
    }
    LogicalPath parent = path.parent();
    visitAbove(parent, visited, visitor);
    if (visited.add(parent)) {
      try (Stream<ListedItem> items = dataset.listRecursively(parent)) {
        Optional<ListedItem> first = items.findFirst();
        if (first.isPresent() && first.get().path().equals(parent)) {
          visitor.visit(parent, first.get().directoryAttributes());
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        return; // the path does not exist: that is reported where paths are checked
      }
    }
  }

  private void visitSubtree(LogicalPath top, Visitor visitor) throws IOException {
    try (Stream<ListedItem> items = dataset.listRecursively(top)) {
      for (Iterator<ListedItem> each = items.iterator(); each.hasNext(); ) {
        ListedItem item = each.next();
        if (item.isDirectory()) {
          visitor.visit(item.path(), item.directoryAttributes());
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return; // a file, or nothing
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private record Pending(LogicalPath path, Optional<Attributes> attributes) {
    void tell(Visitor visitor) throws IOException {
      visitor.visit(path, attributes);
    }
  }
}
