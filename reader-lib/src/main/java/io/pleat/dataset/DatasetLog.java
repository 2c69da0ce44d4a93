package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.Snapshot.CatalogReferences;
import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** The snapshots of one dataset: the only code that commits. Thread-safe. */
public final class DatasetLog {
  /** Most manifests of a snapshot; a commit that would have more merges them into one. */
  static final int MAX_MANIFESTS = 16;

  private static final int LOOKS = 6;
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
    return version.isPresent() ? Optional.of(snapshot(version.getAsLong())) : Optional.empty();
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
   * @throws CorruptDataException if its file is damaged
   * @throws UnsupportedFormatException if it needs a later reader
   */
  public Snapshot snapshot(long version) throws IOException {
    checkArgument(version > 0, "version is %s, the first is 1", version);
    StoredBytes file = StoredBytes.read(store, DatasetLayout.snapshot(version));
    Snapshot snapshot = SnapshotCodec.decode(file);
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
   * All containers of a snapshot, in order of their first keys.
   *
   * @throws CorruptDataException if a manifest is damaged or is not what the snapshot says
   */
  public List<ContainerSummary> containers(Snapshot snapshot) throws IOException {
    List<ContainerSummary> all = new ArrayList<>();
    Set<ContainerId> ids = new HashSet<>();
    for (ManifestReference manifest : snapshot.manifests()) {
      StoredBytes file = StoredBytes.read(store, manifest.file());
      List<ContainerSummary> containers = ManifestCodec.decode(file);
      if (containers.size() != manifest.containers()) {
        throw new CorruptDataException(
            file.source(),
            ManifestCodec.COUNT_AT,
            "manifest lists %d containers, snapshot %d says %d",
            containers.size(),
            snapshot.version(),
            manifest.containers());
      }
      for (ContainerSummary container : containers) {
        if (container.sequence() < 1 || container.sequence() > snapshot.version()) {
          throw new CorruptDataException(
              file.source(),
              ManifestCodec.ENTRIES_AT,
              "container %s was added by version %d, snapshot is %d",
              container.id(),
              container.sequence(),
              snapshot.version());
        }
        if (!ids.add(container.id())) {
          throw new CorruptDataException(
              file.source(),
              ManifestCodec.ENTRIES_AT,
              "container %s is listed twice in snapshot %d",
              container.id(),
              snapshot.version());
        }
      }
      all.addAll(containers);
    }
    all.sort((a, b) -> a.range().compareTo(b.range()));
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

  private DeletionVector read(DeletionVectorReference reference) throws IOException {
    StoredBytes file = StoredBytes.read(store, reference.file());
    DeletionVector vector = DeletionVectorCodec.decode(file, reference.container());
    if (vector.cardinality() != reference.cardinality()) {
      throw new CorruptDataException(
          file.source(),
          DeletionVectorCodec.CARDINALITY_AT,
          "deletion vector has %d rows, the snapshot says %d",
          vector.cardinality(),
          reference.cardinality());
    }
    return vector;
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
      } catch (FileAlreadyExistsException expected) {
        checkProbe(path, first);
        return;
      }
      throw notHonoured("a second creation of one name succeeded");
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
   * @throws IllegalArgumentException if the change is empty, does not fit the base, or names another source root than the base
   * @throws CommitConflictException if the version was taken by another commit; nothing became visible
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
    List<FileReference> written = new ArrayList<>();
    Snapshot snapshot;
    byte[] content;
    try {
      snapshot = stage(version, base, change, catalog, written);
      content = SnapshotCodec.encode(snapshot);
    } catch (IOException | RuntimeException e) {
      cleanUp(written, e);
      throw e;
    }
    // From here on the files are cleaned up only when another's commit is seen to hold the version.
    try {
      store.createExclusively(DatasetLayout.snapshot(version), content);
      return snapshot;
    } catch (FileAlreadyExistsException | CommitStateUnknownException e) {
      Snapshot holder = findHolder(version, e);
      if (holder.commitId().equals(snapshot.commitId())) {
        return snapshot;
      }
      CommitConflictException conflict = new CommitConflictException(
          "version " + version + " of " + store.location() + " was committed by run "
              + holder.runId(),
          holder);
      conflict.addSuppressed(e);
      cleanUp(written, conflict);
      throw conflict;
    }
  }

  /** Writes everything but the commit point. */
  private Snapshot stage(
      long version,
      Optional<Snapshot> base,
      SnapshotChange change,
      CatalogWriter catalog,
      List<FileReference> written)
      throws IOException {
    List<ContainerSummary> added = change.added().stream()
        .map(container -> container.withSequence(version))
        .toList();
    List<ContainerSummary> all =
        new ArrayList<>(base.isPresent() ? containers(base.get()) : List.of());
    all.addAll(added);
    Set<ContainerId> ids = new HashSet<>();
    for (ContainerSummary container : all) {
      checkArgument(ids.add(container.id()), "container %s is there already", container.id());
    }
    for (ContainerId container : change.newlyDead().keySet()) {
      checkArgument(ids.contains(container), "rows of an unknown container died: %s", container);
    }
    all.sort((a, b) -> a.range().compareTo(b.range()));
    SnapshotStatistics statistics = base.map(Snapshot::statistics)
        .orElse(SnapshotStatistics.NONE)
        .plus(
            change.liveDelta(),
            all.stream().mapToLong(ContainerSummary::indexBytes).sum());

    List<DeletionVectorReference> deletionVectors = stageDeletionVectors(base, change, written);
    List<ManifestReference> manifests = stageManifests(base, added, all, written);
    FileReference containerRows = catalog.writeContainers(store, List.copyOf(all));
    written.add(containerRows);
    Optional<FileReference> deadRows = stageDeadRows(base, deletionVectors, all, catalog, written);
    return new Snapshot(
        version,
        UUID.randomUUID(),
        change.runId(),
        change.sourceRoot(),
        clock.instant(),
        change.operation(),
        manifests,
        deletionVectors,
        new CatalogReferences(containerRows, deadRows),
        statistics);
  }

  private List<DeletionVectorReference> stageDeletionVectors(
      Optional<Snapshot> base, SnapshotChange change, List<FileReference> written)
      throws IOException {
    Map<ContainerId, DeletionVectorReference> all = new HashMap<>();
    if (base.isPresent()) {
      base.get().deletionVectors().forEach(vector -> all.put(vector.container(), vector));
    }
    for (Map.Entry<ContainerId, DeletionVector> entry : change.newlyDead().entrySet()) {
      ContainerId container = entry.getKey();
      DeletionVector before =
          all.containsKey(container) ? read(all.get(container)) : DeletionVector.EMPTY;
      DeletionVector after = before.or(entry.getValue());
      if (after.cardinality() > before.cardinality()) {
        FileReference file = ReferencedFile.write(
            store,
            DatasetLayout.newDeletionVector(container),
            DeletionVectorCodec.encode(container, after));
        written.add(file);
        all.put(container, new DeletionVectorReference(container, file, after.cardinality()));
      }
    }
    return all.values().stream()
        .sorted(Comparator.comparing(DeletionVectorReference::container))
        .toList();
  }

  private List<ManifestReference> stageManifests(
      Optional<Snapshot> base,
      List<ContainerSummary> added,
      List<ContainerSummary> all,
      List<FileReference> written)
      throws IOException {
    List<ManifestReference> manifests =
        new ArrayList<>(base.map(Snapshot::manifests).orElse(List.of()));
    if (added.isEmpty()) {
      return manifests;
    }
    boolean merge = manifests.size() >= MAX_MANIFESTS;
    if (merge) {
      manifests.clear();
    }
    List<ContainerSummary> listed = merge ? all : added;
    FileReference file =
        ReferencedFile.write(store, DatasetLayout.newManifest(), ManifestCodec.encode(listed));
    written.add(file);
    manifests.add(new ManifestReference(file, listed.size()));
    return manifests;
  }

  /** The base's file serves again unless a row died. */
  private Optional<FileReference> stageDeadRows(
      Optional<Snapshot> base,
      List<DeletionVectorReference> deletionVectors,
      List<ContainerSummary> all,
      CatalogWriter catalog,
      List<FileReference> written)
      throws IOException {
    if (base.isPresent() && base.get().deletionVectors().equals(deletionVectors)) {
      return base.get().catalog().deadRows();
    }
    if (deletionVectors.isEmpty()) {
      return Optional.empty();
    }
    Map<ContainerId, DeletionVector> dead = new HashMap<>();
    for (DeletionVectorReference reference : deletionVectors) {
      dead.put(reference.container(), read(reference));
    }
    FileReference file = catalog.writeDeadRows(store, List.copyOf(all), dead);
    written.add(file);
    return Optional.of(file);
  }

  /**
   * Who holds a version that this writer tried to create.
   *
   * @param cause the store's answer: the name is taken, or unknown
   * @throws CommitStateUnknownException if it cannot be told
   */
  private Snapshot findHolder(long version, IOException cause) throws IOException {
    Duration pause = FIRST_PAUSE;
    for (int look = 0; look < LOOKS; look++) {
      try {
        if (look > 0) {
          pauser.pause(pause);
          pause = pause.multipliedBy(2);
        }
        return snapshot(version);
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

    @Override
    public void visit(FileInfo file) {
      if (file.kind() == FileInfo.Kind.FILE) {
        version = Math.max(version, DatasetLayout.versionOf(file.path().name()).orElse(0));
      }
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
