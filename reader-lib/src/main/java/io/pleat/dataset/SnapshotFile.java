package io.pleat.dataset;

import java.util.UUID;

/** What stands under a version's name: the snapshot, or what its expiry left. */
sealed interface SnapshotFile permits Snapshot, SnapshotStub {
  long version();

  UUID commitId();

  UUID runId();
}
