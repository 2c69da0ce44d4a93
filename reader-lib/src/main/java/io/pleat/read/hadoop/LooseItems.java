package io.pleat.read.hadoop;

import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.RemovedItems;
import io.pleat.store.AsideName;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What the source tree has and the snapshot has not, or not as it now is: by directory, from listings that are kept for a stated time. Symbolic
 * links and special files are not seen, as a fold does not see them. Thread-safe.
 */
final class LooseItems {
  /* Of a listing only what differs from the snapshot is kept: nothing, in most directories. */
  private static final int MOST_DIRECTORIES = 1 << 16;
  private static final int LOCKS = 64;

  private final Store source;
  private final FoldedDataset dataset;
  private final RemovedItems removed;
  private final long refreshNanos;
  private final LongSupplier clock;
  private final Map<LogicalPath, Listing> listings; // guarded by itself
  private final Object[] locks = new Object[LOCKS];

  private static final class Listing {
    final long atNanos;
    final NavigableMap<String, FileInfo> items; // guarded by this

    Listing(long atNanos, NavigableMap<String, FileInfo> items) {
      this.atNanos = atNanos;
      this.items = items;
    }
  }

  /**
   * @param source the source tree; not closed with this
   * @param removed what is not shown although it is there; not closed with this
   * @param refreshNanos how long a listing is good for
   * @param clock as System.nanoTime
   */
  LooseItems(
      Store source,
      FoldedDataset dataset,
      RemovedItems removed,
      long refreshNanos,
      LongSupplier clock) {
    this.source = source;
    this.dataset = dataset;
    this.removed = removed;
    this.refreshNanos = refreshNanos;
    this.clock = clock;
    this.listings = new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<LogicalPath, Listing> eldest) {
        return size() > MOST_DIRECTORIES;
      }
    };
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /** The loose file or directory at {@code path}, if there is one. */
  Optional<FileInfo> find(LogicalPath path) throws IOException {
    if (path.isRoot()) {
      return Optional.empty();
    }
    Listing listing = listing(path.parent());
    synchronized (listing) {
      return Optional.ofNullable(listing.items.get(path.name()));
    }
  }

  /** The loose children of a directory by name; nothing if the source has no such directory. */
  NavigableMap<String, FileInfo> in(LogicalPath directory) throws IOException {
    Listing listing = listing(directory);
    synchronized (listing) {
      return listing.items.isEmpty()
          ? Collections.emptyNavigableMap()
          : new TreeMap<>(listing.items);
    }
  }

  private Listing listing(LogicalPath directory) throws IOException {
    Listing known = fresh(directory);
    if (known != null) {
      return known;
    }
    synchronized (locks[Math.floorMod(directory.hashCode(), LOCKS)]) {
      known = fresh(directory);
      if (known == null) {
        known = new Listing(clock.getAsLong(), list(directory));
        synchronized (listings) {
          listings.put(directory, known);
        }
      }
      return known;
    }
  }

  private Listing fresh(LogicalPath directory) {
    synchronized (listings) {
      Listing known = listings.get(directory);
      return known != null && clock.getAsLong() - known.atNanos < refreshNanos ? known : null;
    }
  }

  private NavigableMap<String, FileInfo> list(LogicalPath directory) throws IOException {
    NavigableMap<String, FileInfo> loose = new TreeMap<>();
    try {
      source.list(directory, new ListingVisitor() {
        @Override
        public void visit(FileInfo found) throws IOException {
          if (isLoose(found)) {
            loose.put(found.path().name(), found);
          }
        }

        @Override
        public void unlistable(LogicalPath parent, String displayName, String reason) {}
      });
    } catch (NoSuchFileException | NotDirectoryException e) {
      loose.clear(); // reclaimed, or never there
    }
    return loose;
  }

  private boolean isLoose(FileInfo found) throws IOException {
    return switch (found.kind()) {
      case FILE -> {
        if (AsideName.is(found.path())) {
          yield false;
        }
        Optional<Entry> entry = dataset.locate(found.path()).map(location -> location.entry());
        yield (entry.isEmpty() || !isAsFolded(found, entry.get())) && !removed.holds(found);
      }
      case DIRECTORY -> {
        Optional<ListedItem> item = dataset.find(found.path());
        yield (item.isEmpty() || !item.get().isDirectory()) && !removed.holds(found);
      }
      case SYMBOLIC_LINK, SPECIAL -> false;
    };
  }

  /** A racy entry proves nothing: the file may have changed within the tick of the clock in which it was read. */
  private static boolean isAsFolded(FileInfo found, Entry entry) {
    Attributes now = found.attributes();
    Attributes then = entry.attributes();
    return !entry.racy()
        && found.length() == entry.length()
        && now.mtimeSeconds() == then.mtimeSeconds()
        && now.mtimeNanos() == then.mtimeNanos()
        && now.etag().equals(then.etag());
  }

  /** Looks at {@code path} and the directories above it again, which this file system has changed. */
  void touched(LogicalPath path) throws IOException {
    for (LogicalPath changed = path; !changed.isRoot(); changed = changed.parent()) {
      Listing listing = fresh(changed.parent());
      if (listing != null) {
        Optional<FileInfo> now = source.stat(changed);
        boolean loose = now.isPresent() && isLoose(now.get());
        synchronized (listing) {
          if (loose) {
            listing.items.put(changed.name(), now.get());
          } else {
            listing.items.remove(changed.name());
          }
        }
      }
    }
  }

  /** Forgets the listings of a directory and everything below it. */
  void forget(LogicalPath directory) {
    synchronized (listings) {
      listings.keySet().removeIf(known -> known.startsWith(directory));
    }
  }
}
