package io.pleat.maintain;

import io.pleat.dataset.AuditFile;
import io.pleat.dataset.AuditLog;
import io.pleat.dataset.AuditRow;
import io.pleat.format.ContainerId;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The rows of the audit log about the originals of one list: mostly one file, none if there is no row. Holds at most {@value #MOST_BYTES} bytes of paths in
 * memory. Not thread-safe.
 */
final class DeletionLog implements Closeable {
  private static final int MOST_BYTES = 8 << 20;

  private final AuditLog log;
  private final Store dataset;
  private final UUID runId;
  private final long snapshot;
  private Optional<AuditFile> file = Optional.empty();
  private long bytes;

  DeletionLog(AuditLog log, Store dataset, UUID runId, long snapshot) {
    this.log = log;
    this.dataset = dataset;
    this.runId = runId;
    this.snapshot = snapshot;
  }

  void add(
      ReclaimRow row, ContainerId container, int ordinal, AuditRow.Proof proof, boolean trashed)
      throws IOException {
    int length = row.path().utf8().length;
    if (bytes + length > MOST_BYTES) {
      finish();
    }
    if (file.isEmpty()) {
      file = Optional.of(log.start(dataset, runId));
    }
    bytes += length;
    file.get()
        .add(new AuditRow(
            row.path(),
            row.length(),
            row.mtimeSeconds(),
            row.mtimeNanos(),
            row.etag(),
            row.crc32c(),
            container,
            ordinal,
            snapshot,
            Instant.now(),
            proof,
            trashed));
  }

  /** Makes all rows durable. */
  void finish() throws IOException {
    if (file.isPresent()) {
      file.get().finish();
      close();
      file = Optional.empty();
      bytes = 0;
    }
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}
