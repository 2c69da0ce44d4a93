package io.pleat.fold;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.fold.StagedGroup.DeadTotals;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.read.RemovedFiles;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.roaringbitmap.RoaringBitmap;

/**
 * Commits what a fold staged. A lost race costs no work: the fold is laid over the winner's snapshot, where each path that both hold stays
 * the winner's, and is tried again.
 */
final class FoldCommitter {
  /* After this many lost races something is wrong: the rivals each did a whole fold meanwhile. */
  private static final int MAX_ATTEMPTS = 50;

  private final Store dataset;
  private final DatasetLog log;
  private final CatalogWriter catalog;
  private final UUID runId;
  private final String sourceRoot;

  FoldCommitter(
      Store dataset, DatasetLog log, CatalogWriter catalog, UUID runId, String sourceRoot) {
    this.dataset = dataset;
    this.log = log;
    this.catalog = catalog;
    this.runId = runId;
    this.sourceRoot = sourceRoot;
  }

  /** What came of it: the new snapshot, and the containers that it took from the fold. */
  record Outcome(Optional<Snapshot> snapshot, Set<ContainerId> added) {}

  /**
   * Commits, if there is anything to commit.
   *
   * @param base what the fold was planned against
   * @param held the base's containers and tombstones as the staged groups count them
   * @param totals what the inventory found
   * @return the new snapshot with the containers that it took; no snapshot if there was nothing to do
   * @throws CondemnedException if what the fold wrote was condemned meanwhile
   * @throws CommitConflictException if the dataset changed in a way that the fold cannot be laid over
   */
  Outcome commit(
      Optional<Snapshot> base,
      List<HeldContainer> held,
      List<StagedGroup> staged,
      ListingTotals totals,
      long looseFiles)
      throws IOException {
    List<ContainerSummary> added = new ArrayList<>();
    staged.forEach(group -> added.addAll(group.containers()));
    Map<ContainerId, RoaringBitmap> dead = collect(staged, held, false);
    Map<ContainerId, RoaringBitmap> buried = new HashMap<>();
    List<ContainerSummary> baseContainers = new ArrayList<>();
    Set<ContainerId> baseTombstones = new HashSet<>();
    for (HeldContainer container : held) {
      ContainerId id = container.summary().id();
      if (!container.tombstones()) {
        baseContainers.add(container.summary());
      } else {
        baseTombstones.add(id);
        Optional.ofNullable(dead.remove(id)).ifPresent(rows -> buried.put(id, rows));
      }
    }
    DeadTotals died = DeadTotals.ZERO;
    for (StagedGroup group : staged) {
      died = died.plus(group.counted());
    }
    if (base.isPresent()) {
      died = died.plus(count(base.get(), baseContainers, collect(staged, held, true)));
    }
    Optional<Snapshot> current = base;
    CommitConflictException lost = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      SnapshotChange change = new SnapshotChange(
              "fold",
              runId,
              sourceRoot,
              added,
              freeze(dead),
              delta(added, died, totals, looseFiles))
          .withTombstonesDead(freeze(buried))
          .endingOnlyCopies(); // where the source has something new under the same path
      if (change.isEmpty()) {
        return new Outcome(Optional.empty(), Set.of());
      }
      try {
        Snapshot committed = log.commit(current, change, catalog);
        return new Outcome(Optional.of(committed), ids(added, List.of()));
      } catch (CommitConflictException e) {
        lost = e;
        current = log.current();
        Snapshot winner = current.orElseThrow(() -> e);
        if (!winner.sourceRoot().equals(sourceRoot)) {
          throw e;
        }
        log.requireStillThere(
            winner, SnapshotChange.by("fold", runId, sourceRoot).withAdded(added));
        List<ContainerSummary> containers = log.containers(winner);
        requireStillThere(containers, dead.keySet(), added, e);
        spareOnlyCopies(base, winner, containers, added, dead);
        yieldTo(winner, containers, baseContainers, added, dead);
        respectTombstones(winner, baseTombstones, added, dead, buried);
        added.removeIf(container -> isAllDead(container, dead.get(container.id())));
        dead.keySet().retainAll(ids(containers, added));
        List<ContainerSummary> touched = new ArrayList<>(containers);
        touched.addAll(added);
        died = count(winner, touched, dead);
      }
    }
    throw lost;
  }

  /** Fails if a container that the fold marks rows of was rewritten meanwhile: its rows have other numbers now. */
  private static void requireStillThere(
      List<ContainerSummary> containers,
      Set<ContainerId> marked,
      List<ContainerSummary> added,
      CommitConflictException lost)
      throws CommitConflictException {
    if (!ids(containers, added).containsAll(marked)) {
      throw new CommitConflictException(
          "another run rewrote containers that this fold replaces files of; run it again",
          lost.winner());
    }
  }

  /**
   * What a winner reclaimed is the only copy now, and was proven equal to what stood at the source when this run found something else there: our
   * entry of that path yields, and the next fold looks again.
   */
  private void spareOnlyCopies(
      Optional<Snapshot> base,
      Snapshot winner,
      List<ContainerSummary> containers,
      List<ContainerSummary> added,
      Map<ContainerId, RoaringBitmap> dead)
      throws IOException {
    for (ContainerSummary container : containers) {
      RoaringBitmap marks = dead.get(container.id());
      if (marks == null) {
        continue;
      }
      RoaringBitmap spared = log.reclaimedRows(winner, container.id()).toBitmap();
      if (base.isPresent()) {
        spared.andNot(log.reclaimedRows(base.get(), container.id()).toBitmap());
      }
      spared.and(marks);
      if (spared.isEmpty()) {
        continue;
      }
      marks.andNot(spared);
      try (OpenContainer theirs = new OpenContainer(container)) {
        for (ContainerSummary mine : added) {
          try (OpenContainer ours = new OpenContainer(mine)) {
            RoaringBitmap ourMarks = dead.computeIfAbsent(mine.id(), id -> new RoaringBitmap());
            for (int row : spared) {
              int ordinal = ours.index().find(theirs.index().path(row).utf8());
              if (ordinal >= 0) {
                ourMarks.add(ordinal);
              }
            }
          }
        }
      }
    }
  }

  /** What a winner removed does not come back with this run, unless the source has something else under its path. */
  private void respectTombstones(
      Snapshot winner,
      Set<ContainerId> known,
      List<ContainerSummary> added,
      Map<ContainerId, RoaringBitmap> dead,
      Map<ContainerId, RoaringBitmap> buried)
      throws IOException {
    List<ContainerSummary> tombstones = log.tombstones(winner);
    buried.keySet().retainAll(ids(tombstones, List.of()));
    for (ContainerSummary container : tombstones) {
      if (known.contains(container.id())) {
        continue;
      }
      DeletionVector superseded = log.deadTombstones(winner, container.id());
      LogicalPath path = ContainerSummary.tombstonePathOf(container.id());
      try (OpenContainer theirs = new OpenContainer(path, container)) {
        for (ContainerSummary mine : added) {
          try (OpenContainer ours = new OpenContainer(mine)) {
            for (int row = 0; row < theirs.index().entryCount(); row++) {
              Entry stone = theirs.index().entry(row);
              int ordinal = ours.index().find(stone.path().utf8());
              if (superseded.contains(row) || ordinal < 0) {
                continue;
              }
              Entry entry = ours.index().entry(ordinal);
              boolean equal = RemovedFiles.areSame(
                  stone.length(), stone.attributes(), entry.length(), entry.attributes());
              (equal ? dead : buried)
                  .computeIfAbsent(equal ? mine.id() : container.id(), id -> new RoaringBitmap())
                  .add(equal ? ordinal : row);
            }
          }
        }
      }
    }
  }

  /** Marks dead those of our rows whose path a winner's live file holds, is an ancestor of, or lies below. */
  private void yieldTo(
      Snapshot winner,
      List<ContainerSummary> containers,
      List<ContainerSummary> baseContainers,
      List<ContainerSummary> added,
      Map<ContainerId, RoaringBitmap> dead)
      throws IOException {
    Set<ContainerId> known = ids(baseContainers, List.of());
    for (ContainerSummary rival : containers) {
      if (known.contains(rival.id())) {
        continue;
      }
      DeletionVector rivalDead = log.deletionVector(winner, rival.id());
      try (OpenContainer theirs = new OpenContainer(rival)) {
        for (ContainerSummary mine : added) {
          try (OpenContainer ours = new OpenContainer(mine)) {
            RoaringBitmap marks = dead.computeIfAbsent(mine.id(), id -> new RoaringBitmap());
            markShared(ours.index(), theirs.index(), rivalDead, marks);
          }
        }
      }
    }
  }

  private static void markShared(
      IndexBlock ours, IndexBlock theirs, DeletionVector theirDead, RoaringBitmap marks)
      throws IOException {
    int entries = ours.entryCount();
    for (int ordinal = 0; ordinal < entries; ordinal++) {
      byte[] path = ours.path(ordinal).utf8();
      int rival = theirs.find(path);
      if (rival >= 0 && !theirDead.contains(rival)) {
        marks.add(ordinal);
        continue;
      }
      int directory = theirs.findDirectory(path);
      if (directory >= 0) {
        DirectoryEntry below = theirs.directory(directory);
        if (!theirDead.containsAll(below.firstEntry(), below.subtreeEndEntry())) {
          marks.add(ordinal);
        }
      }
    }
    for (int i = 0; i < ours.directoryCount(); i++) {
      DirectoryEntry directory = ours.directory(i);
      int rival = directory.path().isRoot() ? -1 : theirs.find(directory.path().utf8());
      if (rival >= 0 && !theirDead.contains(rival)) {
        marks.add(directory.firstEntry(), (long) directory.subtreeEndEntry());
        marks.add((long) entries + i, (long) entries + directory.subtreeEndIndex());
      }
    }
  }

  /** @param marks null if no row of it died */
  private static boolean isAllDead(ContainerSummary container, RoaringBitmap marks) {
    return container.entries() > 0 && marks != null && marks.contains(0L, container.entries());
  }

  private static Set<ContainerId> ids(
      List<ContainerSummary> containers, List<ContainerSummary> added) {
    Set<ContainerId> ids = new HashSet<>();
    containers.forEach(container -> ids.add(container.id()));
    added.forEach(container -> ids.add(container.id()));
    return ids;
  }

  private static Map<ContainerId, RoaringBitmap> collect(
      List<StagedGroup> staged, List<HeldContainer> held, boolean uncounted) {
    Map<ContainerId, RoaringBitmap> collected = new HashMap<>();
    for (StagedGroup group : staged) {
      (uncounted ? group.uncounted() : group.dead()).forEach((index, bytes) -> {
        RoaringBitmap bitmap = new RoaringBitmap();
        try {
          bitmap.deserialize(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
        collected
            .computeIfAbsent(held.get(index).summary().id(), id -> new RoaringBitmap())
            .or(bitmap);
      });
    }
    return collected;
  }

  private static Map<ContainerId, DeletionVector> freeze(Map<ContainerId, RoaringBitmap> dead) {
    Map<ContainerId, DeletionVector> frozen = new HashMap<>();
    dead.forEach((id, bitmap) -> {
      if (!bitmap.isEmpty()) {
        frozen.put(id, DeletionVector.copyOf(bitmap));
      }
    });
    return frozen;
  }

  /** Totals of the entries among {@code rows} that are live in {@code snapshot}. */
  private DeadTotals count(
      Snapshot snapshot, List<ContainerSummary> containers, Map<ContainerId, RoaringBitmap> rows)
      throws IOException {
    DeadTotals totals = DeadTotals.ZERO;
    for (ContainerSummary container : containers) {
      RoaringBitmap marked = rows.get(container.id());
      if (marked == null || marked.isEmpty()) {
        continue;
      }
      RoaringBitmap live = marked.clone();
      live.andNot(log.deletionVector(snapshot, container.id()).toBitmap());
      try (OpenContainer open = new OpenContainer(container)) {
        for (int row : live) {
          totals = totals.plus(totalsOf(open.index(), row));
        }
      }
    }
    return totals;
  }

  private static DeadTotals totalsOf(IndexBlock index, int row) throws IOException {
    if (row >= index.entryCount()) {
      boolean recorded = index.directory(row - index.entryCount()).attributes().isPresent();
      return new DeadTotals(0, 0, 0, 0, 0, recorded ? 1 : 0);
    }
    Entry entry = index.entry(row);
    return entry.kind() == Entry.Kind.PASS_THROUGH
        ? new DeadTotals(0, 1, 0, 0, entry.length(), 0)
        : new DeadTotals(1, 0, entry.length(), entry.extent().length(), 0, 0);
  }

  private static SnapshotStatistics delta(
      List<ContainerSummary> added, DeadTotals died, ListingTotals totals, long looseFiles) {
    long entries = 0;
    long passThroughs = 0;
    long payloadBytes = 0;
    long storedBytes = 0;
    long passThroughBytes = 0;
    long indexBytes = 0;
    long directories = -died.directories();
    for (ContainerSummary container : added) {
      entries += container.entries();
      passThroughs += container.passThroughs();
      payloadBytes += container.payloadBytes();
      storedBytes += container.storedBytes();
      passThroughBytes += container.passThroughBytes();
      indexBytes += container.length() - container.indexOffset();
      directories += container.directories();
    }
    long folded = entries - passThroughs - died.folded();
    long passThrough = passThroughs - died.passThroughs();
    return new SnapshotStatistics(
        folded + passThrough,
        folded,
        passThrough,
        directories,
        payloadBytes - died.payloadBytes(),
        storedBytes - died.storedBytes(),
        passThroughBytes - died.passThroughBytes(),
        indexBytes,
        looseFiles,
        totals.files,
        totals.directories,
        totals.blocks);
  }

  /** A container's index block, opened for a look. */
  private final class OpenContainer implements AutoCloseable {
    private final ByteSource source;
    private final ContainerReader reader;

    OpenContainer(ContainerSummary container) throws IOException {
      this(container.path(), container);
    }

    OpenContainer(LogicalPath path, ContainerSummary container) throws IOException {
      source = dataset.open(path);
      reader = ContainerReader.open(source, container.id());
    }

    IndexBlock index() {
      return reader.index();
    }

    @Override
    public void close() throws IOException {
      try (ByteSource closed = source) {
        reader.close();
      }
    }
  }
}
