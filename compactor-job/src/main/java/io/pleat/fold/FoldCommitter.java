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
import io.pleat.fold.FoldOverlay.Laid;
import io.pleat.fold.StagedGroup.DeadTotals;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.OutOfSpace;
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
  private volatile boolean mayBeCommitted;

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
    List<ContainerSummary> own = new ArrayList<>();
    staged.forEach(group -> own.addAll(group.containers()));
    List<ContainerSummary> baseContainers = new ArrayList<>();
    List<ContainerSummary> baseTombstones = new ArrayList<>();
    for (HeldContainer container : held) {
      (container.tombstones() ? baseTombstones : baseContainers).add(container.summary());
    }
    Map<ContainerId, RoaringBitmap> dead = collect(staged, held, false);
    FoldOverlay overlay = new FoldOverlay(
        dataset, log, base.orElse(null), baseContainers, baseTombstones, own, Map.copyOf(dead));
    Map<ContainerId, RoaringBitmap> buried = new HashMap<>();
    for (ContainerSummary tombstones : baseTombstones) {
      Optional.ofNullable(dead.remove(tombstones.id()))
          .ifPresent(rows -> buried.put(tombstones.id(), rows));
    }
    Laid laid = new Laid(own, dead, buried);
    DeadTotals died = died(base, baseContainers, staged, held);
    Optional<Snapshot> current = base;
    CommitConflictException lost = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      SnapshotChange change = new SnapshotChange(
              "fold",
              runId,
              sourceRoot,
              laid.added(),
              freeze(laid.dead()),
              delta(laid.added(), died, totals, looseFiles))
          .withTombstonesDead(freeze(laid.buried()))
          .endingOnlyCopies(); // where the source has something new under the same path
      if (change.isEmpty()) {
        return new Outcome(Optional.empty(), Set.of());
      }
      try {
        mayBeCommitted = true;
        Snapshot committed = log.commit(current, change, catalog);
        return new Outcome(Optional.of(committed), ids(laid.added()));
      } catch (CommitConflictException e) {
        mayBeCommitted = false;
        lost = e;
      } catch (CondemnedException e) {
        mayBeCommitted = false;
        throw e;
      } catch (IOException e) {
        // A commit that ran out of space says whether its outcome is known.
        mayBeCommitted = e instanceof CommitStateUnknownException || !OutOfSpace.is(e);
        throw e;
      }
      Rebased next = rebase(overlay, own, lost);
      current = Optional.of(next.onto());
      laid = next.laid();
      died = next.died();
    }
    throw lost;
  }

  /** Whether a commit is under way, or its outcome is not known: then nothing that the fold wrote may be deleted. */
  boolean mayBeCommitted() {
    return mayBeCommitted;
  }

  /** Totals of what the fold replaces in its base. */
  private DeadTotals died(
      Optional<Snapshot> base,
      List<ContainerSummary> baseContainers,
      List<StagedGroup> staged,
      List<HeldContainer> held)
      throws IOException {
    if (base.isEmpty()) {
      return DeadTotals.ZERO;
    }
    Map<ContainerId, RoaringBitmap> uncounted = collect(staged, held, true);
    for (ContainerSummary container : baseContainers) {
      RoaringBitmap rows = uncounted.get(container.id());
      if (rows != null && rows.intersects(0, container.entries())) {
        // What lay below a directory that is a file now may have been counted as vanished, too.
        return count(base.get(), baseContainers, collect(staged, held, false));
      }
    }
    DeadTotals died = count(base.get(), baseContainers, uncounted);
    for (StagedGroup group : staged) {
      died = died.plus(group.counted());
    }
    return died;
  }

  private record Rebased(Snapshot onto, Laid laid, DeadTotals died) {}

  private Rebased rebase(
      FoldOverlay overlay, List<ContainerSummary> own, CommitConflictException lost)
      throws IOException {
    while (true) {
      Snapshot winner = log.current().orElseThrow(() -> lost);
      if (!winner.sourceRoot().equals(sourceRoot)) {
        throw lost;
      }
      try {
        log.requireStillThere(
            winner, SnapshotChange.by("fold", runId, sourceRoot).withAdded(own));
        Laid laid = overlay.over(winner);
        List<ContainerSummary> touched = new ArrayList<>(log.containers(winner));
        touched.addAll(laid.added());
        return new Rebased(winner, laid, count(winner, touched, laid.dead()));
      } catch (IOException e) {
        if (!log.isStale(winner, e)) {
          throw e;
        }
        lost.addSuppressed(e); // There is a newer one.
      }
    }
  }

  private static Set<ContainerId> ids(List<ContainerSummary> containers) {
    Set<ContainerId> ids = new HashSet<>();
    containers.forEach(container -> ids.add(container.id()));
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
      try (OpenContainer open = OpenContainer.of(dataset, container.id())) {
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
}
