package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.DatasetLog.ListedManifest;
import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.dataset.Snapshot.RowsReference;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Clock;
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
 * Makes the next snapshot out of a base and a change, and writes every file that it will refer to: all of a commit but its commit point. Used
 * once.
 */
final class SnapshotStager {
  /** Most manifests of a snapshot; a commit that would have more merges them into one. */
  static final int MAX_MANIFESTS = 16;

  private final Store store;
  private final DatasetLog log;
  private final Clock clock;
  private final CatalogWriter catalog;
  private final Optional<Snapshot> base;
  private final SnapshotChange change;
  private final long version;
  private final List<FileReference> written = new ArrayList<>();

  /** Whose live state the change is laid over: the base's, unless another is restored. */
  private final Optional<Snapshot> from;

  SnapshotStager(
      Store store,
      DatasetLog log,
      Clock clock,
      CatalogWriter catalog,
      Optional<Snapshot> base,
      SnapshotChange change) {
    this.store = store;
    this.log = log;
    this.clock = clock;
    this.catalog = catalog;
    this.base = base;
    this.change = change;
    this.version = base.map(Snapshot::version).orElse(0L) + 1;
    this.from = change.restored().isPresent() ? change.restored() : base;
  }

  /** What was written so far, by a call that failed, too. */
  List<FileReference> written() {
    return written;
  }

  Snapshot stage() throws IOException {
    Listed containers =
        list(from.map(Snapshot::manifests).orElse(List.of()), change.removed(), change.added());
    Tombstones buried = from.map(Snapshot::tombstones).orElse(Tombstones.NONE);
    Listed tombstones =
        list(buried.manifests(), change.tombstonesRemoved(), change.tombstonesAdded());
    requireKnown("rows", containers, change.newlyDead().keySet());
    requireKnown("entries", containers, change.newlyReclaimed().keySet());
    requireKnown("entries", containers, change.noLongerReclaimed().keySet());
    requireKnown("tombstones", tombstones, change.tombstonesDead().keySet());

    List<DeletionVectorReference> vectors = stageDeletionVectors(
        from.map(Snapshot::deletionVectors).orElse(List.of()),
        change.removed(),
        change.newlyDead());
    List<ReclaimedReference> reclaimed = stageReclaimed(containers, vectors);
    Tombstones nowBuried = new Tombstones(
        stageManifests(tombstones, false),
        stageDeletionVectors(
            buried.deletionVectors(), change.tombstonesRemoved(), change.tombstonesDead()));
    List<ManifestReference> manifests = stageManifests(containers, true);
    CatalogReferences files = stageCatalog(containers, vectors);
    return new Snapshot(
        version,
        UUID.randomUUID(),
        change.runId(),
        change.sourceRoot(),
        clock.instant(),
        change.operation(),
        manifests,
        vectors,
        reclaimed,
        nowBuried,
        retention(),
        files,
        statistics(containers));
  }

  /**
   * The containers of the next snapshot.
   *
   * @param kept manifests in which nothing changes
   * @param unlisted containers that need a manifest
   */
  private record Listed(
      List<ListedManifest> kept,
      List<ContainerSummary> unlisted,
      List<ContainerSummary> all,
      boolean changed) {
    Set<ContainerId> ids() {
      Set<ContainerId> ids = new HashSet<>();
      all.forEach(container -> ids.add(container.id()));
      return ids;
    }
  }

  private Listed list(
      List<ManifestReference> manifests, Set<ContainerId> removed, List<ContainerSummary> added)
      throws IOException {
    List<ListedManifest> kept = new ArrayList<>();
    List<ContainerSummary> unlisted = new ArrayList<>();
    List<ContainerSummary> all = new ArrayList<>();
    Set<ContainerId> ids = new HashSet<>();
    Set<ContainerId> missing = new HashSet<>(removed);
    for (ListedManifest manifest : log.manifests(from, manifests)) {
      List<ContainerSummary> left = new ArrayList<>();
      for (ContainerSummary container : manifest.containers()) {
        if (!missing.remove(container.id())) {
          left.add(container);
        }
      }
      if (left.size() == manifest.containers().size()) {
        kept.add(manifest);
      } else {
        unlisted.addAll(left);
      }
      all.addAll(left);
    }
    checkArgument(missing.isEmpty(), "containers to remove are not there: %s", missing);
    for (ContainerSummary container : added) {
      unlisted.add(container.withSequence(version));
      all.add(container.withSequence(version));
    }
    for (ContainerSummary container : all) {
      checkArgument(ids.add(container.id()), "container %s is there already", container.id());
    }
    unlisted.sort((a, b) -> a.range().compareTo(b.range()));
    all.sort((a, b) -> a.range().compareTo(b.range()));
    return new Listed(kept, unlisted, all, !added.isEmpty() || !removed.isEmpty());
  }

  private static void requireKnown(String what, Listed listed, Set<ContainerId> marked) {
    Set<ContainerId> known = listed.ids();
    for (ContainerId container : marked) {
      checkArgument(
          known.contains(container), "%s of an unknown container are marked: %s", what, container);
    }
  }

  private List<DeletionVectorReference> stageDeletionVectors(
      List<DeletionVectorReference> before,
      Set<ContainerId> removed,
      Map<ContainerId, DeletionVector> newlyDead)
      throws IOException {
    Map<ContainerId, DeletionVectorReference> all = byContainer(before, removed);
    for (Map.Entry<ContainerId, DeletionVector> entry : newlyDead.entrySet()) {
      ContainerId container = entry.getKey();
      DeletionVector old = dead(all, container);
      DeletionVector now = old.or(entry.getValue());
      if (now.cardinality() > old.cardinality()) {
        FileReference file = write(
            DatasetLayout.newDeletionVector(container), DeletionVectorCodec.encode(container, now));
        all.put(container, new DeletionVectorReference(container, file, now.cardinality()));
      }
    }
    return Snapshot.sorted(List.copyOf(all.values()));
  }

  private DeletionVector dead(
      Map<ContainerId, DeletionVectorReference> references, ContainerId container)
      throws IOException {
    DeletionVectorReference reference = references.get(container);
    return reference == null ? DeletionVector.EMPTY : log.read(reference);
  }

  private static <T extends RowsReference> Map<ContainerId, T> byContainer(
      List<T> references, Set<ContainerId> removed) {
    Map<ContainerId, T> all = new HashMap<>();
    references.forEach(reference -> all.put(reference.container(), reference));
    all.keySet().removeAll(removed);
    return all;
  }

  private List<ReclaimedReference> stageReclaimed(
      Listed containers, List<DeletionVectorReference> vectors) throws IOException {
    List<ReclaimedReference> before = from.map(Snapshot::reclaimed).orElse(List.of());
    Map<ContainerId, ReclaimedReference> all = byContainer(before, change.removed());
    Map<ContainerId, DeletionVectorReference> dead = byContainer(vectors, Set.of());
    requireCarriedOver(before);
    Set<ContainerId> touched = new HashSet<>(change.newlyReclaimed().keySet());
    touched.addAll(change.noLongerReclaimed().keySet());
    change.newlyDead().keySet().stream().filter(all::containsKey).forEach(touched::add);
    Map<ContainerId, Integer> entries = new HashMap<>();
    containers.all().forEach(container -> entries.put(container.id(), container.entries()));
    for (ContainerId container : touched) {
      ReclaimedReference reference = all.get(container);
      RoaringBitmap old =
          reference == null ? new RoaringBitmap() : log.read(reference).toBitmap();
      RoaringBitmap rows = old.clone();
      rows.andNot(
          change.noLongerReclaimed().getOrDefault(container, ReclaimedRows.NONE).toBitmap());
      RoaringBitmap deadRows = dead(dead, container).toBitmap();
      checkArgument(
          change.endsOnlyCopies() || !RoaringBitmap.intersects(rows, deadRows),
          "%s reclaimed entries of container %s would die, which are the only copies",
          RoaringBitmap.andCardinality(rows, deadRows),
          container);
      rows.andNot(deadRows);
      RoaringBitmap marked =
          change.newlyReclaimed().getOrDefault(container, ReclaimedRows.NONE).toBitmap();
      checkArgument(
          !RoaringBitmap.intersects(marked, deadRows)
              && (marked.isEmpty() || marked.last() < entries.get(container)),
          "entries of container %s are marked as reclaimed that are dead, or not there",
          container);
      rows.or(marked);
      if (rows.isEmpty()) {
        all.remove(container);
      } else if (!rows.equals(old)) {
        ReclaimedRows now = ReclaimedRows.adopt(rows);
        FileReference file = write(
            DatasetLayout.newReclaimedRows(container), DeletionVectorCodec.encode(container, now));
        all.put(container, new ReclaimedReference(container, file, now.cardinality()));
      }
    }
    return Snapshot.sorted(List.copyOf(all.values()));
  }

  /** Removed containers may not take the mark of an only copy with them. */
  private void requireCarriedOver(List<ReclaimedReference> before) {
    long lost = before.stream()
        .filter(reference -> change.removed().contains(reference.container()))
        .mapToLong(ReclaimedReference::cardinality)
        .sum();
    long carried = change.added().stream()
        .map(container -> change.newlyReclaimed().getOrDefault(container.id(), ReclaimedRows.NONE))
        .mapToLong(ReclaimedRows::cardinality)
        .sum();
    checkArgument(
        lost <= carried || change.endsOnlyCopies(),
        "removed containers have %s reclaimed entries, which are the only copies; the added ones have %s",
        lost,
        carried);
  }

  private List<ManifestReference> stageManifests(Listed containers, boolean withCatalog)
      throws IOException {
    List<ManifestReference> manifests = new ArrayList<>();
    containers.kept().forEach(manifest -> manifests.add(manifest.reference()));
    List<ContainerSummary> unlisted = containers.unlisted();
    if (unlisted.isEmpty()) {
      return manifests;
    }
    if (manifests.size() >= MAX_MANIFESTS) {
      manifests.clear();
      unlisted = containers.all();
    }
    for (ContainerSummary container : unlisted) {
      checkArgument(
          withCatalog != container.catalog().equals(FileReference.NONE),
          "container %s has %s catalogue file",
          container.id(),
          withCatalog ? "no" : "a");
    }
    FileReference file = write(DatasetLayout.newManifest(), ManifestCodec.encode(unlisted));
    manifests.add(new ManifestReference(file, unlisted.size()));
    return manifests;
  }

  /** The files of {@link #from} serve again where what they say has not changed. */
  private CatalogReferences stageCatalog(Listed containers, List<DeletionVectorReference> vectors)
      throws IOException {
    FileReference containerRows;
    if (from.isPresent() && !containers.changed()) {
      containerRows = from.get().catalog().containers();
    } else {
      containerRows = catalog.writeContainers(store, List.copyOf(containers.all()));
      written.add(containerRows);
    }
    return new CatalogReferences(containerRows, stageDeadRows(containers, vectors));
  }

  private Optional<FileReference> stageDeadRows(
      Listed containers, List<DeletionVectorReference> vectors) throws IOException {
    if (from.isPresent() && from.get().deletionVectors().equals(vectors)) {
      return from.get().catalog().deadRows();
    }
    if (vectors.isEmpty()) {
      return Optional.empty();
    }
    Map<ContainerId, DeletionVector> dead = new HashMap<>();
    for (DeletionVectorReference reference : vectors) {
      dead.put(reference.container(), log.read(reference));
    }
    FileReference file = catalog.writeDeadRows(store, List.copyOf(containers.all()), dead);
    written.add(file);
    return Optional.of(file);
  }

  private Retention retention() {
    Retention retention =
        base.map(Snapshot::retention).orElse(Retention.EVERYTHING).settled(change.settled());
    if (change.condemned().isEmpty()) {
      return retention;
    }
    return retention.plus(change.condemned().get().withVersion(version));
  }

  private SnapshotStatistics statistics(Listed containers) {
    SnapshotStatistics before = from.map(Snapshot::statistics).orElse(SnapshotStatistics.NONE);
    long indexBytes =
        containers.all().stream().mapToLong(ContainerSummary::indexBytes).sum();
    SnapshotStatistics after = before.plus(change.liveDelta(), indexBytes);
    return change.listedSource()
        ? after
        : after.withSourceOf(base.map(Snapshot::statistics).orElse(SnapshotStatistics.NONE));
  }

  private FileReference write(LogicalPath path, byte[] content) throws IOException {
    FileReference file = ReferencedFile.write(store, path, content);
    written.add(file);
    return file;
  }
}
