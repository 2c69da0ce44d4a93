package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import io.pleat.dataset.Snapshot.ReclaimedReference;
import io.pleat.dataset.Snapshot.RowsReference;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The snapshots of one dataset: the only code that commits. Thread-safe. */
public final class DatasetLog {
  static final int MAX_MANIFESTS = SnapshotStager.MAX_MANIFESTS;

  private static final int LOOKS = 6;

  private static final int PROBES = 2;

  /** So many files of one directory are asked for one by one. */
  private static final int FEW = 8;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  private final Store store;
  private final Clock clock;
  private final Pauser pauser;

  private DatasetLog(Store store, Clock clock, Pauser pauser) {
    this.store = store;
    this.clock = clock;
    this.pauser = pauser;
  }

  /** The log of the dataset rooted at {@code store}, which need not hold one yet. */
  public static DatasetLog open(Store store) {
    return open(store, Clock.systemUTC(), Pauser.SLEEP);
  }

  static DatasetLog open(Store store, Clock clock, Pauser pauser) {
    return new DatasetLog(store, clock, pauser);
  }

  /** Tells whether a dataset stands at the root of {@code store}, and whether one may be created there. Writes nothing. */
  public static LocationState inspect(Store store) throws IOException {
    return LocationInspection.inspect(store);
  }

  /** The newest snapshot; nothing if there is none. */
  public Optional<Snapshot> current() throws IOException {
    OptionalLong version = currentVersion();
    while (version.isPresent()) {
      if (readFile(version.getAsLong()) instanceof Snapshot snapshot) {
        return Optional.of(snapshot);
      }
      // It has expired since it was found, so there is a newer one.
      OptionalLong newer = currentVersion();
      if (newer.equals(version)) {
        throw new SnapshotExpiredException(store.location(), version.getAsLong(), VersionSet.NONE);
      }
      version = newer;
    }
    return Optional.empty();
  }

  /**
   * Whether a failure to read what a snapshot refers to comes of its having been condemned or expired meanwhile: then it is no damage, and whoever
   * reads the newest snapshot starts anew from what is the newest now.
   */
  public boolean isStale(Snapshot read, IOException failure) throws IOException {
    if (!(failure instanceof NoSuchFileException || failure instanceof SnapshotExpiredException)) {
      return false;
    }
    Optional<Snapshot> head = current();
    return head.isPresent()
        && !head.get().retention().kept(head.get().version()).contains(read.version());
  }

  private OptionalLong currentVersion() throws IOException {
    HighestVersion highest = new HighestVersion();
    try {
      store.list(LogicalPath.of(DatasetLayout.SNAPSHOT_DIRECTORY), highest);
    } catch (NoSuchFileException e) {
      highest.version = 0;
    }
    // A listing may lag behind; the name itself does not.
    while (store.stat(DatasetLayout.snapshot(highest.version + 1)).isPresent()) {
      highest.version++;
    }
    return highest.version == 0 ? OptionalLong.empty() : OptionalLong.of(highest.version);
  }

  /**
   * The snapshot of one version.
   *
   * @throws NoSuchFileException if there is none
   * @throws SnapshotExpiredException if it has expired
   * @throws CorruptDataException if its file is damaged
   * @throws UnsupportedFormatException if it needs a later reader
   */
  public Snapshot snapshot(long version) throws IOException {
    SnapshotFile file;
    try {
      file = readFile(version);
    } catch (NoSuchFileException e) {
      long newest = currentVersion().orElse(0);
      if (newest > 0 && version > newest) {
        throw new NoSuchFileException(
            store.location(),
            null,
            "there is no snapshot " + version + ", the newest is " + newest);
      }
      throw e;
    }
    if (file instanceof Snapshot snapshot) {
      return snapshot;
    }
    throw new SnapshotExpiredException(store.location(), version, keptVersions(version));
  }

  /**
   * When a snapshot was committed, by the store's clock; of an expired one, when it expired.
   *
   * @throws NoSuchFileException if there is none
   */
  public Instant writtenAt(long version) throws IOException {
    LogicalPath path = DatasetLayout.snapshot(version);
    return StoreClock.modified(
        store.stat(path).orElseThrow(() -> new NoSuchFileException(store.location() + "/" + path)));
  }

  /** As far as it can be told. */
  private VersionSet keptVersions(long expired) {
    try {
      long newest = currentVersion().orElse(0);
      return newest > expired && readFile(newest) instanceof Snapshot head
          ? head.retention().kept(newest)
          : VersionSet.NONE;
    } catch (IOException e) {
      return VersionSet.NONE;
    }
  }

  private SnapshotFile readFile(long version) throws IOException {
    checkArgument(version > 0, "version is %s, the first is 1", version);
    try {
      return readFileOnce(version);
    } catch (CorruptDataException damage) {
      // Expiry may have emptied it between the look at its length and the read: then it is no
      // damage.
      try {
        return readFileOnce(version);
      } catch (CorruptDataException again) {
        throw damage;
      }
    }
  }

  private SnapshotFile readFileOnce(long version) throws IOException {
    StoredBytes file = StoredBytes.read(store, DatasetLayout.snapshot(version));
    SnapshotFile snapshot = SnapshotCodec.decodeFile(file);
    if (snapshot.version() != version) {
      throw new CorruptDataException(
          file.source(),
          0,
          "snapshot says that its version is %d, its name says %d",
          snapshot.version(),
          version);
    }
    return snapshot;
  }

  /**
   * Empties the file of an expired snapshot to a stub, durable: nobody can read the snapshot any more, and its version stays taken. For expiry
   * alone.
   *
   * @throws IllegalArgumentException if the newest snapshot does not say that this one is condemned
   */
  public void expire(Snapshot head, Snapshot condemned) throws IOException {
    checkArgument(
        head.retention().condemnedBy(condemned.version()).isPresent(),
        "snapshot %s is not condemned",
        condemned.version());
    store.overwrite(
        DatasetLayout.snapshot(condemned.version()),
        SnapshotCodec.encode(SnapshotStub.of(condemned)));
  }

  /**
   * All containers of a snapshot, in order of their first keys.
   *
   * @throws CorruptDataException if a manifest is damaged or is not what the snapshot says
   */
  public List<ContainerSummary> containers(Snapshot snapshot) throws IOException {
    return allOf(manifests(Optional.of(snapshot), snapshot.manifests()));
  }

  /** The containers that one manifest of a snapshot lists; throws as {@link #containers(Snapshot)}. */
  public List<ContainerSummary> containers(Snapshot snapshot, ManifestReference manifest)
      throws IOException {
    return allOf(manifests(Optional.of(snapshot), List.of(manifest)));
  }

  /**
   * All containers of a snapshot's tombstones, in order of their first keys; they lie at {@link ContainerSummary#tombstonePathOf}.
   *
   * @throws CorruptDataException if a manifest is damaged or is not what the snapshot says
   */
  public List<ContainerSummary> tombstones(Snapshot snapshot) throws IOException {
    return allOf(manifests(Optional.of(snapshot), snapshot.tombstones().manifests()));
  }

  private static List<ContainerSummary> allOf(List<ListedManifest> manifests) {
    List<ContainerSummary> all = new ArrayList<>();
    manifests.forEach(manifest -> all.addAll(manifest.containers()));
    all.sort((a, b) -> a.range().compareTo(b.range()));
    return all;
  }

  /** One manifest and what it lists. */
  record ListedManifest(ManifestReference reference, List<ContainerSummary> containers) {}

  /** @param snapshot whose manifests these are; nothing only if there are none */
  List<ListedManifest> manifests(Optional<Snapshot> snapshot, List<ManifestReference> manifests)
      throws IOException {
    List<ListedManifest> all = new ArrayList<>();
    Set<ContainerId> ids = new HashSet<>();
    long version = snapshot.map(Snapshot::version).orElse(0L);
    for (ManifestReference manifest : manifests) {
      StoredBytes file = StoredBytes.read(store, manifest.file());
      List<ContainerSummary> containers = ManifestCodec.decode(file);
      if (containers.size() != manifest.containers()) {
        throw new CorruptDataException(
            file.source(),
            ManifestCodec.COUNT_AT,
            "manifest lists %d containers, snapshot %d says %d",
            containers.size(),
            version,
            manifest.containers());
      }
      for (ContainerSummary container : containers) {
        if (container.sequence() < 1 || container.sequence() > version) {
          throw new CorruptDataException(
              file.source(),
              ManifestCodec.ENTRIES_AT,
              "container %s was added by version %d, snapshot is %d",
              container.id(),
              container.sequence(),
              version);
        }
        if (!ids.add(container.id())) {
          throw new CorruptDataException(
              file.source(),
              ManifestCodec.ENTRIES_AT,
              "container %s is listed twice in snapshot %d",
              container.id(),
              version);
        }
      }
      all.add(new ListedManifest(manifest, containers));
    }
    return all;
  }

  /**
   * What is dead in one container of a snapshot.
   *
   * @throws CorruptDataException if its deletion vector is damaged or is not what the snapshot says
   */
  public DeletionVector deletionVector(Snapshot snapshot, ContainerId container)
      throws IOException {
    Optional<DeletionVectorReference> reference = snapshot.deletionVector(container);
    return reference.isPresent() ? read(reference.get()) : DeletionVector.EMPTY;
  }

  /** Which tombstones of one container are superseded; throws as {@link #deletionVector}. */
  public DeletionVector deadTombstones(Snapshot snapshot, ContainerId container)
      throws IOException {
    Optional<DeletionVectorReference> reference =
        Snapshot.find(snapshot.tombstones().deletionVectors(), container);
    return reference.isPresent() ? read(reference.get()) : DeletionVector.EMPTY;
  }

  /**
   * Which entries of one container of a snapshot are the only copy.
   *
   * @throws CorruptDataException if the file that says it is damaged or is not what the snapshot says
   */
  public ReclaimedRows reclaimedRows(Snapshot snapshot, ContainerId container) throws IOException {
    Optional<ReclaimedReference> reference = snapshot.reclaimed(container);
    return reference.isPresent() ? read(reference.get()) : ReclaimedRows.NONE;
  }

  DeletionVector read(DeletionVectorReference reference) throws IOException {
    StoredBytes file = StoredBytes.read(store, reference.file());
    DeletionVector vector = DeletionVectorCodec.decode(file, reference.container());
    requireCardinality(file, reference, vector.cardinality());
    return vector;
  }

  ReclaimedRows read(ReclaimedReference reference) throws IOException {
    StoredBytes file = StoredBytes.read(store, reference.file());
    ReclaimedRows rows = DeletionVectorCodec.decodeReclaimed(file, reference.container());
    requireCardinality(file, reference, rows.cardinality());
    return rows;
  }

  private static void requireCardinality(StoredBytes file, RowsReference reference, int found)
      throws CorruptDataException {
    if (found != reference.cardinality()) {
      throw new CorruptDataException(
          file.source(),
          DeletionVectorCodec.CARDINALITY_AT,
          "file marks %d rows, the snapshot says %d",
          found,
          reference.cardinality());
    }
  }

  /** Sees a file that a snapshot refers to, directly or through a manifest. */
  public interface ReferenceVisitor {
    /** Sees one. */
    void visit(FileReference file) throws IOException;
  }

  /**
   * Visits every file that a snapshot refers to, itself not included: containers and their catalogue files, tombstones, manifests, deletion
   * vectors, reclaimed rows, the snapshot's own catalogue files and the lists of what is condemned. What is on those lists is not visited.
   *
   * @throws CorruptDataException if a manifest is damaged or is not what the snapshot says
   */
  public void visitReferences(Snapshot snapshot, ReferenceVisitor visitor) throws IOException {
    for (ManifestReference manifest : snapshot.manifests()) {
      visitor.visit(manifest.file());
      for (ContainerSummary container : containers(snapshot, manifest)) {
        visitor.visit(new FileReference(container.path(), container.length(), container.crc32c()));
        visitor.visit(container.catalog());
      }
    }
    for (ManifestReference manifest : snapshot.tombstones().manifests()) {
      visitor.visit(manifest.file());
      for (ContainerSummary container : containers(snapshot, manifest)) {
        visitor.visit(new FileReference(
            ContainerSummary.tombstonePathOf(container.id()),
            container.length(),
            container.crc32c()));
      }
    }
    for (RowsReference rows : snapshot.deletionVectors()) {
      visitor.visit(rows.file());
    }
    for (RowsReference rows : snapshot.reclaimed()) {
      visitor.visit(rows.file());
    }
    for (RowsReference rows : snapshot.tombstones().deletionVectors()) {
      visitor.visit(rows.file());
    }
    visitor.visit(snapshot.catalog().containers());
    if (snapshot.catalog().deadRows().isPresent()) {
      visitor.visit(snapshot.catalog().deadRows().get());
    }
    for (Condemnation condemnation : snapshot.retention().condemned()) {
      for (CondemnedListReference list : condemnation.lists()) {
        visitor.visit(list.file());
      }
    }
  }

  /**
   * What the dataset takes up, found by listing its location; holds the containers' ids in memory, but no file names.
   */
  public DatasetStorage storageOf(Snapshot snapshot) throws IOException {
    Set<LogicalPath> paths = new HashSet<>();
    for (ContainerSummary container : containers(snapshot)) {
      paths.add(container.path());
    }
    StorageCount count = new StorageCount(paths);
    store.listRecursively(LogicalPath.ROOT, count);
    return new DatasetStorage(
        count.containerFiles, count.containerBytes, count.otherFiles, count.otherBytes);
  }

  /**
   * Proves that the store honours exclusive creation.
   *
   * @throws IOException naming the store, if a second exclusive creation of one name succeeds
   */
  public void probe() throws IOException {
    for (int attempt = 0; attempt < PROBES; attempt++) {
      if (isHonoured()) {
        return;
      }
    }
    throw notHonoured("a second creation of one name succeeded");
  }

  /** Once may be chance: a probe of a process that slept in between is garbage, and expires. */
  private boolean isHonoured() throws IOException {
    LogicalPath path = DatasetLayout.newProbe();
    byte[] first = {1};
    byte[] second = {2};
    try {
      try {
        store.createExclusively(path, first);
      } catch (FileAlreadyExistsException e) {
        // The name is fresh, so this is a retry that met its own success.
      }
      try {
        store.createExclusively(path, second);
        return false;
      } catch (FileAlreadyExistsException expected) {
        checkProbe(path, first);
        return true;
      }
    } catch (NoSuchFileException e) {
      return false;
    } finally {
      store.delete(path);
    }
  }

  private void checkProbe(LogicalPath path, byte[] expected) throws IOException {
    try (ByteSource file = store.open(path)) {
      ByteBuffer found = ByteBuffer.allocate(expected.length);
      if (file.length() == expected.length) {
        file.readFully(0, found);
      }
      if (!found.flip().equals(ByteBuffer.wrap(expected))) {
        throw notHonoured("a second creation of one name was refused, but changed the file");
      }
    }
  }

  private IOException notHonoured(String why) {
    return new IOException(store.location() + " does not honour conditional creation (" + why
        + "): two writers could lose each other's work");
  }

  /**
   * Makes {@code change} visible on top of {@code base}, whole or not at all.
   *
   * @throws IllegalArgumentException if the change is empty, does not fit the base, names another source root than the base, or would end only
   *     copies without saying so
   * @throws CommitConflictException if the version was taken by another commit; nothing became visible. Before another attempt the writer calls
   *     {@link #requireStillThere}
   * @throws CondemnedException if the change would refer to what the base condemned; nothing became visible
   * @throws CommitStateUnknownException if the outcome could not be found out; delete nothing
   */
  public Snapshot commit(Optional<Snapshot> base, SnapshotChange change, CatalogWriter catalog)
      throws IOException {
    checkArgument(!change.isEmpty(), "the change is empty: there is nothing to commit");
    checkArgument(
        base.isEmpty() || base.get().sourceRoot().equals(change.sourceRoot()),
        "dataset was folded from '%s', the change is from '%s'",
        base.map(Snapshot::sourceRoot).orElse(""),
        change.sourceRoot());
    long version = base.map(Snapshot::version).orElse(0L) + 1;
    LogicalPath commitPoint = DatasetLayout.snapshot(version);
    if (store.stat(commitPoint).isPresent()) {
      // A base that is no longer the newest may have expired: then its files are gone.
      throw lost(version, new FileAlreadyExistsException(commitPoint.toString()));
    }
    SnapshotStager stager = new SnapshotStager(store, this, clock, catalog, base, change);
    Snapshot snapshot;
    byte[] content;
    try {
      if (base.isPresent()) {
        requireNotCondemned(base.get(), change);
      }
      snapshot = stager.stage();
      content = SnapshotCodec.encode(snapshot);
    } catch (IOException | RuntimeException e) {
      cleanUp(stager.written(), e);
      if (e instanceof NoSuchFileException && store.stat(commitPoint).isPresent()) {
        // Others have committed since the look above, and what the base refers to has expired.
        CommitConflictException lost =
            lost(version, new FileAlreadyExistsException(commitPoint.toString()));
        lost.addSuppressed(e);
        throw lost;
      }
      throw e;
    }
    // From here on the files are cleaned up only when another's commit is seen to hold the version.
    try {
      store.createExclusively(commitPoint, content);
      return snapshot;
    } catch (FileAlreadyExistsException | CommitStateUnknownException e) {
      SnapshotFile holder = findHolder(version, e);
      if (holder.commitId().equals(snapshot.commitId())) {
        return snapshot;
      }
      CommitConflictException conflict = conflict(holder, e);
      cleanUp(stager.written(), conflict);
      throw conflict;
    }
  }

  private CommitConflictException lost(long version, FileAlreadyExistsException taken)
      throws IOException {
    return conflict(findHolder(version, taken), taken);
  }

  private CommitConflictException conflict(SnapshotFile holder, IOException cause)
      throws IOException {
    Snapshot winner = holder instanceof Snapshot snapshot
        ? snapshot
        : current().orElseThrow(() -> new IOException("no snapshot at " + store.location()));
    CommitConflictException conflict = new CommitConflictException(
        "version " + holder.version() + " of " + store.location() + " was committed by run "
            + holder.runId(),
        winner);
    conflict.addSuppressed(cause);
    return conflict;
  }

  /**
   * After a lost race: proves that every file which {@code change} brings with it still stands, and that {@code head} condemns none of them. Only
   * then may the change be laid over {@code head} and tried again.
   *
   * @throws CondemnedException if it may not: the run has to start anew
   */
  public void requireStillThere(Snapshot head, SnapshotChange change) throws IOException {
    requireNotCondemned(head, change);
    Map<LogicalPath, Set<LogicalPath>> byDirectory = new HashMap<>();
    for (LogicalPath file : change.staged()) {
      byDirectory.computeIfAbsent(file.parent(), directory -> new HashSet<>()).add(file);
    }
    for (Map.Entry<LogicalPath, Set<LogicalPath>> directory : byDirectory.entrySet()) {
      Set<LogicalPath> missing = directory.getValue();
      if (missing.size() > FEW) {
        try {
          store.list(directory.getKey(), new Strike(missing));
        } catch (NoSuchFileException e) {
          throw CondemnedException.missing(missing.iterator().next(), store.location());
        }
      }
      for (LogicalPath file : missing) {
        if (store.stat(file).isEmpty()) {
          throw CondemnedException.missing(file, store.location());
        }
      }
    }
  }

  private void requireNotCondemned(Snapshot head, SnapshotChange change) throws IOException {
    if (change.restored().isPresent()) {
      long version = change.restored().get().version();
      Optional<Long> by = head.retention().condemnedBy(version);
      if (by.isPresent()) {
        throw CondemnedException.snapshot(version, store.location(), by.get());
      }
      if (head.retention().expired().contains(version)) {
        throw new SnapshotExpiredException(
            store.location(), version, head.retention().kept(head.version()));
      }
    }
    Set<LogicalPath> staged = new HashSet<>(change.staged());
    if (staged.isEmpty()) {
      return;
    }
    for (Condemnation condemnation : head.retention().condemned()) {
      for (CondemnedListReference reference : condemnation.lists()) {
        try (CondemnedList list = CondemnedList.open(store, reference)) {
          for (Optional<LogicalPath> path = list.next(); path.isPresent(); path = list.next()) {
            if (staged.contains(path.get())) {
              throw CondemnedException.file(path.get(), store.location(), condemnation.version());
            }
          }
        }
      }
    }
  }

  /**
   * Who holds a version that this writer tried to create.
   *
   * @param cause the store's answer: the name is taken, or unknown
   * @throws CommitStateUnknownException if it cannot be told
   */
  private SnapshotFile findHolder(long version, IOException cause) throws IOException {
    Duration pause = FIRST_PAUSE;
    for (int look = 0; look < LOOKS; look++) {
      try {
        if (look > 0) {
          pauser.pause(pause);
          pause = pause.multipliedBy(2);
        }
        return readFile(version);
      } catch (java.io.InterruptedIOException e) {
        cause.addSuppressed(e);
        break;
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
    if (cause instanceof CommitStateUnknownException unknown) {
      throw unknown;
    }
    throw new CommitStateUnknownException(
        "version " + version + " of " + store.location()
            + " exists, but whose it is could not be read",
        cause);
  }

  /** Removes files that no snapshot refers to, as far as the store lets it. */
  private void cleanUp(List<FileReference> uncommitted, Exception reason) {
    for (FileReference file : uncommitted) {
      try {
        store.delete(file.path());
      } catch (IOException | RuntimeException e) {
        reason.addSuppressed(e);
      }
    }
  }

  /** Finds the highest version in a listing of the snapshot directory; whatever else lies there is passed over. */
  private static final class HighestVersion implements ListingVisitor {
    private long version;

    /** There may be a name for every version that ever was: few of them are looked at. */
    @Override
    public boolean wants(String name) {
      return DatasetLayout.versionOf(name).orElse(0) > version;
    }

    @Override
    public void visit(FileInfo file) {
      if (file.kind() == FileInfo.Kind.FILE) {
        version = Math.max(version, DatasetLayout.versionOf(file.path().name()).orElse(0));
      }
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {}
  }

  /** Takes what is listed out of a set. */
  private record Strike(Set<LogicalPath> missing) implements ListingVisitor {
    @Override
    public void visit(FileInfo file) {
      missing.remove(file.path());
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {}
  }

  private static final class StorageCount implements ListingVisitor {
    private final Set<LogicalPath> containers;
    private long containerFiles;
    private long containerBytes;
    private long otherFiles;
    private long otherBytes;

    StorageCount(Set<LogicalPath> containers) {
      this.containers = containers;
    }

    @Override
    public void visit(FileInfo file) {
      if (file.kind() == FileInfo.Kind.DIRECTORY) {
        return;
      }
      if (containers.contains(file.path())) {
        containerFiles++;
        containerBytes += file.length();
      } else {
        otherFiles++;
        otherBytes += file.length();
      }
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {
      otherFiles++;
    }
  }
}
