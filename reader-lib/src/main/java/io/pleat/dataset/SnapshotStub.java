package io.pleat.dataset;

import java.time.Instant;
import java.util.UUID;

/** What expiry leaves of a snapshot: the name stays taken, and who took it can still be told. */
record SnapshotStub(long version, UUID commitId, UUID runId, Instant committedAt, String operation)
    implements SnapshotFile {
  static SnapshotStub of(Snapshot snapshot) {
    return new SnapshotStub(
        snapshot.version(),
        snapshot.commitId(),
        snapshot.runId(),
        snapshot.committedAt(),
        snapshot.operation());
  }
}
