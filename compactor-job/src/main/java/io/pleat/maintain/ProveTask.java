package io.pleat.maintain;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Proves that originals equal their live entries, and lists those that do. Deletes nothing. */
final class ProveTask implements TaskEngine.Task<ProveInput, Proven> {
  private static final long serialVersionUID = 1;

  private final StoreOpener source;
  private final StoreOpener dataset;
  private final boolean dryRun;

  ProveTask(StoreOpener source, StoreOpener dataset, boolean dryRun) {
    this.source = source;
    this.dataset = dataset;
    this.dryRun = dryRun;
  }

  @Override
  public Proven run(ProveInput input) throws IOException {
    ReclaimTally tally = new ReclaimTally();
    ContainerId container = input.container().id();
    try (Store from = source.open();
        Store to = dataset.open();
        PendingListWriter list = new PendingListWriter(to)) {
      DatasetLog log = DatasetLog.open(to);
      Snapshot snapshot = log.snapshot(input.version());
      DeletionVector dead = log.deletionVector(snapshot, container);
      ReclaimedRows reclaimed = log.reclaimedRows(snapshot, container);
      // No source root is allowed: a damaged payload is an error, never read from the original.
      try (FoldedDataset held =
              FoldedDataset.open(to, snapshot, Map.of(), ReaderOptions.defaults());
          ByteSource bytes = to.open(input.container().path());
          ContainerReader reader = ContainerReader.open(bytes, container)) {
        ReclaimProof proof = new ReclaimProof(from, held);
        for (int ordinal = input.from(); ordinal < input.to(); ordinal++) {
          if (dead.contains(ordinal) || reclaimed.contains(ordinal)) {
            continue;
          }
          Entry entry = reader.index().entry(ordinal);
          try {
            prove(entry, input, from, to, proof, list, tally);
          } catch (IOException e) {
            tally.fail(entry.path() + ": " + Reason.of(e));
            break;
          }
        }
      }
      if (tally.failures().isEmpty()) {
        list.finish();
      } else {
        tally.rows().clear(); // nothing of this wave will be marked
      }
      return new Proven(container, list.id(), tally);
    }
  }

  private void prove(
      Entry entry,
      ProveInput input,
      Store from,
      Store to,
      ReclaimProof proof,
      PendingListWriter list,
      ReclaimTally tally)
      throws IOException {
    ReclaimRow row = ReclaimRow.of(entry);
    Optional<FileInfo> file = Optional.empty();
    String outcome = entry.kind() != Entry.Kind.FOLDED ? "passThrough" : entry.racy() ? "racy" : "";
    if (outcome.isEmpty()) {
      file = from.stat(entry.path());
      outcome = file.isEmpty()
          ? "missing"
          : !row.looksLike(file.get()) || from.isBeingWritten(file.get())
              ? "changed"
              : from.traits().flat() && row.etag().isEmpty() ? "noEtag" : "";
    }
    if (!outcome.isEmpty()) {
      tally.count(outcome, entry.length());
      return;
    }
    proof.requireTheOne(row);
    proof.requireAsStrong(input.container().path(), to, entry.path());
    if (!dryRun && proof.of(row, file.get()).isEmpty()) {
      tally.count("changed", entry.length());
      return;
    }
    tally.count("proven", entry.length());
    if (!dryRun) {
      list.add(row);
      tally.rows().add(row.ordinal());
    }
  }
}
