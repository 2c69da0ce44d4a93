package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DatasetRemains;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.ReferencedFile;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which rows of the containers of a head that is made anew were removed, and which are only copies. Where evidence is weak a file comes back rather than being dropped, and an only copy
 * is never dropped. Used once, not thread-safe.
 */
final class HeadRows {
  private final Store store;
  private final DatasetLog log;
  private final DatasetRemains remains;
  private final CatalogReader catalog;
  private final ReadableBase base;
  private final HeadContainers containers;
  private final HeadFindings findings;

  private final RowSets dead;
  private final RowSets newlyDead = new RowSets();
  private final RowSets onlyCopies;
  private final Set<ContainerId> uncertainDeletes = new HashSet<>();
  private long removedRows;

  HeadRows(
      Store store,
      CatalogReader catalog,
      ReadableBase base,
      HeadContainers containers,
      HeadFindings findings) {
    this.store = store;
    this.log = DatasetLog.open(store);
    this.remains = DatasetRemains.of(store);
    this.catalog = catalog;
    this.base = base;
    this.containers = containers;
    this.findings = findings;
    this.dead = base.dead();
    this.onlyCopies = base.onlyCopies();
  }

  /** Finds out; once, before {@link #settled}. */
  void collect() throws IOException {
    if (base.isHead()) {
      collectLostVectors();
    } else {
      collectLaterDeadRows();
    }
    collectOnlyCopies();
  }

  /** The rows that are known to be dead. */
  RowSets dead() {
    return dead;
  }

  /** Whether it is certain of all containers which of their rows were removed. */
  boolean isCertain() {
    return uncertainDeletes.isEmpty();
  }

  /** How many rows were removed that the base's deletion vectors do not have. */
  long removed() {
    return removedRows;
  }

  /** Takes over what was known of a container whose rows were written again, into others. */
  void moved(ContainerId from, Rewritten to) {
    to.added().forEach(container -> uncertainDeletes.add(container.id()));
    to.moves().translate(from, onlyCopies.of(from)).forEach(onlyCopies::add);
    dead.remove(from);
    newlyDead.remove(from);
    onlyCopies.remove(from);
  }

  /** Whether a live-looking row was removed, by a tombstone; never an only copy. */
  boolean isRemoved(ContainerSummary container, LiveRow row) throws IOException {
    if (row.isDirectory()
        || !uncertainDeletes.contains(container.id())
        || onlyCopies.of(container.id()).contains(row.row())) {
      return false;
    }
    for (TombstoneBlock block : base.stones()) {
      if (block.buries(row.entry().get())) {
        return true;
      }
    }
    return false;
  }

  /** Takes what a settlement found to be dead, and then knows which of the live ones are only copies. */
  void settled(RowSettlement settlement) {
    settlement.died().forEach(newlyDead::add);
    removedRows += settlement.removed();
    markOnlyCopies();
  }

  /** The deletion vectors to commit: what died of the base's containers, and all dead rows of the others. */
  Map<ContainerId, DeletionVector> deletionVectors() {
    Map<ContainerId, DeletionVector> vectors = new HashMap<>();
    newlyDead.byContainer().forEach((id, bitmap) -> {
      if (!bitmap.isEmpty() && !containers.removed().contains(id)) {
        vectors.put(id, DeletionVector.copyOf(bitmap));
      }
    });
    for (ContainerId id : containers.added().keySet()) {
      if (!dead.of(id).isEmpty()) {
        vectors.put(id, DeletionVector.copyOf(RoaringBitmap.or(dead.of(id), newlyDead.of(id))));
      }
    }
    return vectors;
  }

  /** The marks of only copies to commit. */
  Map<ContainerId, ReclaimedRows> reclaimedRows() {
    Map<ContainerId, ReclaimedRows> marks = new HashMap<>();
    onlyCopies.byContainer().forEach((id, rows) -> marks.put(id, ReclaimedRows.copyOf(rows)));
    return marks;
  }

  /** The head says how many rows were dead, and its catalogue which entries. */
  private void collectLostVectors() throws IOException {
    if (base.lostVectors().isEmpty()) {
      return;
    }
    Optional<Map<ContainerId, RoaringBitmap>> byCatalog =
        base.snapshot().get().catalog().deadRows().isPresent()
            ? readDead(base.snapshot().get().catalog().deadRows().get())
            : Optional.empty();
    List<Snapshot> older =
        byCatalog.isPresent() && allEntries(byCatalog.get()) ? List.of() : base.olderSnapshots();
    Map<ContainerId, ContainerSummary> all = byId();
    for (DeletionVectorReference vector : base.lostVectors()) {
      ContainerSummary container = all.get(vector.container());
      if (container == null) {
        continue;
      }
      RoaringBitmap now = new RoaringBitmap();
      byCatalog.ifPresent(
          rows -> now.or(rows.getOrDefault(vector.container(), new RoaringBitmap())));
      for (Snapshot snapshot : older) {
        RoaringBitmap then = deadThen(snapshot, vector.container());
        if (byCatalog.isPresent()) {
          then.remove(0L, container.entries());
        }
        if (RoaringBitmap.orCardinality(now, then) <= vector.cardinality()) {
          now.or(then);
        }
      }
      removedRows += now.getLongCardinality();
      newlyDead.add(vector.container(), now);
      dead.add(vector.container(), now);
      long missing = vector.cardinality() - now.getLongCardinality();
      if (missing > 0 && byCatalog.isPresent()) {
        findings
            .unknown()
            .add("which " + missing + " directories of container " + vector.container()
                + " were removed or superseded: their old attributes may show");
      } else if (missing > 0) {
        uncertainDeletes.add(vector.container());
        findings
            .unknown()
            .add(
                "which " + missing + " rows of container " + vector.container()
                    + " were removed: such files come back unless a newer one or a tombstone has their path");
      }
    }
  }

  private boolean allEntries(Map<ContainerId, RoaringBitmap> byCatalog) {
    return base.lostVectors().stream()
        .allMatch(vector ->
            byCatalog.getOrDefault(vector.container(), new RoaringBitmap()).getCardinality()
                == vector.cardinality());
  }

  private RoaringBitmap deadThen(Snapshot snapshot, ContainerId container) throws IOException {
    try {
      return log.deletionVector(snapshot, container).toBitmap();
    } catch (CorruptDataException | NoSuchFileException e) {
      return new RoaringBitmap();
    }
  }

  /** What later versions removed is in the catalogue's newest list of dead rows, if it is theirs. */
  private void collectLaterDeadRows() throws IOException {
    containers.all().forEach(container -> uncertainDeletes.add(container.id()));
    String lost = base.snapshot().isPresent()
        ? "what versions " + (base.snapshot().get().version() + 1) + " to " + base.newest()
            + " removed"
        : "what was ever removed";
    Optional<LogicalPath> path = newestDeadList();
    Optional<Map<ContainerId, RoaringBitmap>> list =
        path.isPresent() ? readDead(ReferencedFile.measure(store, path.get())) : Optional.empty();
    if (list.isEmpty()) {
      findings
          .unknown()
          .add(lost + ": such files come back unless a newer one or a tombstone has their path");
      return;
    }
    Set<ContainerId> there = new HashSet<>();
    containers.all().forEach(container -> there.add(container.id()));
    list.get().forEach((id, bitmap) -> {
      if (there.contains(id)) {
        RoaringBitmap more = RoaringBitmap.andNot(bitmap, dead.of(id));
        more.andNot(onlyCopies.of(id));
        removedRows += more.getLongCardinality();
        newlyDead.add(id, more);
        dead.add(id, more);
      }
    });
    findings
        .unknown()
        .add(
            lost + ", but for what " + path.get()
                + ", the catalogue's newest list of dead files, says: other removals come back, those of directories' attributes among them, and the next fold takes what was removed again if the source still has it");
  }

  /** Nothing if the base's own is the newest. */
  private Optional<LogicalPath> newestDeadList() throws IOException {
    List<LogicalPath> lists = remains.deadRowLists();
    if (lists.isEmpty()) {
      return Optional.empty();
    }
    LogicalPath last = lists.get(lists.size() - 1);
    boolean isBases = base.snapshot().isPresent()
        && base.snapshot().get().catalog().deadRows().isPresent()
        && base.snapshot().get().catalog().deadRows().get().path().equals(last);
    return isBases ? Optional.empty() : Optional.of(last);
  }

  private Optional<Map<ContainerId, RoaringBitmap>> readDead(FileReference file)
      throws IOException {
    Map<ContainerId, RoaringBitmap> all = new HashMap<>();
    try {
      catalog.readDeadRows(
          store,
          file,
          (container, ordinal) ->
              all.computeIfAbsent(container, id -> new RoaringBitmap()).add(ordinal));
      return Optional.of(all);
    } catch (CorruptDataException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private void collectOnlyCopies() throws IOException {
    if (base.isHead() && base.lostReclaimed().isEmpty()) {
      return;
    }
    Map<ContainerId, ReclaimedRows> ever = remains.everReclaimed();
    if (base.isHead()) {
      for (ReclaimedReference marks : base.lostReclaimed()) {
        ReclaimedRows found = ever.getOrDefault(marks.container(), ReclaimedRows.NONE);
        onlyCopies.add(marks.container(), found.toBitmap());
      }
    } else {
      ever.forEach((id, marks) -> onlyCopies.add(id, marks.toBitmap()));
    }
  }

  /** Rather too many than too few: who is taken for an only copy is not removed unasked. */
  private void markOnlyCopies() {
    Map<ContainerId, ContainerSummary> all = byId();
    for (ReclaimedReference marks : base.lostReclaimed()) {
      ContainerSummary container = all.get(marks.container());
      RoaringBitmap live = onlyCopies.of(marks.container()).clone();
      live.andNot(dead.of(marks.container()));
      if (container != null && live.getCardinality() < marks.cardinality()) {
        RoaringBitmap entries = new RoaringBitmap();
        entries.add(0L, container.entries());
        onlyCopies.add(marks.container(), entries);
        findings
            .unknown()
            .add("which files of container " + marks.container()
                + " are the only copies: all of them are taken for that");
      }
    }
    onlyCopies.byContainer().keySet().retainAll(all.keySet());
    onlyCopies.byContainer().forEach((id, marks) -> {
      RoaringBitmap entries = new RoaringBitmap();
      entries.add(0L, all.get(id).entries());
      marks.and(entries);
      marks.andNot(dead.of(id));
      marks.andNot(newlyDead.of(id));
    });
    onlyCopies.byContainer().values().removeIf(RoaringBitmap::isEmpty);
  }

  private Map<ContainerId, ContainerSummary> byId() {
    Map<ContainerId, ContainerSummary> all = new HashMap<>();
    containers.all().forEach(container -> all.put(container.id(), container));
    return all;
  }
}
