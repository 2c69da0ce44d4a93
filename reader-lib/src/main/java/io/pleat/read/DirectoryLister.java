package io.pleat.read;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.CorruptDataException;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.PriorityQueue;

/** Lists directories of a pinned snapshot, merging its containers lazily and in key order. Thread-safe; its iterators are not. */
final class DirectoryLister {
  /*
   * Both merges here keep a queue of containers by the lowest key that each may have next. A container's first key in the manifest bounds
   * it from below, so its index block is not loaded before the merge has come that far; and to know that a child directory
   * exists it is enough to see a first key below it, so a listing of the root does not load every container that lies inside one
   * of its directories. No block stays on loan between two steps: a listing that is never finished holds nothing.
   */
  private static final int FIRST_PAGE = 64;
  private static final int MAX_PAGE = 1024;

  private final PinnedSnapshot pinned;
  private final IndexBlockCache blocks;
  private final PathLocator locator;

  DirectoryLister(PinnedSnapshot pinned, IndexBlockCache blocks, PathLocator locator) {
    this.pinned = pinned;
    this.blocks = blocks;
    this.locator = locator;
  }

  /** The live files of {@code directory}, then its live sub-directories, each by name. Failures are UncheckedIOExceptions. */
  Iterator<ListedItem> children(LogicalPath directory) {
    return new Children(directory);
  }

  /** Of {@code top} and everything live below it what {@code filter} shows, in key order, which puts each directory before what it holds. */
  Iterator<ListedItem> subtree(ListedItem top, ListingFilter filter) {
    return new SubtreeSweep(pinned, blocks, locator, top, filter);
  }

  private final class Children extends LazyItems {
    private final Iterator<ListedItem> files;
    private final LogicalPath directory;
    private final MetDamage damage = new MetDamage();
    private Iterator<ListedItem> directories;

    Children(LogicalPath directory) {
      this.directory = directory;
      this.files = new Files(directory, damage);
    }

    /** A damaged container spares what others hold; once that was given, it is said. */
    @Override
    ListedItem advance() throws IOException {
      if (files.hasNext()) {
        return files.next();
      }
      if (directories == null) {
        directories = new Directories(directory, damage);
      }
      if (directories.hasNext()) {
        return directories.next();
      }
      damage.throwIfMet();
      return null;
    }
  }

  /** The live files directly in one directory. */
  private final class Files extends LazyItems {
    private final byte[] directory;
    private final PriorityQueue<FileCursor> cursors;
    private final MetDamage damage;
    private LogicalPath last;

    Files(LogicalPath directory, MetDamage damage) {
      this.damage = damage;
      this.directory = directory.utf8();
      KeySpan span = KeySpan.filesOf(directory);
      int[] containers = pinned.ranges().meeting(span);
      this.cursors = new PriorityQueue<>(
          Math.max(1, containers.length),
          Comparator.<FileCursor, byte[]>comparing(cursor -> cursor.bound, Arrays::compareUnsigned)
              .thenComparing(
                  cursor -> pinned.ranges().sequence(cursor.container), Comparator.reverseOrder()));
      for (int container : containers) {
        cursors.add(
            new FileCursor(container, higher(pinned.ranges().first(container), span.from())));
      }
    }

    @Override
    ListedItem advance() throws IOException {
      while (!cursors.isEmpty()) {
        FileCursor cursor = cursors.poll();
        Entry entry = cursor.ready.poll();
        if (cursor.ready.isEmpty()) {
          damage.in(() -> refill(cursor));
        }
        if (!cursor.ready.isEmpty()) {
          cursor.bound = cursor.ready.peek().path().fileKey();
          cursors.add(cursor);
        }
        // Two live entries of one path break an invariant of snapshots; the newer container speaks.
        if (entry != null && !entry.path().equals(last)) {
          last = entry.path();
          return new ListedItem(last, Optional.of(entry), Optional.empty());
        }
      }
      return null;
    }

    /** Reads on; false at the end. */
    private boolean refill(FileCursor cursor) throws IOException {
      if (cursor.next == cursor.end) {
        return false;
      }
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(cursor.container)) {
        IndexBlock index = lease.value().index();
        if (cursor.next < 0) {
          int row = index.findDirectory(directory);
          if (row < 0) {
            cursor.next = cursor.end;
            return false;
          }
          DirectoryEntry entry = index.directory(row);
          cursor.next = entry.firstEntry();
          cursor.end = entry.endEntry();
        }
        DeletionVector dead = pinned.deletionVectors().get(cursor.container);
        while (cursor.next < cursor.end && cursor.ready.isEmpty()) {
          int to = Math.min(cursor.end, cursor.next + cursor.pageLength);
          for (Entry entry : index.entries(cursor.next, to)) {
            if (!dead.contains(entry.ordinal())) {
              cursor.ready.add(entry);
            }
          }
          cursor.next = to;
          cursor.pageLength = Math.min(MAX_PAGE, 2 * cursor.pageLength);
        }
        return !cursor.ready.isEmpty();
      }
    }
  }

  /** Where the merge of files stands in one container. */
  private static final class FileCursor {
    private final int container;
    private final Deque<Entry> ready = new ArrayDeque<>();
    private byte[] bound;
    private int next = -1;
    private int end;
    private int pageLength = FIRST_PAGE;

    FileCursor(int container, byte[] bound) {
      this.container = container;
      this.bound = bound;
    }
  }

  /** The live directories directly in one directory. */
  private final class Directories extends LazyItems {
    private final LogicalPath directory;
    private final KeySpan span;
    private final int[] containers;
    private final PriorityQueue<DirectoryCursor> cursors =
        new PriorityQueue<>(Comparator.<DirectoryCursor, byte[]>comparing(
            cursor -> cursor.bound, Arrays::compareUnsigned));
    private final MetDamage damage;
    private int joined;
    private byte[] from;

    Directories(LogicalPath directory, MetDamage damage) {
      this.damage = damage;
      this.directory = directory;
      this.span = KeySpan.directoriesOf(directory);
      this.containers = pinned.ranges().meeting(span);
      this.from = span.from();
    }

    @Override
    ListedItem advance() throws IOException {
      while (true) {
        byte[] bound = joinAndPeek();
        if (bound == null) {
          return null;
        }
        if (cursors.peek().isPlaceless()) {
          DirectoryCursor placeless = cursors.poll();
          damage.in(() -> place(placeless));
          continue;
        }
        LogicalPath child = childAt(bound, cursors.peek().container);
        KeySpan below = KeySpan.subtreeOf(child);
        from = below.to();
        while (!cursors.isEmpty() && Arrays.compareUnsigned(cursors.peek().bound, from) < 0) {
          skip(cursors.poll());
        }
        try {
          Optional<ListedItem> found = locator.directory(child);
          if (found.isPresent()) {
            return found.get();
          }
        } catch (CorruptDataException | UnsupportedFormatException e) {
          damage.met(e);
        }
      }
    }

    /** Lets all containers join whose first key the merge has reached; the lowest next key, or null at the end. */
    private byte[] joinAndPeek() {
      while (joined < containers.length) {
        int container = containers[joined];
        byte[] first = pinned.ranges().first(container);
        if (!cursors.isEmpty() && Arrays.compareUnsigned(first, cursors.peek().bound) > 0) {
          break;
        }
        joined++;
        if (Arrays.compareUnsigned(pinned.ranges().last(container), from) >= 0) {
          cursors.add(new DirectoryCursor(
              container, higher(first, from), Arrays.compareUnsigned(first, from) < 0));
        }
      }
      return cursors.isEmpty() ? null : cursors.peek().bound;
    }

    /** Moves a cursor that stands in the child just answered behind it. */
    private void skip(DirectoryCursor cursor) throws IOException {
      if (Arrays.compareUnsigned(pinned.ranges().last(cursor.container), from) < 0) {
        return;
      }
      if (cursor.isUnopened()) {
        cursor.bound = from;
        cursor.placeless = true;
        cursors.add(cursor);
      } else {
        damage.in(() -> place(cursor));
      }
    }

    /** Puts a cursor on the first child directory of its container at or above {@link #from}, or lets it go and gives false. */
    private boolean place(DirectoryCursor cursor) throws IOException {
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(cursor.container)) {
        IndexBlock index = lease.value().index();
        if (cursor.isUnopened()) {
          int row = index.findDirectory(directory.utf8());
          if (row < 0) {
            return false;
          }
          DirectoryEntry entry = index.directory(row);
          cursor.next = Math.max(entry.index() + 1, index.directoryCeiling(from));
          cursor.end = entry.subtreeEndIndex();
        }
        while (cursor.next < cursor.end) {
          DirectoryEntry child = index.directory(cursor.next);
          cursor.next = Math.max(cursor.next + 1, child.subtreeEndIndex());
          byte[] key = child.path().directoryKey();
          if (Arrays.compareUnsigned(key, from) >= 0 && span.contains(key)) {
            cursor.bound = key;
            cursor.placeless = false;
            cursors.add(cursor);
            return true;
          }
        }
        return false;
      }
    }

    /** The child directory that {@code key}, which lies in the span, belongs to. */
    private LogicalPath childAt(byte[] key, int container) throws CorruptDataException {
      int start = directory.isRoot() ? 0 : span.from().length;
      int end = start;
      while (end < key.length && key[end] != 0) {
        end++;
      }
      byte[] parent = directory.utf8();
      int slash = directory.isRoot() ? 0 : 1;
      byte[] child = Arrays.copyOf(parent, parent.length + slash + end - start);
      if (slash == 1) {
        child[parent.length] = '/';
      }
      System.arraycopy(key, start, child, parent.length + slash, end - start);
      try {
        return LogicalPath.ofUtf8(child);
      } catch (IllegalArgumentException e) {
        throw new CorruptDataException(
            blocks.name(container),
            0,
            "the manifest's key range of the container starts with no path's key: %s",
            e.getMessage());
      }
    }
  }

  /** Where the merge of directories stands in one container. */
  private static final class DirectoryCursor {
    private final int container;
    private byte[] bound;
    /** The bound is below the container's next key, not that key: its index block has to say. */
    private boolean placeless;

    private int next = -1;
    private int end;

    DirectoryCursor(int container, byte[] bound, boolean placeless) {
      this.container = container;
      this.bound = bound;
      this.placeless = placeless;
    }

    boolean isUnopened() {
      return next < 0;
    }

    boolean isPlaceless() {
      return placeless;
    }
  }

  private static byte[] higher(byte[] one, byte[] other) {
    return Arrays.compareUnsigned(one, other) >= 0 ? one : other;
  }
}
