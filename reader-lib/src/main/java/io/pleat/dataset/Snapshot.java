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
 * An atomic, numbered state of a dataset. Immutable; its file is never changed once it exists.
 *
 * @param version from 1, without gaps
 * @param commitId random: tells one's own commit from another's of the same version
 * @param runId the run that committed it, named in {@code _pleat/runs}
 * @param sourceRoot location of the source root that the dataset was folded from
 * @param operation what the run was: {@code fold}
 * @param manifests together they list all containers
 * @param deletionVectors at most one a container, in order of container ids (sorted on construction)
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
    CatalogReferences catalog,
    SnapshotStatistics statistics) {

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
    deletionVectors = deletionVectors.stream()
        .sorted(Comparator.comparing(DeletionVectorReference::container))
        .toList();
    for (int i = 1; i < deletionVectors.size(); i++) {
      ContainerId container = deletionVectors.get(i).container();
      checkArgument(
          !container.equals(deletionVectors.get(i - 1).container()),
          "two deletion vectors of container %s",
          container);
    }
  }

  /** Where the deletion vector of a container lies; nothing if no row of it is dead. */
  Optional<DeletionVectorReference> deletionVector(ContainerId container) {
    int from = 0;
    int to = deletionVectors.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      int order = deletionVectors.get(middle).container().compareTo(container);
      if (order == 0) {
        return Optional.of(deletionVectors.get(middle));
      }
      if (order < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return Optional.empty();
  }

  /** One manifest file and how many containers it lists. */
  public record ManifestReference(FileReference file, int containers) {
    public ManifestReference {
      requireNonNull(file, "file is null");
      checkArgument(containers >= 0, "negative number of containers: %s", containers);
    }
  }

  /** One deletion vector file, whose it is and how many rows are dead. */
  public record DeletionVectorReference(
      ContainerId container, FileReference file, int cardinality) {
    public DeletionVectorReference {
      requireNonNull(container, "container is null");
      requireNonNull(file, "file is null");
      checkArgument(cardinality > 0, "deletion vector of %s rows", cardinality);
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
