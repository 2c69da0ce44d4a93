package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ContainerId;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.read.RemovedFiles;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a fold staged, laid over a snapshot that is not the one it was planned against. Each path that both hold stays the other's: what is live there
 * and was not in the base, or may not be replaced any more, makes the fold's row of that path die. Looks at nothing but index blocks.
 */
final class FoldOverlay {
  private final Store dataset;
  private final DatasetLog log;
  private final Snapshot base;
  private final List<ContainerSummary> baseContainers;
  private final List<ContainerSummary> baseTombstones;
  private final List<ContainerSummary> staged;
  private final Map<ContainerId, RoaringBitmap> replaced;

  /**
   * @param base what the fold was planned against; null if there was no snapshot
   * @param staged the fold's own containers
   * @param replaced rows of the base's containers that the fold replaces
   */
  FoldOverlay(
      Store dataset,
      DatasetLog log,
      Snapshot base,
      List<ContainerSummary> baseContainers,
      List<ContainerSummary> baseTombstones,
      List<ContainerSummary> staged,
      Map<ContainerId, RoaringBitmap> replaced) {
    this.dataset = dataset;
    this.log = log;
    this.base = base;
    this.baseContainers = baseContainers;
    this.baseTombstones = baseTombstones;
    this.staged = staged;
    this.replaced = replaced;
  }

  /**
   * The outcome.
   *
   * @param added the fold's containers of which something is live
   * @param dead rows that die, of these and of the snapshot's
   * @param buried tombstones that are superseded
   */
  record Laid(
      List<ContainerSummary> added,
      Map<ContainerId, RoaringBitmap> dead,
      Map<ContainerId, RoaringBitmap> buried) {}

  /** Lays it over {@code winner}. */
  Laid over(Snapshot winner) throws IOException {
    return new Laying(winner).lay();
  }

  private final class Laying {
    private final Snapshot winner;
    private final Set<ContainerId> known = ids(baseContainers);
    private final Map<ContainerId, RoaringBitmap> dead = new HashMap<>();
    private final Map<ContainerId, RoaringBitmap> buried = new HashMap<>();

    /** Entries that are live in the winner, and that the fold did not take into account. */
    private final Map<ContainerId, RoaringBitmap> rivals = new HashMap<>();

    Laying(Snapshot winner) {
      this.winner = winner;
    }

    Laid lay() throws IOException {
      List<ContainerSummary> there = log.containers(winner);
      for (ContainerSummary container : there) {
        ContainerId id = container.id();
        rivals.put(id, known.contains(id) ? revived(container) : live(container));
      }
      Set<ContainerId> ids = ids(there);
      for (ContainerSummary container : baseContainers) {
        RoaringBitmap marks = replaced.get(container.id());
        if (marks == null) {
          continue;
        }
        // A row that was dead already, of a directory that is a file now, may be live again.
        RoaringBitmap rows =
            RoaringBitmap.andNot(marks, log.deletionVector(base, container.id()).toBitmap());
        if (ids.contains(container.id())) {
          RoaringBitmap spared = spared(container, rows);
          rivals.get(container.id()).or(spared);
          rows.andNot(spared);
          dead.put(container.id(), rows);
        } else {
          translate(container, rows, there);
        }
      }
      for (ContainerSummary rival : there) {
        yieldTo(rival.id(), rivals.get(rival.id()));
      }
      respectTombstones();
      for (ContainerSummary container : there) {
        spareBelowWhatYielded(container.id());
      }
      List<ContainerSummary> added = new ArrayList<>(staged);
      added.removeIf(container -> isAllDead(container, dead.get(container.id())));
      ids.addAll(ids(added));
      dead.keySet().retainAll(ids);
      return new Laid(added, dead, buried);
    }

    private RoaringBitmap live(ContainerSummary container) throws IOException {
      RoaringBitmap rows = RoaringBitmap.bitmapOfRange(0, container.entries());
      rows.andNot(log.deletionVector(winner, container.id()).toBitmap());
      return rows;
    }

    /** Entries that were dead in the base: a rollback brought them back. */
    private RoaringBitmap revived(ContainerSummary container) throws IOException {
      ContainerId id = container.id();
      RoaringBitmap rows = log.deletionVector(base, id).toBitmap();
      rows.andNot(log.deletionVector(winner, id).toBitmap());
      rows.remove((long) container.entries(), 1L << 32); // directories
      return rows;
    }

    /**
     * What was reclaimed meanwhile is the only copy now, and was proven equal to what stood at the source when this run found something else
     * there: our entry of that path yields, and the next fold looks again.
     */
    private RoaringBitmap spared(ContainerSummary container, RoaringBitmap marks)
        throws IOException {
      RoaringBitmap rows = log.reclaimedRows(winner, container.id()).toBitmap();
      rows.andNot(log.reclaimedRows(base, container.id()).toBitmap());
      rows.and(marks);
      return rows;
    }

    /** Finds the rows of a container that was rewritten meanwhile in those that took its place. */
    private void translate(ContainerSummary gone, RoaringBitmap rows, List<ContainerSummary> there)
        throws IOException {
      RoaringBitmap onlyBefore = log.reclaimedRows(base, gone.id()).toBitmap();
      try (OpenContainer before = OpenContainer.of(dataset, gone.id())) {
        for (ContainerSummary rival : there) {
          if (known.contains(rival.id()) || !rival.range().overlaps(gone.range())) {
            continue;
          }
          RoaringBitmap theirDead = log.deletionVector(winner, rival.id()).toBitmap();
          RoaringBitmap only = log.reclaimedRows(winner, rival.id()).toBitmap();
          RoaringBitmap moved = dead.computeIfAbsent(rival.id(), id -> new RoaringBitmap());
          try (OpenContainer after = OpenContainer.of(dataset, rival.id())) {
            for (int row : rows) {
              int now = findSame(before.index(), row, after.index());
              if (now >= 0
                  && !theirDead.contains(now)
                  && (!only.contains(now) || onlyBefore.contains(row))) {
                moved.add(now);
              }
            }
          }
          rivals.get(rival.id()).andNot(moved);
        }
      }
    }

    /** Marks dead those of our rows whose path one of the rows holds, is an ancestor of, or lies below. */
    private void yieldTo(ContainerId rival, RoaringBitmap rows) throws IOException {
      if (rows.isEmpty()) {
        return;
      }
      try (OpenContainer theirs = OpenContainer.of(dataset, rival)) {
        for (ContainerSummary mine : staged) {
          try (OpenContainer ours = OpenContainer.of(dataset, mine.id())) {
            RoaringBitmap marks = dead.computeIfAbsent(mine.id(), id -> new RoaringBitmap());
            markShared(ours.index(), theirs.index(), rows, marks);
          }
        }
      }
    }

    /** What lies below a directory died for a file of ours in its place; if that file yielded, nothing took the place. */
    private void spareBelowWhatYielded(ContainerId container) throws IOException {
      RoaringBitmap marks = dead.get(container);
      if (marks == null || marks.isEmpty()) {
        return;
      }
      try (OpenContainer theirs = OpenContainer.of(dataset, container)) {
        for (ContainerSummary mine : staged) {
          RoaringBitmap yielded = dead.get(mine.id());
          if (yielded != null && !yielded.isEmpty()) {
            try (OpenContainer ours = OpenContainer.of(dataset, mine.id())) {
              unmarkBelow(theirs.index(), marks, ours.index(), yielded);
            }
          }
        }
      }
    }

    /** What was removed meanwhile does not come back with this run, unless the source has something else under its path. */
    private void respectTombstones() throws IOException {
      Set<ContainerId> knownStones = ids(baseTombstones);
      for (ContainerSummary container : log.tombstones(winner)) {
        ContainerId id = container.id();
        DeletionVector superseded = log.deadTombstones(winner, id);
        RoaringBitmap marks = replaced.get(id);
        if (marks != null) {
          buried.put(id, marks.clone());
        }
        RoaringBitmap rows = RoaringBitmap.bitmapOfRange(0, container.entries());
        rows.andNot(superseded.toBitmap());
        if (knownStones.contains(id)) {
          rows.and(log.deadTombstones(base, id).toBitmap());
        }
        if (rows.isEmpty()) {
          continue;
        }
        try (OpenContainer theirs = OpenContainer.ofTombstones(dataset, id)) {
          for (ContainerSummary mine : staged) {
            try (OpenContainer ours = OpenContainer.of(dataset, mine.id())) {
              respectTombstones(id, theirs.index(), rows, mine.id(), ours.index());
            }
          }
        }
      }
    }

    private void respectTombstones(
        ContainerId container,
        IndexBlock theirs,
        RoaringBitmap rows,
        ContainerId mine,
        IndexBlock ours)
        throws IOException {
      for (int row : rows) {
        Entry stone = theirs.entry(row);
        int ordinal = ours.find(stone.path().utf8());
        if (ordinal < 0) {
          continue;
        }
        Entry entry = ours.entry(ordinal);
        boolean equal = RemovedFiles.areSame(
            stone.length(), stone.attributes(), entry.length(), entry.attributes());
        (equal ? dead : buried)
            .computeIfAbsent(equal ? mine : container, id -> new RoaringBitmap())
            .add(equal ? ordinal : row);
      }
    }
  }

  /** Where another container has the same file, or the same record of a directory; -1 if it has not. */
  private static int findSame(IndexBlock from, int row, IndexBlock to) throws IOException {
    if (row >= from.entryCount()) {
      DirectoryEntry directory = from.directory(row - from.entryCount());
      int found = to.findDirectory(directory.path().utf8());
      return found >= 0
              && directory.attributes().isPresent()
              && directory.attributes().equals(to.directory(found).attributes())
          ? to.entryCount() + found
          : -1;
    }
    Entry entry = from.entry(row);
    int found = to.find(entry.path().utf8());
    if (found < 0) {
      return -1;
    }
    Entry other = to.entry(found);
    return other.kind() == entry.kind()
            && other.length() == entry.length()
            && other.crc32c() == entry.crc32c()
            && other.attributes().equals(entry.attributes())
        ? found
        : -1;
  }

  private static void markShared(
      IndexBlock ours, IndexBlock theirs, RoaringBitmap rows, RoaringBitmap marks)
      throws IOException {
    int entries = ours.entryCount();
    for (int ordinal = 0; ordinal < entries; ordinal++) {
      byte[] path = ours.path(ordinal).utf8();
      int rival = theirs.find(path);
      if (rival >= 0 && rows.contains(rival)) {
        marks.add(ordinal);
        continue;
      }
      int directory = theirs.findDirectory(path);
      if (directory >= 0) {
        DirectoryEntry below = theirs.directory(directory);
        if (rows.intersects(below.firstEntry(), below.subtreeEndEntry())) {
          marks.add(ordinal);
        }
      }
    }
    for (int i = 0; i < ours.directoryCount(); i++) {
      DirectoryEntry directory = ours.directory(i);
      int rival = directory.path().isRoot() ? -1 : theirs.find(directory.path().utf8());
      if (rival >= 0 && rows.contains(rival)) {
        marks.add(directory.firstEntry(), (long) directory.subtreeEndEntry());
        marks.add((long) entries + i, (long) entries + directory.subtreeEndIndex());
      }
    }
  }

  private static void unmarkBelow(
      IndexBlock theirs, RoaringBitmap marks, IndexBlock ours, RoaringBitmap yielded)
      throws IOException {
    for (int i = 0; i < theirs.directoryCount(); i++) {
      DirectoryEntry directory = theirs.directory(i);
      int file = directory.path().isRoot() ? -1 : ours.find(directory.path().utf8());
      if (file >= 0 && yielded.contains(file)) {
        marks.remove(directory.firstEntry(), (long) directory.subtreeEndEntry());
        long directories = theirs.entryCount();
        marks.remove(directories + i, directories + directory.subtreeEndIndex());
      }
    }
  }

  /** @param marks null if no row of it died */
  private static boolean isAllDead(ContainerSummary container, RoaringBitmap marks) {
    return container.entries() > 0 && marks != null && marks.contains(0L, container.entries());
  }

  private static Set<ContainerId> ids(List<ContainerSummary> containers) {
    Set<ContainerId> ids = new HashSet<>();
    containers.forEach(container -> ids.add(container.id()));
    return ids;
  }
}
