package io.pleat.read;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.CorruptDataException;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** Everything live below a directory in key order, the directory first. Not thread-safe. */
final class SubtreeSweep extends LazyItems {
  /*
   * A merge of the containers' rows, each container's in pages. Containers wait in a queue by the lowest key that each may have next; one whose
   * index block is not open yet by its first key in the manifest, so no block is loaded before the merge is there. Whoever is first goes
   * on without comparisons as long as the last entry of its page is below what the others have next: over containers that do not
   * overlap, that is nearly always.
   *
   * Directory rows come in order, too, but for one case: a container that joins late brings the rows of the directories around its first
   * key, which are below that key. One of these was seen before if and only if it is not above the last directory that was seen: whatever
   * lies between it and the container's first key is in it, and came from a container that has its row as well.
   */
  private static final int FIRST_PAGE = 64;
  private static final int MAX_PAGE = 1024;

  private final PinnedSnapshot pinned;
  private final IndexBlockCache blocks;
  private final PathLocator locator;
  private final ListingFilter filter;
  private final LogicalPath top;
  private final int[] containers;
  private final PriorityQueue<Cursor> waiting;
  private final MetDamage damage = new MetDamage();
  private ListedItem first;
  private int joined;

  /** What is below is of no interest any more. */
  private byte[] floor;

  private Cursor current;

  /** What the others have next; null if there are no others. */
  private byte[] limit;

  private byte[] lastDirectory;
  private LogicalPath lastFile;

  SubtreeSweep(
      PinnedSnapshot pinned,
      IndexBlockCache blocks,
      PathLocator locator,
      ListedItem top,
      ListingFilter filter) {
    this.pinned = pinned;
    this.blocks = blocks;
    this.locator = locator;
    this.filter = filter;
    this.top = top.path();
    this.first = top;
    KeySpan span = KeySpan.subtreeOf(this.top);
    this.floor = span.from();
    this.containers = filter.canMatchBelow(this.top) ? pinned.ranges().meeting(span) : new int[0];
    this.lastDirectory = this.top.directoryKey();
    this.waiting = new PriorityQueue<>(
        Comparator.<Cursor, byte[]>comparing(cursor -> cursor.bound, Arrays::compareUnsigned)
            .thenComparing(
                cursor -> pinned.ranges().sequence(cursor.container), Comparator.reverseOrder()));
  }

  @Override
  ListedItem advance() throws IOException {
    if (first != null) {
      ListedItem item = first;
      first = null;
      if (filter.matches(item.path())) {
        return item;
      }
    }
    while (true) {
      if (current == null && !choose()) {
        damage.throwIfMet(); // what others hold was given
        return null;
      }
      Cursor cursor = current;
      ListedItem item = cursor.isAtDirectory() ? directory(cursor, cursor.directory) : file(cursor);
      if (!cursor.goesOn()) {
        current = null;
      } else if (!cursor.isSure()) {
        cursor.bound = cursor.nextKey();
        if (limit != null && Arrays.compareUnsigned(cursor.bound, limit) >= 0) {
          waiting.add(cursor);
          current = null;
        }
      }
      if (item != null) {
        return item;
      }
    }
  }

  /** Makes the container current that has the lowest key next; false at the end. */
  private boolean choose() throws IOException {
    while (true) {
      join();
      Cursor cursor = waiting.poll();
      if (cursor == null) {
        return false;
      }
      if (!cursor.isOpen() || Arrays.compareUnsigned(cursor.bound, floor) < 0) {
        if (damage.in(cursor::seek)) {
          cursor.bound = cursor.nextKey();
          waiting.add(cursor);
        }
        continue;
      }
      current = cursor;
      limit = waiting.isEmpty() ? null : waiting.peek().bound;
      if (joined < containers.length) {
        byte[] joining = pinned.ranges().first(containers[joined]);
        limit = limit == null || Arrays.compareUnsigned(joining, limit) < 0 ? joining : limit;
      }
      cursor.judge();
      return true;
    }
  }

  /** Lets all containers join whose first key the merge has reached. */
  private void join() {
    while (joined < containers.length) {
      int container = containers[joined];
      byte[] lowest = pinned.ranges().first(container);
      if (!waiting.isEmpty() && Arrays.compareUnsigned(lowest, waiting.peek().bound) > 0) {
        return;
      }
      joined++;
      if (Arrays.compareUnsigned(pinned.ranges().last(container), floor) >= 0) {
        waiting.add(
            new Cursor(container, Arrays.compareUnsigned(lowest, floor) >= 0 ? lowest : floor));
      }
    }
  }

  private ListedItem directory(Cursor cursor, DirectoryEntry row) throws IOException {
    LogicalPath path = row.path();
    byte[] key = path.directoryKey();
    boolean seen = Arrays.compareUnsigned(key, lastDirectory) <= 0;
    if (!seen) {
      lastDirectory = key;
      if (!filter.canMatchBelow(path)) {
        floor = KeySpan.subtreeOf(path).to();
        cursor.leave(row);
      } else {
        cursor.nextDirectory();
      }
      if (filter.matches(path)) {
        try {
          return locator.directory(path).orElse(null);
        } catch (CorruptDataException | UnsupportedFormatException e) {
          damage.met(e);
          return null;
        }
      }
    } else {
      cursor.nextDirectory();
    }
    return null;
  }

  private ListedItem file(Cursor cursor) {
    Entry entry = cursor.page.get(cursor.at++);
    // Two live entries of one path break an invariant of snapshots; the newer container speaks.
    if (entry.path().equals(lastFile)) {
      return null;
    }
    lastFile = entry.path();
    return filter.matches(lastFile)
        ? new ListedItem(lastFile, Optional.of(entry), Optional.empty())
        : null;
  }

  /** Where the merge stands in one container. */
  private final class Cursor {
    private final int container;
    private byte[] bound;

    /** Live entries read ahead, from {@link #at} on. */
    private List<Entry> page = List.of();

    private int at;
    private int pageLength = FIRST_PAGE;
    private int nextEntry = -1;
    private int endEntry;

    /** The next directory; null if there is none. */
    private DirectoryEntry directory;

    private int endDirectory;

    /** Up to this ordinal everything is below {@link #limit}. */
    private int sureOrdinal;

    Cursor(int container, byte[] bound) {
      this.container = container;
      this.bound = bound;
    }

    boolean isOpen() {
      return nextEntry >= 0;
    }

    /** Goes to the first row that is not below {@link #floor}; false if there is none. */
    boolean seek() throws IOException {
      if (Arrays.compareUnsigned(pinned.ranges().last(container), floor) < 0) {
        return false;
      }
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
        IndexBlock index = lease.value().index();
        int nextIndex;
        if (!isOpen()) {
          int row = index.findDirectory(top.utf8());
          if (row < 0) {
            return false;
          }
          DirectoryEntry entry = index.directory(row);
          nextEntry = entry.firstEntry();
          endEntry = entry.subtreeEndEntry();
          nextIndex = row + 1;
          endDirectory = entry.subtreeEndIndex();
          // Of the directories around the first key only those not seen yet count.
          nextIndex = Math.max(nextIndex, index.directoryCeiling(lastDirectory));
        } else {
          nextIndex = directory == null ? endDirectory : directory.index();
        }
        nextIndex = Math.max(nextIndex, index.directoryCeiling(floor));
        nextEntry = Math.max(upcoming(), index.ceiling(floor));
        forgetPage();
        directory = nextIndex < endDirectory ? index.directory(nextIndex) : null;
      }
      return goesOn();
    }

    /** Skips a directory with all that is below it. */
    void leave(DirectoryEntry row) throws IOException {
      nextEntry = Math.max(upcoming(), row.subtreeEndEntry());
      forgetPage();
      goToDirectory(row.subtreeEndIndex());
    }

    /** The ordinal of the next entry, if there is one, read ahead or not. */
    private int upcoming() {
      return at < page.size() ? page.get(at).ordinal() : nextEntry;
    }

    private void forgetPage() {
      page = List.of();
      at = 0;
      pageLength = FIRST_PAGE;
    }

    void nextDirectory() throws IOException {
      goToDirectory(directory.index() + 1);
    }

    private void goToDirectory(int index) throws IOException {
      if (index >= endDirectory) {
        directory = null;
        return;
      }
      try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
        directory = lease.value().index().directory(index);
      }
    }

    boolean isAtDirectory() {
      return directory != null && directory.firstEntry() <= upcoming();
    }

    /** Makes sure that the next row is at hand; false if there is none. */
    boolean goesOn() throws IOException {
      if (at < page.size() || isAtDirectory()) {
        return true;
      }
      while (nextEntry < endEntry) {
        try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
          DeletionVector dead = pinned.deletionVectors().get(container);
          int end = Math.min(endEntry, nextEntry + pageLength);
          page = lease.value().index().entries(nextEntry, end);
          if (!dead.isEmpty()) {
            page = new ArrayList<>(page);
            page.removeIf(entry -> dead.contains(entry.ordinal()));
          }
          at = 0;
          nextEntry = end;
          pageLength = Math.min(MAX_PAGE, 2 * pageLength);
        }
        judge();
        if (!page.isEmpty() || isAtDirectory()) {
          return true;
        }
      }
      return directory != null;
    }

    void judge() {
      if (limit == null) {
        sureOrdinal = Integer.MAX_VALUE;
      } else if (at >= page.size()) {
        sureOrdinal = -1;
      } else {
        Entry last = page.get(page.size() - 1);
        sureOrdinal =
            Arrays.compareUnsigned(last.path().fileKey(), limit) < 0 ? last.ordinal() : -1;
      }
    }

    boolean isSure() {
      return (isAtDirectory() ? directory.firstEntry() : page.get(at).ordinal()) <= sureOrdinal;
    }

    byte[] nextKey() {
      return isAtDirectory()
          ? directory.path().directoryKey()
          : page.get(at).path().fileKey();
    }
  }
}
