package io.pleat.maintain;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.ContainerId;
import io.pleat.store.Store;
import java.io.IOException;
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
 * Makes rewritten containers visible in place of the old ones. What was committed since the rewrite began survives: rows that died or were reclaimed in an
 * old container do so in the new one. Where an old container is gone, or a row of it came back to life, the rewrite is dropped.
 */
final class RewriteCommitter {
  private static final int MAX_ATTEMPTS = 50;

  private final Store dataset;
  private final DatasetLog log;
  private final CatalogWriter catalog;
  private final String operation;
  private final UUID runId;

  RewriteCommitter(
      Store dataset, DatasetLog log, CatalogWriter catalog, String operation, UUID runId) {
    this.dataset = dataset;
    this.log = log;
    this.catalog = catalog;
    this.operation = operation;
    this.runId = runId;
  }

  /** What becomes of files that could not be carried over. */
  enum Leftovers {
    /** They stay live in their old container. */
    KEEP,
    /** They are no part of the dataset any more. */
    GIVE_UP
  }

  /**
   * Commits.
   *
   * @param baseContainers all containers of the snapshot that the rewrite was planned against
   * @return the new snapshot; nothing if the rewrite was dropped, and then its files are deleted
   * @throws io.pleat.store.CommitStateUnknownException if the outcome could not be found out; nothing is deleted then
   */
  Optional<Snapshot> commit(
      Set<ContainerId> baseContainers, RewriteResult.Done done, Leftovers leftovers)
      throws IOException {
    IOException lost = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Snapshot head = log.current().orElseThrow(() -> new IOException("no snapshot"));
      Optional<SnapshotChange> change;
      try {
        change = over(head, baseContainers, done, leftovers);
      } catch (IOException e) {
        if (!log.isStale(head, e)) {
          throw e;
        }
        lost = e;
        continue;
      }
      if (change.isEmpty()) {
        delete(done.rewritten().added());
        return Optional.empty();
      }
      if (change.get().isEmpty()) {
        return Optional.empty();
      }
      try {
        // The head may be far younger than the rewrite: what others condemned and deleted meanwhile
        // is in no list any more.
        log.requireStillThere(head, change.get());
        return Optional.of(log.commit(Optional.of(head), change.get(), catalog));
      } catch (CommitConflictException e) {
        lost = e;
      } catch (CondemnedException e) {
        // Ours, and about to be deleted by others: the next run starts anew.
        return Optional.empty();
      }
    }
    throw lost;
  }

  /** The change, laid over {@code head}; nothing if it cannot be. */
  private Optional<SnapshotChange> over(
      Snapshot head, Set<ContainerId> baseContainers, RewriteResult.Done done, Leftovers leftovers)
      throws IOException {
    Rewritten rewritten = done.rewritten();
    List<ContainerSummary> now = log.containers(head);
    Set<ContainerId> there = new HashSet<>();
    now.forEach(container -> there.add(container.id()));
    Map<ContainerId, RoaringBitmap> left = new HashMap<>();
    for (LeftBehind row : rewritten.leftBehind()) {
      left.computeIfAbsent(row.container(), id -> new RoaringBitmap()).add(row.row());
    }
    Set<ContainerId> removed = new HashSet<>();
    Map<ContainerId, RoaringBitmap> dies = new HashMap<>();
    Map<ContainerId, RoaringBitmap> reclaimed = new HashMap<>();
    Map<ContainerId, ReclaimedRows> unmarked = new HashMap<>();
    boolean endsOnlyCopies = false;
    Lost lost = new Lost(0, 0, 0);
    for (ContainerSummary container : done.containers()) {
      ContainerId id = container.id();
      if (!there.contains(id)) {
        return Optional.empty();
      }
      RoaringBitmap dead = log.deletionVector(head, id).toBitmap();
      RoaringBitmap before = done.dead().get(id);
      if (!dead.contains(before)) {
        return Optional.empty(); // Rolled back: rows live that were not carried over.
      }
      merge(dies, rewritten.moves().translate(id, RoaringBitmap.andNot(dead, before)));
      RoaringBitmap only = log.reclaimedRows(head, id).toBitmap();
      merge(reclaimed, rewritten.moves().translate(id, only));
      RoaringBitmap stays = RoaringBitmap.andNot(left.getOrDefault(id, new RoaringBitmap()), dead);
      if (leftovers == Leftovers.GIVE_UP && !stays.isEmpty()) {
        endsOnlyCopies |= RoaringBitmap.intersects(stays, only);
        lost = lost.plus(rewritten.leftBehind(), id, stays);
      }
      if (stays.isEmpty() || leftovers == Leftovers.GIVE_UP) {
        removed.add(id);
      } else {
        RoaringBitmap gone = rewritten.moves().movedFrom(id);
        RoaringBitmap dropped = rewritten.dropped().get(id);
        if (dropped != null) {
          gone.or(dropped);
        }
        merge(dies, Map.of(id, gone));
        RoaringBitmap goneOnly = RoaringBitmap.and(gone, only);
        if (!goneOnly.isEmpty()) {
          unmarked.put(id, ReclaimedRows.copyOf(goneOnly));
        }
      }
    }
    List<ContainerSummary> addedSince = now.stream()
        .filter(container -> !baseContainers.contains(container.id()))
        .toList();
    if (!addedSince.isEmpty()) {
      DirectoryPrecedence precedence = new DirectoryPrecedence(
          dataset,
          id -> there.contains(id) ? log.deletionVector(head, id).toBitmap() : new RoaringBitmap());
      merge(dies, precedence.superseded(rewritten.added(), addedSince));
    }
    SnapshotChange change = SnapshotChange.by(operation, runId, head.sourceRoot())
        .withAdded(rewritten.added())
        .withRemoved(removed)
        .withNewlyDead(deadRows(dies))
        .withNewlyReclaimed(reclaimedRows(reclaimed, dies))
        .withNoLongerReclaimed(unmarked)
        .withLiveDelta(new SnapshotStatistics(
            -lost.files,
            -lost.files,
            0,
            0,
            -Math.min(lost.bytes, head.statistics().payloadBytes()),
            Math.max(
                rewritten.storedBytesGrowth() - lost.storedBytes,
                -head.statistics().storedBytes()),
            0,
            0,
            0,
            0,
            0,
            0));
    return Optional.of(endsOnlyCopies ? change.endingOnlyCopies() : change);
  }

  /** Totals of files that are given up. */
  private record Lost(long files, long bytes, long storedBytes) {
    Lost plus(List<LeftBehind> all, ContainerId container, RoaringBitmap rows) {
      long moreBytes = 0;
      long moreStored = 0;
      for (LeftBehind file : all) {
        if (file.container().equals(container) && rows.contains(file.row())) {
          moreBytes += file.length();
          moreStored += file.storedLength();
        }
      }
      return new Lost(files + rows.getCardinality(), bytes + moreBytes, storedBytes + moreStored);
    }
  }

  private static void merge(
      Map<ContainerId, RoaringBitmap> into, Map<ContainerId, RoaringBitmap> rows) {
    rows.forEach(
        (id, bitmap) -> into.computeIfAbsent(id, unknown -> new RoaringBitmap()).or(bitmap));
  }

  private static Map<ContainerId, DeletionVector> deadRows(Map<ContainerId, RoaringBitmap> rows) {
    Map<ContainerId, DeletionVector> vectors = new HashMap<>();
    rows.forEach((id, bitmap) -> {
      if (!bitmap.isEmpty()) {
        vectors.put(id, DeletionVector.copyOf(bitmap));
      }
    });
    return vectors;
  }

  private static Map<ContainerId, ReclaimedRows> reclaimedRows(
      Map<ContainerId, RoaringBitmap> rows, Map<ContainerId, RoaringBitmap> dead) {
    Map<ContainerId, ReclaimedRows> marks = new HashMap<>();
    rows.forEach((id, bitmap) -> {
      RoaringBitmap live = RoaringBitmap.andNot(bitmap, dead.getOrDefault(id, new RoaringBitmap()));
      if (!live.isEmpty()) {
        marks.put(id, ReclaimedRows.copyOf(live));
      }
    });
    return marks;
  }

  /** Known to be in no snapshot; what cannot be deleted is garbage that harms nobody. */
  private void delete(List<ContainerSummary> uncommitted) {
    for (ContainerSummary container : new ArrayList<>(uncommitted)) {
      try {
        dataset.delete(container.path());
        dataset.delete(container.catalog().path());
      } catch (IOException | RuntimeException e) {
        return;
      }
    }
  }
}
