package io.pleat.maintain;

import io.pleat.dataset.VersionSet;
import java.util.List;

/**
 * What an expiry did, or in a dry run would do.
 *
 * @param version the snapshot that stands now
 * @param expired snapshots that are stubs since this run
 * @param deletedFiles files that were deleted, which earlier runs had condemned
 * @param condemned snapshots that this run condemned
 * @param condemnedFiles files that this run condemned
 * @param condemnedBytes their bytes: what a later run will free
 * @param waiting what earlier runs condemned and this one left, one line each: not old enough, or pinned
 * @param abortedUploads unfinished uploads to the object store that were ended
 */
public record ExpireReport(
    long version,
    VersionSet expired,
    long deletedFiles,
    VersionSet condemned,
    long condemnedFiles,
    long condemnedBytes,
    List<String> waiting,
    long abortedUploads) {
  public ExpireReport {
    waiting = List.copyOf(waiting);
  }
}
