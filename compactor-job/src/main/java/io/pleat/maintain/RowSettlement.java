package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/**
 * Goes through the rows of containers in key order, settles which of several rows of one path is live, and of a file and what stands below it,
 * by the containers' ranks: the higher one is the newer. Counts what is live then. Holds the index blocks of containers that overlap at the
 * place where it is, and a few more.
 */
final class RowSettlement {
  private static final int STRETCH = 64 << 10;
  private static final int OPEN_BLOCKS = 8;

  /** Opens the rows of a container that are not known to be dead. */
  interface RowOpener {
    /**
     * Opens them.
     *
     * @throws CorruptDataException if nobody knows them
     * @throws NoSuchFileException likewise
     */
    RowSource open(ContainerSummary container, RoaringBitmap dead, int stretchLength)
        throws IOException;
  }

  /** Rows that died otherwise. */
  interface Removal {
    /** Whether there is proof that the row was removed. */
    boolean isRemoved(ContainerSummary container, LiveRow row) throws IOException;
  }

  private final Store store;
  private final List<ContainerSummary> containers;
  private final Map<ContainerId, Long> ranks;
  private final Map<ContainerId, RoaringBitmap> dead;
  private final RowOpener opener;
  private final Removal removal;
  private final boolean allCertain;
  private final Map<ContainerId, RoaringBitmap> died = new HashMap<>();
  private final Set<ContainerId> unknown = new HashSet<>();
  private final PriorityQueue<Cursor> open =
      new PriorityQueue<>((a, b) -> Arrays.compareUnsigned(a.row.key(), b.row.key()));
  private final IndexCache indexes = new IndexCache();
  private LogicalPath lastDirectory = LogicalPath.ROOT;
  private List<FileAbove> above = List.of();
  private long superseded;
  private long removed;
  private long folded;
  private long passThroughs;
  private long directories;
  private long payloadBytes;
  private long storedBytes;
  private long passThroughBytes;

  /**
   * A settlement.
   *
   * @param dead rows known to be dead
   * @param allCertain whether the containers are those of one snapshot, so that no file stands above another
   */
  RowSettlement(
      Store store,
      List<ContainerSummary> containers,
      Map<ContainerId, Long> ranks,
      Map<ContainerId, RoaringBitmap> dead,
      RowOpener opener,
      Removal removal,
      boolean allCertain) {
    this.store = store;
    this.containers = new ArrayList<>(containers);
    this.containers.sort(
        (a, b) -> Arrays.compareUnsigned(a.range().first(), b.range().first()));
    this.ranks = ranks;
    this.dead = dead;
    this.opener = opener;
    this.removal = removal;
    this.allCertain = allCertain;
  }

  /** A place among the rows of one container. */
  private final class Cursor {
    private final ContainerSummary summary;
    private final RowSource rows;
    private final long rank;
    private LiveRow row;

    Cursor(ContainerSummary summary, RowSource rows) {
      this.summary = summary;
      this.rows = rows;
      this.rank = ranks.getOrDefault(summary.id(), 0L);
    }
  }

  void run() throws IOException {
    int next = 0;
    try (indexes) {
      while (next < containers.size() || !open.isEmpty()) {
        while (next < containers.size()
            && (open.isEmpty()
                || Arrays.compareUnsigned(
                        containers.get(next).range().first(), open.peek().row.key())
                    <= 0)) {
          start(containers.get(next++));
        }
        if (!open.isEmpty()) {
          settle();
        }
      }
    } finally {
      for (Cursor cursor : open) {
        cursor.rows.close();
      }
    }
  }

  private void start(ContainerSummary summary) throws IOException {
    RoaringBitmap rows = dead.getOrDefault(summary.id(), new RoaringBitmap());
    RowSource source;
    try {
      source = opener.open(summary, rows, STRETCH);
    } catch (CorruptDataException | NoSuchFileException e) {
      unknown.add(summary.id());
      long live = summary.entries() - rows.rangeCardinality(0, summary.entries());
      passThroughs += Math.min(live, summary.passThroughs());
      folded += live - Math.min(live, summary.passThroughs());
      payloadBytes += summary.payloadBytes();
      storedBytes += summary.storedBytes();
      passThroughBytes += summary.passThroughBytes();
      return;
    }
    advance(new Cursor(summary, source));
  }

  private void advance(Cursor cursor) throws IOException {
    while (true) {
      var row = cursor.rows.next();
      if (row.isEmpty()) {
        cursor.rows.close();
        return;
      }
      cursor.row = row.get();
      RoaringBitmap lost = died.get(cursor.summary.id());
      if (lost != null && lost.contains(cursor.row.row())) {
        continue;
      }
      if (removal.isRemoved(cursor.summary, cursor.row)) {
        die(cursor.summary.id(), cursor.row.row());
        removed++;
        continue;
      }
      open.add(cursor);
      return;
    }
  }

  /** Takes all rows of the least key: one of them lives. */
  private void settle() throws IOException {
    List<Cursor> same = new ArrayList<>();
    byte[] key = open.peek().row.key();
    while (!open.isEmpty() && Arrays.equals(open.peek().row.key(), key)) {
      same.add(open.poll());
    }
    Cursor winner = same.get(0);
    for (Cursor cursor : same) {
      if (cursor.rank > winner.rank) {
        winner = cursor;
      }
    }
    for (Cursor cursor : same) {
      if (cursor != winner) {
        die(cursor.summary.id(), cursor.row.row());
        if (!cursor.row.isDirectory()) {
          superseded++;
        }
      }
    }
    if (winner.row.isDirectory()) {
      directories++;
    } else if (allCertain || !isBelowANewerFile(winner)) {
      count(winner.row.entry().get(), 1);
    }
    for (Cursor cursor : same) {
      advance(cursor);
    }
  }

  private void count(Entry entry, int sign) {
    if (entry.kind() == Entry.Kind.PASS_THROUGH) {
      passThroughs += sign;
      passThroughBytes += sign * entry.length();
    } else {
      folded += sign;
      payloadBytes += sign * entry.length();
      storedBytes += sign * entry.extent().length();
    }
  }

  private void die(ContainerId container, int row) {
    died.computeIfAbsent(container, id -> new RoaringBitmap()).add(row);
  }

  /** A file that stands where the path of others has a directory. */
  private record FileAbove(ContainerSummary container, Entry entry, long rank) {}

  /** Whether the row gives way to a file above it; else such files give way to it. */
  private boolean isBelowANewerFile(Cursor cursor) throws IOException {
    LogicalPath directory = cursor.row.path().parent();
    if (!directory.equals(lastDirectory)) {
      above = filesAbove(directory);
      lastDirectory = directory;
    }
    for (Iterator<FileAbove> files = above.iterator(); files.hasNext(); ) {
      FileAbove file = files.next();
      if (file.rank() > cursor.rank) {
        die(cursor.summary.id(), cursor.row.row());
        superseded++;
        return true;
      }
      if (isLive(file.container(), file.entry().ordinal())) {
        boolean passed =
            Arrays.compareUnsigned(file.entry().path().fileKey(), cursor.row.key()) < 0;
        if (passed) {
          count(file.entry(), -1);
        }
        die(file.container().id(), file.entry().ordinal());
        superseded++;
      }
      files.remove();
    }
    return false;
  }

  private List<FileAbove> filesAbove(LogicalPath directory) throws IOException {
    List<FileAbove> files = new ArrayList<>();
    for (LogicalPath path = directory; !path.isRoot(); path = path.parent()) {
      byte[] key = path.fileKey();
      for (ContainerSummary container : containers) {
        if (container.range().contains(key) && !unknown.contains(container.id())) {
          ContainerReader reader = indexes.reader(container);
          int ordinal = reader == null ? -1 : reader.index().find(path.utf8());
          if (ordinal >= 0 && isLive(container, ordinal)) {
            files.add(new FileAbove(
                container, reader.index().entry(ordinal), ranks.getOrDefault(container.id(), 0L)));
          }
        }
      }
    }
    return files;
  }

  private boolean isLive(ContainerSummary container, int ordinal) {
    RoaringBitmap before = dead.get(container.id());
    RoaringBitmap now = died.get(container.id());
    return (before == null || !before.contains(ordinal)) && (now == null || !now.contains(ordinal));
  }

  /** Rows that were not known to be dead, and are now. */
  Map<ContainerId, RoaringBitmap> died() {
    return died;
  }

  /** Files that gave way to newer ones. */
  long superseded() {
    return superseded;
  }

  /** Rows that were proven to be removed. */
  long removed() {
    return removed;
  }

  /** Containers whose rows nobody knows; they are counted as their summaries say. */
  Set<ContainerId> unknown() {
    return unknown;
  }

  /** What is live. */
  SnapshotStatistics totals() {
    return new SnapshotStatistics(
        folded + passThroughs,
        folded,
        passThroughs,
        directories,
        payloadBytes,
        storedBytes,
        passThroughBytes,
        0,
        0,
        0,
        0,
        0);
  }

  /** A few index blocks, opened anew when they are wanted again. */
  private final class IndexCache implements Closeable {
    private final Map<ContainerId, ContainerReader> readers = new LinkedHashMap<>();
    private final Map<ContainerId, ByteSource> sources = new HashMap<>();
    private final ArrayDeque<ContainerId> order = new ArrayDeque<>();

    /** Null if it cannot be opened. */
    ContainerReader reader(ContainerSummary container) throws IOException {
      ContainerReader known = readers.get(container.id());
      if (known != null) {
        return known;
      }
      if (order.size() >= OPEN_BLOCKS) {
        close(order.remove());
      }
      ByteSource source = null;
      try {
        source = store.open(container.path());
        ContainerReader reader = ContainerReader.open(source, container.id());
        readers.put(container.id(), reader);
        sources.put(container.id(), source);
        order.add(container.id());
        return reader;
      } catch (CorruptDataException | NoSuchFileException e) {
        if (source != null) {
          source.close();
        }
        return null; // What stands in it is told when it is mended.
      }
    }

    private void close(ContainerId id) throws IOException {
      readers.remove(id).close();
      sources.remove(id).close();
    }

    @Override
    public void close() throws IOException {
      while (!order.isEmpty()) {
        close(order.remove());
      }
    }
  }
}
