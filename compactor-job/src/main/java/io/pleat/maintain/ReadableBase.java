package io.pleat.maintain;

import io.pleat.dataset.Condemnation;
import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.CondemnedList;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DatasetRemains;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.Retention;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.dataset.Tombstones;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The newest snapshot that can be read, the <em>base</em>, and what can be read of the files that it refers to. If it is the head itself, only such files are damaged; if not,
 * versions after it are. Immutable once it is read, not thread-safe.
 */
final class ReadableBase implements Closeable {
  private static final int OLDER_SNAPSHOTS = 16;

  private final Store store;
  private final DatasetLog log;
  private final DatasetRemains remains;
  private final RepairRequest request;
  private final HeadFindings findings;

  private long newest;
  private Optional<Snapshot> base = Optional.empty();
  private boolean isHead;
  private String sourceRoot = "";

  private final List<ManifestReference> manifests = new ArrayList<>();
  private final List<DeletionVectorReference> vectors = new ArrayList<>();
  private final List<DeletionVectorReference> lostVectors = new ArrayList<>();
  private final List<ReclaimedReference> reclaimed = new ArrayList<>();
  private final List<ReclaimedReference> lostReclaimed = new ArrayList<>();
  private final Map<ContainerId, ContainerSummary> containers = new LinkedHashMap<>();
  private final RowSets dead = new RowSets();
  private final RowSets onlyCopies = new RowSets();
  private final List<TombstoneBlock> stones = new ArrayList<>();
  private Tombstones tombstones = Tombstones.NONE;
  private Retention retention = Retention.EVERYTHING;
  private boolean lostManifests;

  private ReadableBase(Store store, RepairRequest request, HeadFindings findings) {
    this.store = store;
    this.log = DatasetLog.open(store);
    this.remains = DatasetRemains.of(store);
    this.request = request;
    this.findings = findings;
  }

  /**
   * Reads what there is; what is damaged or missing goes into {@code findings}.
   *
   * @throws IOException if something else keeps it from being read, or nobody knows what the dataset was folded from
   */
  static ReadableBase read(Store store, RepairRequest request, HeadFindings findings)
      throws IOException {
    ReadableBase base = new ReadableBase(store, request, findings);
    try {
      base.findBase();
      base.readBase();
      return base;
    } catch (Throwable e) {
      base.close();
      throw e;
    }
  }

  /** The newest snapshot that can be read, if one can. */
  Optional<Snapshot> snapshot() {
    return base;
  }

  /** Whether that is the head. */
  boolean isHead() {
    return isHead;
  }

  /** The version of the head, readable or not; 0 if there never was one. */
  long newest() {
    return newest;
  }

  /** What the dataset was folded from. */
  String sourceRoot() {
    return sourceRoot;
  }

  /** The containers of its sound manifests, by id. */
  Map<ContainerId, ContainerSummary> containers() {
    return containers;
  }

  /** Whether one of its manifests is damaged or missing. */
  boolean hasLostManifests() {
    return lostManifests;
  }

  /** The deletion vectors that are damaged or missing. */
  List<DeletionVectorReference> lostVectors() {
    return lostVectors;
  }

  /** The marks of only copies that are damaged or missing. */
  List<ReclaimedReference> lostReclaimed() {
    return lostReclaimed;
  }

  /** The rows that its sound deletion vectors have. */
  RowSets dead() {
    return dead;
  }

  /** The rows that its sound marks of only copies have. */
  RowSets onlyCopies() {
    return onlyCopies;
  }

  /** Its sound tombstones. */
  List<TombstoneBlock> stones() {
    return stones;
  }

  /** The paths of files that it condemned. */
  Set<LogicalPath> condemned() throws IOException {
    Set<LogicalPath> condemned = new HashSet<>();
    for (Condemnation condemnation : retention.condemned()) {
      for (CondemnedListReference list : condemnation.lists()) {
        try (CondemnedList open = CondemnedList.open(store, list)) {
          for (var path = open.next(); path.isPresent(); path = open.next()) {
            condemned.add(path.get());
          }
        }
      }
    }
    return condemned;
  }

  /**
   * What can be read of it, under the version that a new head follows.
   *
   * @param listed the containers whose deletion vectors and marks are kept
   */
  Snapshot readable(Set<ContainerId> listed, UUID runId) {
    return new Snapshot(
        Math.max(1, newest),
        UUID.randomUUID(),
        runId,
        sourceRoot,
        Instant.now(),
        "repair",
        manifests,
        vectors.stream().filter(vector -> listed.contains(vector.container())).toList(),
        reclaimed.stream().filter(marks -> listed.contains(marks.container())).toList(),
        tombstones,
        retention,
        base.map(Snapshot::catalog)
            .orElse(new CatalogReferences(FileReference.NONE, Optional.empty())),
        base.map(Snapshot::statistics).orElse(SnapshotStatistics.NONE));
  }

  /** The newest ones before the base. */
  List<Snapshot> olderSnapshots() throws IOException {
    List<Snapshot> older = new ArrayList<>();
    List<Long> named = remains.namedVersions();
    for (int i = named.size() - 1; i >= 0 && older.size() < OLDER_SNAPSHOTS; i--) {
      if (base.isPresent() && named.get(i) < base.get().version()) {
        remains.snapshot(named.get(i)).ifPresent(older::add);
      }
    }
    return older;
  }

  /** The containers of those, by id. */
  Map<ContainerId, ContainerSummary> olderSummaries() throws IOException {
    Map<ContainerId, ContainerSummary> all = new HashMap<>();
    for (Snapshot snapshot : olderSnapshots()) {
      for (ManifestReference manifest : snapshot.manifests()) {
        try {
          log.containers(snapshot, manifest)
              .forEach(container -> all.putIfAbsent(container.id(), container));
        } catch (CorruptDataException | NoSuchFileException e) {
          continue; // The others may know.
        }
      }
    }
    return all;
  }

  private void findBase() throws IOException {
    RunClaims claims = RunClaims.of(store);
    List<Long> named = remains.namedVersions();
    newest = Math.max(claims.version(), named.isEmpty() ? 0 : named.get(named.size() - 1));
    for (int i = named.size() - 1; i >= 0 && base.isEmpty(); i--) {
      base = remains.snapshot(named.get(i));
    }
    isHead = base.isPresent() && base.get().version() == newest;
    sourceRoot = base.map(Snapshot::sourceRoot)
        .orElse(request.source().isEmpty() ? claims.source().orElse("") : request.source());
    if (isHead) {
      return;
    }
    long first = base.map(Snapshot::version).orElse(0L) + 1;
    for (long version = first; version <= newest; version++) {
      if (remains.hasSnapshot(version)) {
        findings.damaged().add(DatasetRemains.snapshotPath(version) + " is damaged");
      } else {
        findings.damaged().add(DatasetRemains.snapshotPath(version) + " is missing");
      }
    }
    if (newest == 0) {
      findings.damaged().add("there is no snapshot");
    }
    if (sourceRoot.isEmpty()) {
      throw new IOException("nobody knows what the dataset at " + store.location()
          + " was folded from: say it with --source");
    }
  }

  private interface Read {
    void run() throws IOException;
  }

  /** Whether it can be read; if it is damaged or missing, that is noted. */
  private boolean isSound(LogicalPath file, Read read) throws IOException {
    try {
      read.run();
      return true;
    } catch (CorruptDataException | EOFException e) {
      findings
          .damaged()
          .add(
              e.getMessage().contains(file.toString())
                  ? e.getMessage()
                  : file + ": " + e.getMessage());
    } catch (NoSuchFileException e) {
      findings.damaged().add(file + " is missing");
    }
    return false;
  }

  private void readBase() throws IOException {
    if (base.isEmpty()) {
      return;
    }
    Snapshot snapshot = base.get();
    for (ManifestReference manifest : snapshot.manifests()) {
      boolean sound = isSound(manifest.file().path(), () -> {
        for (ContainerSummary container : log.containers(snapshot, manifest)) {
          containers.put(container.id(), container);
        }
      });
      if (sound) {
        manifests.add(manifest);
      } else {
        lostManifests = true;
      }
    }
    for (DeletionVectorReference vector : snapshot.deletionVectors()) {
      boolean sound = isSound(
          vector.file().path(),
          () -> dead.add(
              vector.container(),
              log.deletionVector(snapshot, vector.container()).toBitmap()));
      (sound ? vectors : lostVectors).add(vector);
    }
    for (ReclaimedReference marks : snapshot.reclaimed()) {
      boolean sound = isSound(
          marks.file().path(),
          () -> onlyCopies.add(
              marks.container(), log.reclaimedRows(snapshot, marks.container()).toBitmap()));
      (sound ? reclaimed : lostReclaimed).add(marks);
    }
    readTombstones(snapshot);
    readRetention(snapshot);
  }

  private void readTombstones(Snapshot snapshot) throws IOException {
    List<ManifestReference> soundManifests = new ArrayList<>();
    Set<ContainerId> listed = new HashSet<>();
    boolean lost = false;
    for (ManifestReference manifest : snapshot.tombstones().manifests()) {
      List<TombstoneBlock> blocks = new ArrayList<>();
      boolean sound = isSound(manifest.file().path(), () -> {
        for (ContainerSummary container : log.containers(snapshot, manifest)) {
          blocks.add(TombstoneBlock.open(store, container.id()));
        }
      });
      if (sound) {
        soundManifests.add(manifest);
        stones.addAll(blocks);
        blocks.forEach(block -> listed.add(block.id()));
      } else {
        lost = true;
        for (TombstoneBlock block : blocks) {
          block.close();
        }
      }
    }
    List<DeletionVectorReference> soundVectors = new ArrayList<>();
    for (DeletionVectorReference vector : snapshot.tombstones().deletionVectors()) {
      if (!listed.contains(vector.container())) {
        continue;
      }
      boolean sound = isSound(vector.file().path(), () -> {
        DeletionVector superseded = log.deadTombstones(snapshot, vector.container());
        for (TombstoneBlock block : stones) {
          if (block.id().equals(vector.container())) {
            block.superseded(superseded);
          }
        }
      });
      if (sound) {
        soundVectors.add(vector);
      } else {
        // Who takes a superseded tombstone for a live one would drop a live file.
        stones.removeIf(block -> block.id().equals(vector.container()));
        findings
            .unknown()
            .add(
                "which tombstones of " + vector.container()
                    + " are superseded: a file that was removed and came back as it was is not folded again");
      }
    }
    if (lost) {
      findings
          .unknown()
          .add(
              "tombstones: files that were removed on purpose may be folded again if the source still has them");
    }
    tombstones = new Tombstones(soundManifests, soundVectors);
  }

  private void readRetention(Snapshot snapshot) throws IOException {
    List<Condemnation> condemned = new ArrayList<>();
    for (Condemnation condemnation : snapshot.retention().condemned()) {
      List<CondemnedListReference> lists = new ArrayList<>();
      for (CondemnedListReference list : condemnation.lists()) {
        boolean sound = isSound(list.file().path(), () -> {
          try (CondemnedList open = CondemnedList.open(store, list)) {
            while (open.next().isPresent()) {
              // Read to its end, where its checksum is.
            }
          }
        });
        if (sound) {
          lists.add(list);
        }
      }
      condemned.add(new Condemnation(condemnation.version(), condemnation.snapshots(), lists));
    }
    retention = new Retention(snapshot.retention().expired(), condemned);
  }

  @Override
  public void close() throws IOException {
    for (TombstoneBlock block : stones) {
      block.close();
    }
  }
}
