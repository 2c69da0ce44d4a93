package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * An atomic, numbered state of a dataset. Immutable; its file is never changed once it exists, until the snapshot has expired.
 *
 * @param version from 1, without gaps
 * @param commitId random: tells one's own commit from another's of the same version
 * @param runId the run that committed it, named in {@code _pleat/runs}
 * @param sourceRoot location of the source root that the dataset was folded from
 * @param operation what the run was: {@code fold}, {@code rm}, ...
 * @param manifests together they list all containers
 * @param deletionVectors at most one a container, in order of container ids (sorted on construction)
 * @param reclaimed entries whose original was deleted: at most one file a container, sorted likewise; none of these rows is dead
 * @param tombstones what was removed on purpose
 * @param retention which snapshots are gone or about to go
 * @param catalog the catalogue's files beside those that the containers name
 */
public record Snapshot(
    long version,
    UUID commitId,
    UUID runId,
    String sourceRoot,
    Instant committedAt,
    String operation,
    List<ManifestReference> manifests,
    List<DeletionVectorReference> deletionVectors,
    List<ReclaimedReference> reclaimed,
    Tombstones tombstones,
    Retention retention,
    CatalogReferences catalog,
    SnapshotStatistics statistics)
    implements SnapshotFile {

  public Snapshot {
    checkArgument(version > 0, "version is %s, the first is 1", version);
    requireNonNull(commitId, "commit id is null");
    requireNonNull(runId, "run id is null");
    requireNonNull(sourceRoot, "source root is null");
    requireNonNull(committedAt, "committed at is null");
    requireNonNull(operation, "operation is null");
    requireNonNull(catalog, "catalog is null");
    requireNonNull(statistics, "statistics are null");
    manifests = List.copyOf(manifests);
    requireNonNull(tombstones, "tombstones are null");
    requireNonNull(retention, "retention is null");
    deletionVectors = sorted(deletionVectors);
    reclaimed = sorted(reclaimed);
    checkArgument(
        retention.expired().last() < version
            && retention.condemned().stream()
                .allMatch(c -> c.version() <= version && c.snapshots().last() < version),
        "snapshot %s says that it is expired or condemned: %s",
        version,
        retention);
  }

  /** A snapshot in which nothing was reclaimed, removed or condemned. */
  public Snapshot(
      long version,
      UUID commitId,
      UUID runId,
      String sourceRoot,
      Instant committedAt,
      String operation,
      List<ManifestReference> manifests,
      List<DeletionVectorReference> deletionVectors,
      CatalogReferences catalog,
      SnapshotStatistics statistics) {
    this(
        version,
        commitId,
        runId,
        sourceRoot,
        committedAt,
        operation,
        manifests,
        deletionVectors,
        List.of(),
        Tombstones.NONE,
        Retention.EVERYTHING,
        catalog,
        statistics);
  }

  /** How many live entries are the only copy. */
  public long reclaimedFiles() {
    return reclaimed.stream().mapToLong(ReclaimedReference::cardinality).sum();
  }

  /** Where the deletion vector of a container lies; nothing if no row of it is dead. */
  Optional<DeletionVectorReference> deletionVector(ContainerId container) {
    return find(deletionVectors, container);
  }

  /** Where the reclaimed rows of a container are listed; nothing if it has none. */
  Optional<ReclaimedReference> reclaimed(ContainerId container) {
    return find(reclaimed, container);
  }

  /** In order of container ids, each once. */
  static <T extends RowsReference> List<T> sorted(List<T> references) {
    List<T> sorted = references.stream()
        .sorted(Comparator.comparing(RowsReference::container))
        .toList();
    for (int i = 1; i < sorted.size(); i++) {
      ContainerId container = sorted.get(i).container();
      checkArgument(
          !container.equals(sorted.get(i - 1).container()),
          "two %s of container %s",
          sorted.get(i).kind(),
          container);
    }
    return sorted;
  }

  /** The one of a container among sorted references. */
  static <T extends RowsReference> Optional<T> find(List<T> sorted, ContainerId container) {
    int from = 0;
    int to = sorted.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      int order = sorted.get(middle).container().compareTo(container);
      if (order == 0) {
        return Optional.of(sorted.get(middle));
      }
      if (order < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return Optional.empty();
  }

  /** A file that marks rows of one container. */
  public sealed interface RowsReference permits DeletionVectorReference, ReclaimedReference {
    /** Whose rows they are. */
    ContainerId container();

    /** The file. */
    FileReference file();

    /** How many rows it marks. */
    int cardinality();

    /** What such files are called, in the plural. */
    String kind();
  }

  /** One manifest file and how many containers it lists. */
  public record ManifestReference(FileReference file, int containers) {
    public ManifestReference {
      requireNonNull(file, "file is null");
      checkArgument(containers >= 0, "negative number of containers: %s", containers);
    }
  }

  /** One deletion vector file, whose it is and how many rows are dead. */
  public record DeletionVectorReference(ContainerId container, FileReference file, int cardinality)
      implements RowsReference {
    public DeletionVectorReference {
      requireNonNull(container, "container is null");
      requireNonNull(file, "file is null");
      checkArgument(cardinality > 0, "deletion vector of %s rows", cardinality);
    }

    @Override
    public String kind() {
      return "deletion vectors";
    }
  }

  /** One file of reclaimed rows, whose they are and how many. */
  public record ReclaimedReference(ContainerId container, FileReference file, int cardinality)
      implements RowsReference {
    public ReclaimedReference {
      requireNonNull(container, "container is null");
      requireNonNull(file, "file is null");
      checkArgument(cardinality > 0, "file of %s reclaimed rows", cardinality);
    }

    @Override
    public String kind() {
      return "files of reclaimed rows";
    }
  }

  /**
   * The catalogue beside the per-container files.
   *
   * @param containers one row a container
   * @param deadRows container id and ordinal of each dead entry; absent when none is dead
   */
  public record CatalogReferences(FileReference containers, Optional<FileReference> deadRows) {
    public CatalogReferences {
      requireNonNull(containers, "containers is null");
      requireNonNull(deadRows, "dead rows is null");
    }
  }
}
