package io.pleat.dataset;

import io.pleat.dataset.Snapshot.DeletionVectorReference;
import io.pleat.dataset.Snapshot.ManifestReference;
import java.util.List;

/**
 * What was removed on purpose and may still stand in the source: as containers without payloads, whose entries are pass-through ones. A source
 * file of the same path, length, mtime and etag is not folded again.
 *
 * @param manifests together they list all tombstone containers
 * @param deletionVectors of tombstones that have been superseded: at most one a container, in order of container ids
 */
public record Tombstones(
    List<ManifestReference> manifests, List<DeletionVectorReference> deletionVectors) {
  /** Nothing was removed. */
  public static final Tombstones NONE = new Tombstones(List.of(), List.of());

  public Tombstones {
    manifests = List.copyOf(manifests);
    deletionVectors = Snapshot.sorted(deletionVectors);
  }
}
