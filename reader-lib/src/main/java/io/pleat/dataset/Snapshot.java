package io.pleat.dataset;

import java.time.Instant;
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
 * @param deletionVectors at most one a container
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
    manifests = List.copyOf(manifests);
    deletionVectors = List.copyOf(deletionVectors);
  }

  /** One manifest file and how many containers it lists. */
  public record ManifestReference(FileReference file, int containers) {}

  /** One deletion vector file, whose it is and how many rows are dead. */
  public record DeletionVectorReference(
      io.pleat.format.ContainerId container, FileReference file, int cardinality) {}

  /**
   * The catalogue beside the per-container files.
   *
   * @param containers one row a container
   * @param deadRows container id and ordinal of each dead entry; absent when none is dead
   */
  public record CatalogReferences(FileReference containers, Optional<FileReference> deadRows) {}
}
