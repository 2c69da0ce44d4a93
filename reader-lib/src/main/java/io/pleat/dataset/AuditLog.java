package io.pleat.dataset;

import io.pleat.store.Store;
import java.io.IOException;
import java.io.Serializable;
import java.util.UUID;

/** Where reclaim writes what it deletes; implemented by a leaf. */
public interface AuditLog extends Serializable {
  /** Starts a file of a run's log in {@code dataset}, under a fresh name; nothing is seen of it before it is finished, so it is held in memory. */
  AuditFile start(Store dataset, UUID runId) throws IOException;
}
