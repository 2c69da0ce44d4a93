package io.pleat.read.hadoop;

import io.pleat.format.LogicalPath;
import io.pleat.read.RemovedItems;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import io.pleat.store.hadoop.HadoopLocation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RemoteIterator;

/** A snapshot with the loose files of its source tree over it: what is loose hides what was folded at its path. */
final class OverlaidTree implements Tree {
  private final FoldedTree folded;
  private final LooseItems loose;
  private final RemovedItems removed;
  private final Store source;
  private final FileSystem sourceFileSystem;
  private final HadoopLocation sourceRoot;
  private final Statuses statuses;

  /**
   * @param folded closed with this
   * @param removed closed with this
   * @param source the source tree, closed with this
   * @param sourceFileSystem holds the source tree; not closed with this
   */
  OverlaidTree(
      FoldedTree folded,
      LooseItems loose,
      RemovedItems removed,
      Store source,
      FileSystem sourceFileSystem,
      HadoopLocation sourceRoot,
      Statuses statuses) {
    this.folded = folded;
    this.loose = loose;
    this.removed = removed;
    this.source = source;
    this.sourceFileSystem = sourceFileSystem;
    this.sourceRoot = sourceRoot;
    this.statuses = statuses;
  }

  @Override
  public Optional<TreeItem> find(LogicalPath path) throws IOException {
    Optional<FileInfo> over = loose.find(path);
    return over.isPresent() ? over.map(statuses::item) : folded.find(path);
  }

  @Override
  public RemoteIterator<TreeItem> children(LogicalPath directory) throws IOException {
    NavigableMap<String, FileInfo> over = loose.in(directory);
    boolean isFolded = directory.isRoot()
        || folded.find(directory).filter(item -> item.status().isDirectory()).isPresent();
    return new Merge(isFolded ? folded.children(directory) : null, over);
  }

  /** The folded children that nothing loose hides, then the loose ones by name. */
  private final class Merge implements RemoteIterator<TreeItem> {
    private final RemoteIterator<TreeItem> below; // null if there is no folded directory
    private final NavigableMap<String, FileInfo> over;
    private final Iterator<FileInfo> last;
    private TreeItem next;

    Merge(RemoteIterator<TreeItem> below, NavigableMap<String, FileInfo> over) {
      this.below = below;
      this.over = over;
      this.last = over.values().iterator();
    }

    @Override
    public boolean hasNext() throws IOException {
      while (next == null && below != null && below.hasNext()) {
        TreeItem item = below.next();
        next = over.containsKey(item.path().name()) ? null : item;
      }
      if (next == null && last.hasNext()) {
        next = statuses.item(last.next());
      }
      return next != null;
    }

    @Override
    public TreeItem next() throws IOException {
      if (!hasNext()) {
        throw new NoSuchElementException("nothing is left to list");
      }
      TreeItem item = next;
      next = null;
      return item;
    }
  }

  /** Directory by directory: each may have something loose. */
  @Override
  public RemoteIterator<TreeItem> below(LogicalPath directory) throws IOException {
    Deque<LogicalPath> waiting = new ArrayDeque<>();
    RemoteIterator<TreeItem> first = children(directory);
    return new RemoteIterator<>() {
      private RemoteIterator<TreeItem> current = first;

      @Override
      public boolean hasNext() throws IOException {
        while (!current.hasNext() && !waiting.isEmpty()) {
          current = children(waiting.pop());
        }
        return current.hasNext();
      }

      @Override
      public TreeItem next() throws IOException {
        if (!hasNext()) {
          throw new NoSuchElementException("nothing is left of " + directory);
        }
        TreeItem item = current.next();
        if (item.status().isDirectory()) {
          waiting.push(item.path());
        }
        return item;
      }
    };
  }

  @Override
  public OpenedFile open(LogicalPath path) throws IOException {
    Optional<FileInfo> over = loose.find(path);
    if (over.isEmpty()) {
      return folded.open(path);
    }
    if (over.get().kind() == FileInfo.Kind.DIRECTORY) {
      throw new FileNotFoundException(statuses.path(path) + " is a directory");
    }
    try {
      return new OpenedFile(source.open(path), OpenedFile.AT_STORE);
    } catch (NoSuchFileException e) {
      loose.forget(path.parent()); // somebody else took it away; what was folded is there
      return folded.open(path);
    } catch (IOException e) {
      throw HadoopFailures.translate(statuses.path(path), e);
    }
  }

  @Override
  public BlockLocation[] locations(TreeItem file, long start, long length) throws IOException {
    return file.isFolded()
        ? folded.locations(file, start, length)
        : sourceFileSystem.getFileBlockLocations(sourceRoot.resolve(file.path()), start, length);
  }

  @Override
  public void close() throws IOException {
    try (folded;
        source) {
      removed.close();
    }
  }
}
