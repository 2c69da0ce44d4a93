package io.pleat.maintain;

import io.pleat.dataset.AuditLog;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Deletes the originals of one list whose entries a committed snapshot has marked; also those that an earlier run listed, and may have set aside. */
final class DeleteOriginalsTask implements TaskEngine.Task<DeleteInput, Deleted> {
  private static final long serialVersionUID = 1;

  private final StoreOpener source;
  private final StoreOpener dataset;
  private final AuditLog audit;
  private final UUID runId;
  private final boolean trash;
  private final boolean emptyDirectories;

  DeleteOriginalsTask(
      StoreOpener source, StoreOpener dataset, AuditLog audit, UUID runId, ReclaimOptions options) {
    this.source = source;
    this.dataset = dataset;
    this.audit = audit;
    this.runId = runId;
    this.trash = options.trash();
    this.emptyDirectories = options.emptyDirectories();
  }

  @Override
  public Deleted run(DeleteInput input) throws IOException {
    try (Store from = source.open();
        Store to = dataset.open()) {
      DatasetLog log = DatasetLog.open(to);
      Snapshot snapshot = log.snapshot(input.version());
      // No source root is allowed: a damaged payload is an error, never read from the original.
      try (FoldedDataset held =
          FoldedDataset.open(to, snapshot, Map.of(), ReaderOptions.defaults())) {
        ListedOriginals originals = new ListedOriginals(
            input.list(),
            from,
            to,
            new MarkedEntries(log, snapshot, held),
            new ReclaimProof(from, held),
            new DeletionLog(audit, to, runId, snapshot.version()),
            emptyDirectories && !from.traits().flat()
                ? Optional.of(new EmptiedDirectories(from, held))
                : Optional.empty(),
            trash);
        return new Deleted(input.list(), originals.settle(), false);
      } catch (PendingListReader.UnfinishedException e) {
        return new Deleted(input.list(), new ReclaimTally(), true);
      }
    }
  }
}
