package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CatalogedContainer;
import io.pleat.dataset.Condemnation;
import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.CondemnedList;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DatasetRemains;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.ReferencedFile;
import io.pleat.dataset.Retention;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.dataset.Tombstones;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.RunContainers;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerWriter;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.ContainerRewriter.Shape;
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
import org.roaringbitmap.RoaringBitmap;

/*
 * The head is laid over what can be read of the newest readable snapshot, its *base*. If that is the head itself, and only files that it refers to are
 * damaged, little is unknown: the catalogue, which the head refers to, too, names its containers and its dead entries. If the head is gone,
 * what came after the base is told by the catalogue's newest lists, which no readable snapshot vouches for, and by the containers that lie there.
 * Where evidence is weak a file comes back rather than being dropped, and an only copy is never dropped.
 */

/** Makes a new head of a dataset whose newest snapshot, or a file that it refers to, is damaged or missing: one commit. Used once. */
final class HeadRebuilder implements Closeable {
  private static final int OLDER_SNAPSHOTS = 16;

  private final Store store;
  private final DatasetLog log;
  private final DatasetRemains remains;
  private final CatalogWriter catalogWriter;
  private final CatalogReader catalog;
  private final EntryCatalogFactory rows;
  private final RepairRequest request;
  private final UUID runId;
  private final RunContainers ids;
  private final ContainerSurvey survey;

  private final List<String> damaged = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();

  private long newest;
  private Optional<Snapshot> base = Optional.empty();
  private boolean isHead;
  private String sourceRoot = "";

  private final List<ManifestReference> manifests = new ArrayList<>();
  private final List<DeletionVectorReference> vectors = new ArrayList<>();
  private final List<DeletionVectorReference> lostVectors = new ArrayList<>();
  private final List<ReclaimedReference> reclaimed = new ArrayList<>();
  private final List<ReclaimedReference> lostReclaimed = new ArrayList<>();
  private Tombstones tombstones = Tombstones.NONE;
  private Retention retention = Retention.EVERYTHING;
  private int lostManifests;

  private final Map<ContainerId, ContainerSummary> known = new LinkedHashMap<>();
  private final Map<ContainerId, ContainerSummary> added = new LinkedHashMap<>();
  private final Set<ContainerId> removed = new HashSet<>();
  private final Map<ContainerId, Long> ranks = new HashMap<>();
  private final Map<ContainerId, RoaringBitmap> dead = new HashMap<>();
  private final Map<ContainerId, RoaringBitmap> newlyDead = new HashMap<>();
  private final Map<ContainerId, RoaringBitmap> onlyCopies = new HashMap<>();
  private final Set<ContainerId> uncertainDeletes = new HashSet<>();
  private final List<TombstoneBlock> stones = new ArrayList<>();
  private int rewritten;
  private long removedRows;

  HeadRebuilder(
      Store store,
      CatalogWriter catalogWriter,
      CatalogReader catalog,
      EntryCatalogFactory rows,
      RunContainers ids,
      RepairRequest request,
      UUID runId) {
    this.store = store;
    this.log = DatasetLog.open(store);
    this.remains = DatasetRemains.of(store);
    this.catalogWriter = catalogWriter;
    this.catalog = catalog;
    this.rows = rows;
    this.ids = ids;
    this.request = request;
    this.runId = runId;
    this.survey = new ContainerSurvey(store);
  }

  /**
   * Makes the head, or finds out what it would be made of.
   *
   * @return nothing if the head is sound
   * @throws NoSuchFileException if there is nothing to make one of
   */
  Optional<HeadReport> run() throws IOException {
    findBase();
    readBase();
    if (isHead && damaged.isEmpty()) {
      return Optional.empty();
    }
    chooseContainers();
    if (known.isEmpty() && added.isEmpty() && base.isEmpty()) {
      throw new NoSuchFileException(
          store.location(), null, "neither a snapshot nor a container is here");
    }
    collectDeadRows();
    collectOnlyCopies();
    rewriteUnlistable();
    RowSettlement settlement = settle();
    settlement.died().forEach((id, bitmap) -> merge(newlyDead, id, bitmap));
    removedRows += settlement.removed();
    markOnlyCopies();
    SnapshotStatistics totals = settlement.totals();
    if (!settlement.unknown().isEmpty()) {
      unknown.add("the totals: nobody knows the rows of " + settlement.unknown());
    }
    long version = newest + 1;
    if (!request.dryRun()) {
      version = commit(totals).version();
    }
    return Optional.of(new HeadReport(
        version,
        base.map(Snapshot::version).orElse(0L),
        damaged,
        known.size() - removed.size() + added.size(),
        added.size(),
        rewritten,
        totals.files(),
        settlement.superseded(),
        removedRows,
        unknown,
        leftOut));
  }

  // ---- what there is

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
        damaged.add(DatasetRemains.snapshotPath(version) + " is damaged");
      } else {
        damaged.add(DatasetRemains.snapshotPath(version) + " is missing");
      }
    }
    if (newest == 0) {
      damaged.add("there is no snapshot");
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
      damaged.add(
          e.getMessage().contains(file.toString()) ? e.getMessage() : file + ": " + e.getMessage());
    } catch (NoSuchFileException e) {
      damaged.add(file + " is missing");
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
          known.put(container.id(), container);
        }
      });
      if (sound) {
        manifests.add(manifest);
      } else {
        lostManifests++;
      }
    }
    for (DeletionVectorReference vector : snapshot.deletionVectors()) {
      boolean sound = isSound(
          vector.file().path(),
          () -> merge(
              dead,
              vector.container(),
              log.deletionVector(snapshot, vector.container()).toBitmap()));
      (sound ? vectors : lostVectors).add(vector);
    }
    for (ReclaimedReference marks : snapshot.reclaimed()) {
      boolean sound = isSound(
          marks.file().path(),
          () -> merge(
              onlyCopies,
              marks.container(),
              log.reclaimedRows(snapshot, marks.container()).toBitmap()));
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
        for (ContainerSummary container : allOf(snapshot, manifest)) {
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
        unknown.add(
            "which tombstones of " + vector.container()
                + " are superseded: a file that was removed and came back as it was is not folded again");
      }
    }
    if (lost) {
      unknown.add(
          "tombstones: files that were removed on purpose may be folded again if the source still has them");
    }
    tombstones = new Tombstones(soundManifests, soundVectors);
  }

  private List<ContainerSummary> allOf(Snapshot snapshot, ManifestReference manifest)
      throws IOException {
    return log.containers(snapshot, manifest);
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

  // ---- containers

  private void chooseContainers() throws IOException {
    known.values().forEach(container -> ranks.put(container.id(), container.sequence()));
    if (isHead && lostManifests == 0) {
      return;
    }
    Map<ContainerId, ContainerSummary> older = olderSummaries();
    Optional<List<CatalogedContainer>> list = containerList();
    Map<ContainerId, Optional<CatalogedContainer>> wanted = new LinkedHashMap<>();
    if (list.isPresent()) {
      for (CatalogedContainer container : list.get()) {
        wanted.put(container.id(), Optional.of(container));
      }
      if (!isHead) {
        known.keySet().stream().filter(id -> !wanted.containsKey(id)).forEach(removed::add);
      }
    } else {
      strayContainers().forEach(id -> wanted.put(id, Optional.empty()));
      unknown.add(
          "which containers the head listed: " + wanted.size()
              + " that no readable snapshot lists were taken as they lie there, so files of runs that were killed may show");
    }
    long rank = newest + 1;
    for (Map.Entry<ContainerId, Optional<CatalogedContainer>> each : wanted.entrySet()) {
      ContainerId id = each.getKey();
      if (known.containsKey(id)) {
        continue;
      }
      // Those that nobody lists came later than all others, in the order in which they were
      // written.
      ranks.put(id, each.getValue().isPresent() ? each.getValue().get().sequence() : rank++);
      if (older.containsKey(id)) {
        added.put(id, older.get(id));
      } else {
        find(id, each.getValue());
      }
    }
  }

  private void find(ContainerId id, Optional<CatalogedContainer> listed) throws IOException {
    try {
      Optional<ContainerSummary> found = survey.byIndex(id, listed);
      if (found.isEmpty()) {
        found = survey.byRecords(id);
      }
      if (found.isPresent()) {
        added.put(id, found.get());
      } else {
        leftOut.add(ContainerSummary.pathOf(id) + ": neither index block nor records can be read");
      }
    } catch (NoSuchFileException e) {
      leftOut.add(ContainerSummary.pathOf(id) + " is missing");
    }
  }

  private Map<ContainerId, ContainerSummary> olderSummaries() throws IOException {
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

  /** The newest ones before the base. */
  private List<Snapshot> olderSnapshots() throws IOException {
    List<Snapshot> older = new ArrayList<>();
    List<Long> named = remains.namedVersions();
    for (int i = named.size() - 1; i >= 0 && older.size() < OLDER_SNAPSHOTS; i--) {
      if (base.isPresent() && named.get(i) < base.get().version()) {
        remains.snapshot(named.get(i)).ifPresent(older::add);
      }
    }
    return older;
  }

  /** What the catalogue says that the head lists; nothing if it cannot be told. */
  private Optional<List<CatalogedContainer>> containerList() throws IOException {
    if (isHead) {
      return readList(base.get().catalog().containers());
    }
    List<LogicalPath> lists = remains.containerLists();
    Map<ContainerId, ?> there = remains.containers();
    for (int i = lists.size() - 1; i >= 0; i--) {
      LogicalPath path = lists.get(i);
      if (base.isPresent() && base.get().catalog().containers().path().equals(path)) {
        // Nothing newer: the lost versions changed no containers, or their list is lost, too.
        Set<ContainerId> strays = strayContainers();
        return strays.isEmpty() ? readList(base.get().catalog().containers()) : Optional.empty();
      }
      Optional<List<CatalogedContainer>> list = readList(ReferencedFile.measure(store, path));
      if (list.isPresent()
          && list.get().stream().anyMatch(container -> there.containsKey(container.id()))) {
        unknown.add("whether " + path
            + ", the catalogue's newest list of containers, is the head's: it was taken for it");
        return list;
      }
    }
    return Optional.empty();
  }

  private Optional<List<CatalogedContainer>> readList(FileReference file) throws IOException {
    List<CatalogedContainer> all = new ArrayList<>();
    try {
      catalog.readContainers(store, file, all::add);
      return Optional.of(all);
    } catch (CorruptDataException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Containers that lie there, are in no readable snapshot, and were neither condemned nor set aside; the first written first. */
  private Set<ContainerId> strayContainers() throws IOException {
    Set<ContainerId> strays = new java.util.LinkedHashSet<>(remains.containers().keySet());
    strays.removeAll(known.keySet());
    if (!isHead) {
      strays.removeAll(olderSummaries().keySet());
    }
    strays.removeAll(DamageNote.containers(store, DamageNote.State.SET_ASIDE));
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
    strays.removeIf(id -> condemned.contains(ContainerSummary.pathOf(id)));
    return strays;
  }

  private List<ContainerSummary> all() {
    List<ContainerSummary> all = new ArrayList<>();
    known.values().stream()
        .filter(container -> !removed.contains(container.id()))
        .forEach(all::add);
    all.addAll(added.values());
    return all;
  }

  // ---- dead rows

  private void collectDeadRows() throws IOException {
    if (isHead) {
      collectLostVectors();
    } else {
      collectLaterDeadRows();
    }
  }

  /** The head says how many rows were dead, and its catalogue which entries. */
  private void collectLostVectors() throws IOException {
    if (lostVectors.isEmpty()) {
      return;
    }
    Optional<Map<ContainerId, RoaringBitmap>> byCatalog =
        base.get().catalog().deadRows().isPresent()
            ? readDead(base.get().catalog().deadRows().get())
            : Optional.empty();
    List<Snapshot> older =
        byCatalog.isPresent() && allEntries(byCatalog.get()) ? List.of() : olderSnapshots();
    Map<ContainerId, ContainerSummary> containers = new HashMap<>();
    all().forEach(container -> containers.put(container.id(), container));
    for (DeletionVectorReference vector : lostVectors) {
      ContainerSummary container = containers.get(vector.container());
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
      merge(newlyDead, vector.container(), now);
      merge(dead, vector.container(), now);
      long missing = vector.cardinality() - now.getLongCardinality();
      if (missing > 0 && byCatalog.isPresent()) {
        unknown.add("which " + missing + " directories of container " + vector.container()
            + " were removed or superseded: their old attributes may show");
      } else if (missing > 0) {
        uncertainDeletes.add(vector.container());
        unknown.add(
            "which " + missing + " rows of container " + vector.container()
                + " were removed: such files come back unless a newer one or a tombstone has their path");
      }
    }
  }

  private boolean allEntries(Map<ContainerId, RoaringBitmap> byCatalog) {
    return lostVectors.stream()
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
    all().forEach(container -> uncertainDeletes.add(container.id()));
    String lost = base.isPresent()
        ? "what versions " + (base.get().version() + 1) + " to " + newest + " removed"
        : "what was ever removed";
    Optional<LogicalPath> path = newestDeadList();
    Optional<Map<ContainerId, RoaringBitmap>> list =
        path.isPresent() ? readDead(ReferencedFile.measure(store, path.get())) : Optional.empty();
    if (list.isEmpty()) {
      unknown.add(lost + ": such files come back unless a newer one or a tombstone has their path");
      return;
    }
    Set<ContainerId> there = new HashSet<>();
    all().forEach(container -> there.add(container.id()));
    list.get().forEach((id, bitmap) -> {
      if (there.contains(id)) {
        RoaringBitmap more =
            RoaringBitmap.andNot(bitmap, dead.getOrDefault(id, new RoaringBitmap()));
        more.andNot(onlyCopies.getOrDefault(id, new RoaringBitmap()));
        removedRows += more.getLongCardinality();
        merge(newlyDead, id, more);
        merge(dead, id, more);
      }
    });
    unknown.add(
        lost + ", but for what " + path.get()
            + ", the catalogue's newest list of dead files, says: other removals come back, those of directories' attributes among them");
  }

  /** Nothing if the base's own is the newest. */
  private Optional<LogicalPath> newestDeadList() throws IOException {
    List<LogicalPath> lists = remains.deadRowLists();
    if (lists.isEmpty()) {
      return Optional.empty();
    }
    LogicalPath last = lists.get(lists.size() - 1);
    boolean isBases = base.isPresent()
        && base.get().catalog().deadRows().isPresent()
        && base.get().catalog().deadRows().get().path().equals(last);
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

  // ---- only copies

  private void collectOnlyCopies() throws IOException {
    if (isHead && lostReclaimed.isEmpty()) {
      return;
    }
    Map<ContainerId, ReclaimedRows> ever = remains.everReclaimed();
    if (isHead) {
      for (ReclaimedReference marks : lostReclaimed) {
        ReclaimedRows found = ever.getOrDefault(marks.container(), ReclaimedRows.NONE);
        merge(onlyCopies, marks.container(), found.toBitmap());
      }
    } else {
      ever.forEach((id, marks) -> merge(onlyCopies, id, marks.toBitmap()));
    }
  }

  /** Rather too many than too few: who is taken for an only copy is not removed unasked. */
  private void markOnlyCopies() throws IOException {
    Map<ContainerId, ContainerSummary> containers = new HashMap<>();
    all().forEach(container -> containers.put(container.id(), container));
    for (ReclaimedReference marks : lostReclaimed) {
      ContainerSummary container = containers.get(marks.container());
      RoaringBitmap live =
          onlyCopies.getOrDefault(marks.container(), new RoaringBitmap()).clone();
      live.andNot(dead.getOrDefault(marks.container(), new RoaringBitmap()));
      if (container != null && live.getCardinality() < marks.cardinality()) {
        RoaringBitmap all = new RoaringBitmap();
        all.add(0L, container.entries());
        merge(onlyCopies, marks.container(), all);
        unknown.add("which files of container " + marks.container()
            + " are the only copies: all of them are taken for that");
      }
    }
    onlyCopies.keySet().retainAll(containers.keySet());
    onlyCopies.forEach((id, marks) -> {
      RoaringBitmap entries = new RoaringBitmap();
      entries.add(0L, containers.get(id).entries());
      marks.and(entries);
      marks.andNot(dead.getOrDefault(id, new RoaringBitmap()));
      marks.andNot(newlyDead.getOrDefault(id, new RoaringBitmap()));
    });
    onlyCopies.values().removeIf(RoaringBitmap::isEmpty);
  }

  // ---- containers that cannot be listed as they are

  private void rewriteUnlistable() throws IOException {
    for (ContainerSummary container : List.copyOf(added.values())) {
      if (!container.catalog().equals(FileReference.NONE)) {
        continue;
      }
      if (container.indexOffset() > 0) {
        if (!request.dryRun()) {
          added.put(container.id(), container.withCatalog(catalogOf(container.id())));
        }
        continue;
      }
      rewritten++;
      if (request.dryRun()) {
        continue;
      }
      rewrite(container);
    }
  }

  private FileReference catalogOf(ContainerId id) throws IOException {
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      return rows.create().write(store, id, reader.index());
    }
  }

  /** From its records; the damaged container is kept, set aside. */
  private void rewrite(ContainerSummary container) throws IOException {
    ContainerId id = container.id();
    Rewritten made = new ContainerRewriter(store, rows.create(), ids, row -> Optional.empty())
        .rewrite(
            List.of(container),
            dead,
            Map.of(),
            new Shape(Long.MAX_VALUE, ContainerWriter.MAX_ENTRIES, true),
            (summary, gone, stretch) ->
                SalvagedRows.open(store, summary, gone, stretch, List.of()));
    List<String> sample = new ArrayList<>(List.of("its index block is damaged"));
    made.leftBehind().forEach(file -> {
      sample.add(file.path() + ": " + file.reason());
      leftOut.add("'" + file.path() + "': " + file.reason());
    });
    new DamageNote(
            id,
            runId,
            Instant.now(),
            DamageNote.State.SET_ASIDE,
            made.leftBehind().size(),
            sample)
        .write(store);
    added.remove(id);
    long rank = ranks.getOrDefault(id, newest);
    for (ContainerSummary each : made.added()) {
      added.put(each.id(), each);
      ranks.put(each.id(), rank);
      uncertainDeletes.add(each.id());
    }
    made.moves()
        .translate(id, onlyCopies.getOrDefault(id, new RoaringBitmap()))
        .forEach((to, marks) -> merge(onlyCopies, to, marks));
    dead.remove(id);
    newlyDead.remove(id);
    onlyCopies.remove(id);
  }

  // ---- which rows live

  private RowSettlement settle() throws IOException {
    RowSettlement settlement = new RowSettlement(
        store,
        all(),
        ranks,
        dead,
        this::rowsOf,
        this::isRemoved,
        isHead && uncertainDeletes.isEmpty() && unknown.isEmpty());
    settlement.run();
    return settlement;
  }

  private RowSource rowsOf(ContainerSummary container, RoaringBitmap gone, int stretch)
      throws IOException {
    try {
      return IndexedRows.open(store, container, gone, stretch);
    } catch (CorruptDataException | NoSuchFileException e) {
      RoaringBitmap wanted = new RoaringBitmap();
      wanted.add(0L, container.entries());
      wanted.andNot(gone);
      boolean missing = e instanceof NoSuchFileException;
      if (!missing) {
        wanted.andNot(SalvagedRows.soundRecords(store, container));
      }
      List<LiveRow> others = new ArrayList<>();
      if (!wanted.isEmpty()) {
        catalog.read(store, container.catalog(), entry -> {
          if (wanted.checkedRemove(entry.ordinal())) {
            others.add(LiveRow.of(entry));
          }
        });
      }
      return missing
          ? new CatalogRows(container.id(), container.path().toString(), others)
          : SalvagedRows.open(store, container, gone, stretch, others);
    }
  }

  private boolean isRemoved(ContainerSummary container, LiveRow row) throws IOException {
    if (row.isDirectory()
        || !uncertainDeletes.contains(container.id())
        || onlyCopies.getOrDefault(container.id(), new RoaringBitmap()).contains(row.row())) {
      return false;
    }
    for (TombstoneBlock block : stones) {
      if (block.buries(row.entry().get())) {
        return true;
      }
    }
    return false;
  }

  // ---- the commit

  private Snapshot commit(SnapshotStatistics totals) throws IOException {
    SnapshotStatistics before = base.map(Snapshot::statistics).orElse(SnapshotStatistics.NONE);
    Set<ContainerId> listed = new HashSet<>(added.keySet());
    listed.addAll(known.keySet());
    // What can be read of the base, under the version that the new head follows.
    Snapshot readable = new Snapshot(
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
        before);
    Map<ContainerId, DeletionVector> deadNow = new HashMap<>();
    newlyDead.forEach((id, bitmap) -> {
      if (!bitmap.isEmpty() && !removed.contains(id)) {
        deadNow.put(id, DeletionVector.copyOf(bitmap));
      }
    });
    for (ContainerId id : added.keySet()) {
      RoaringBitmap rows = dead.get(id);
      if (rows != null && !rows.isEmpty()) {
        RoaringBitmap both =
            RoaringBitmap.or(rows, newlyDead.getOrDefault(id, new RoaringBitmap()));
        deadNow.put(id, DeletionVector.copyOf(both));
      }
    }
    Map<ContainerId, ReclaimedRows> marks = new HashMap<>();
    onlyCopies.forEach((id, rows) -> marks.put(id, ReclaimedRows.copyOf(rows)));
    SnapshotChange change = SnapshotChange.by("repair", runId, sourceRoot)
        .withRestored(readable)
        .withAdded(List.copyOf(added.values()))
        .withRemoved(removed)
        .withNewlyDead(deadNow)
        .withNewlyReclaimed(marks)
        .withLiveDelta(difference(totals, before))
        .endingOnlyCopies();
    return log.commit(
        newest == 0 ? Optional.empty() : Optional.of(readable), change, catalogWriter);
  }

  private static SnapshotStatistics difference(SnapshotStatistics now, SnapshotStatistics before) {
    return new SnapshotStatistics(
        now.files() - before.files(),
        now.foldedFiles() - before.foldedFiles(),
        now.passThroughFiles() - before.passThroughFiles(),
        now.directories() - before.directories(),
        now.payloadBytes() - before.payloadBytes(),
        now.storedBytes() - before.storedBytes(),
        now.passThroughBytes() - before.passThroughBytes(),
        0,
        0,
        0,
        0,
        0);
  }

  private static void merge(
      Map<ContainerId, RoaringBitmap> into, ContainerId id, RoaringBitmap bitmap) {
    into.computeIfAbsent(id, unknownId -> new RoaringBitmap()).or(bitmap);
  }

  @Override
  public void close() throws IOException {
    for (TombstoneBlock block : stones) {
      block.close();
    }
  }
}
