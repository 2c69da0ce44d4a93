package io.pleat.dataset;

import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.roaringbitmap.RoaringBitmap;

/**
 * What lies in the directories of a dataset, whether a snapshot refers to it or not: for who has to make a head out of it. Reads nothing that
 * it is not asked for. Not thread-safe.
 */
public final class DatasetRemains {
  private static final String CONTAINER_SUFFIX = ".pleat";
  private static final int ID_DIGITS = 32;

  private final Store store;
  private final DatasetLog log;

  private DatasetRemains(Store store) {
    this.store = store;
    this.log = DatasetLog.open(store);
  }

  /** The remains of the dataset rooted at {@code store}. */
  public static DatasetRemains of(Store store) {
    return new DatasetRemains(store);
  }

  /** The versions that a file of the snapshot directory, of a lease or of an index pack is named for, ascending. */
  public List<Long> namedVersions() throws IOException {
    TreeSet<Long> versions = new TreeSet<>();
    for (FileInfo file : files(DatasetLayout.SNAPSHOT_DIRECTORY)) {
      DatasetLayout.versionOf(file.path().name()).ifPresent(versions::add);
    }
    for (String directory : List.of(DatasetLayout.LEASE_DIRECTORY, DatasetLayout.PACK_DIRECTORY)) {
      for (FileInfo file : files(directory)) {
        String name = file.path().name();
        int dash = name.indexOf('-');
        if (dash > 0) {
          DatasetLayout.versionOf(name.substring(0, dash) + ".json").ifPresent(versions::add);
        }
      }
    }
    return List.copyOf(versions);
  }

  /** Whether a snapshot of this version stands, sound or not. */
  public boolean hasSnapshot(long version) throws IOException {
    return store.stat(DatasetLayout.snapshot(version)).isPresent();
  }

  /** Where the snapshot of a version lies, or would lie. */
  public static LogicalPath snapshotPath(long version) {
    return DatasetLayout.snapshot(version);
  }

  /**
   * A snapshot, nothing if it is missing, expired or damaged.
   *
   * @throws IOException if it cannot be told
   */
  public Optional<Snapshot> snapshot(long version) throws IOException {
    try {
      return Optional.of(log.snapshot(version));
    } catch (CorruptDataException | NoSuchFileException | SnapshotExpiredException e) {
      return Optional.empty();
    }
  }

  /** All files of {@code containers/}, the first written first. */
  public Map<ContainerId, FileInfo> containers() throws IOException {
    Map<ContainerId, FileInfo> all = new java.util.LinkedHashMap<>();
    for (FileInfo file : files(DatasetLayout.CONTAINERS)) {
      String name = file.path().name();
      if (name.length() == ID_DIGITS + CONTAINER_SUFFIX.length()
          && name.endsWith(CONTAINER_SUFFIX)) {
        try {
          all.put(ContainerId.parse(name.substring(0, ID_DIGITS)), file);
        } catch (IllegalArgumentException e) {
          continue; // Not ours.
        }
      }
    }
    return all;
  }

  /** The catalogue's lists of containers, the first written first. */
  public List<LogicalPath> containerLists() throws IOException {
    return files(DatasetLayout.CATALOG + "/containers").stream()
        .map(FileInfo::path)
        .toList();
  }

  /** The catalogue's lists of dead rows, the first written first. */
  public List<LogicalPath> deadRowLists() throws IOException {
    return files(DatasetLayout.CATALOG + "/dead").stream().map(FileInfo::path).toList();
  }

  /** Entries that any sound file of reclaimed rows marks, of any snapshot: at least those that are the only copy now. */
  public Map<ContainerId, ReclaimedRows> everReclaimed() throws IOException {
    Map<ContainerId, RoaringBitmap> all = new HashMap<>();
    for (FileInfo file : files(DatasetLayout.RECLAIMED_DIRECTORY)) {
      try {
        ContainerId id = ContainerId.parse(file.path().name().substring(0, ID_DIGITS));
        StoredBytes bytes = StoredBytes.read(store, file.path());
        all.computeIfAbsent(id, unknown -> new RoaringBitmap())
            .or(DeletionVectorCodec.decodeReclaimed(bytes, id).toBitmap());
      } catch (CorruptDataException
          | NoSuchFileException
          | IllegalArgumentException
          | IndexOutOfBoundsException e) {
        continue; // The others may know.
      }
    }
    Map<ContainerId, ReclaimedRows> rows = new HashMap<>();
    all.forEach((id, bitmap) -> rows.put(id, ReclaimedRows.copyOf(bitmap)));
    return rows;
  }

  private List<FileInfo> files(String directory) throws IOException {
    List<FileInfo> all = new ArrayList<>();
    try {
      store.list(LogicalPath.of(directory), new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          if (file.kind() == FileInfo.Kind.FILE) {
            all.add(file);
          }
        }

        @Override
        public void unlistable(LogicalPath path, String displayName, String reason) {}
      });
    } catch (NoSuchFileException e) {
      return all;
    }
    all.sort(Comparator.<FileInfo>comparingLong(file -> file.attributes().mtimeSeconds())
        .thenComparingInt(file -> file.attributes().mtimeNanos())
        .thenComparing(FileInfo::path));
    return all;
  }
}
