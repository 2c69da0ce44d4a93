package io.pleat.maintain;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import io.pleat.read.ReaderOptions;
import io.pleat.store.AsideName;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Deletes the originals of one list whose entries a committed snapshot has marked; also those that an earlier run listed, and may have set aside.
 * Each is set aside, proven once more under that name, and only then deleted; else it gets its name back.
 */
final class DeleteOriginalsTask implements TaskEngine.Task<ReclaimInput, ReclaimTally> {
  private static final long serialVersionUID = 1;

  private final StoreOpener source;
  private final StoreOpener dataset;
  private final boolean trash;

  DeleteOriginalsTask(StoreOpener source, StoreOpener dataset, boolean trash) {
    this.source = source;
    this.dataset = dataset;
    this.trash = trash;
  }

  @Override
  public ReclaimTally run(ReclaimInput input) throws IOException {
    ReclaimTally tally = new ReclaimTally(input.list());
    try (Store from = source.open();
        Store to = dataset.open()) {
      Snapshot snapshot = DatasetLog.open(to).snapshot(input.version());
      // No source root is allowed: a damaged payload is an error, never read from the original.
      try (FoldedDataset held =
          FoldedDataset.open(to, snapshot, Map.of(), ReaderOptions.defaults())) {
        Marked marked = new Marked(DatasetLog.open(to), snapshot, held);
        ReclaimProof proof = new ReclaimProof(from, held);
        List<ReclaimRow> rows = PendingList.read(to, input.list());
        for (int i = 0; i < rows.size(); i++) {
          ReclaimRow row = rows.get(i);
          LogicalPath aside = AsideName.beside(row.path(), input.list(), i);
          settle(row, aside, marked.holds(row), from, proof, tally);
          if (!tally.failures().isEmpty()) {
            break;
          }
        }
      }
    }
    return tally;
  }

  private void settle(
      ReclaimRow row,
      LogicalPath aside,
      boolean marked,
      Store from,
      ReclaimProof proof,
      ReclaimTally tally)
      throws IOException {
    // One that a killed run left, first: its name may have been taken since.
    boolean deleted =
        from.stat(aside).isPresent() && finish(row, aside, marked, from, proof, tally);
    Optional<FileInfo> original =
        tally.failures().isEmpty() ? from.stat(row.path()) : Optional.empty();
    if (original.isEmpty()) {
      return;
    }
    if (!marked) {
      return; // never committed, or no longer the live entry: not ours to delete
    }
    if (!row.looksLike(original.get()) || from.isBeingWritten(original.get())) {
      if (!deleted) {
        tally.count("changed", row.length());
        tally.add(row);
      }
      return;
    }
    try {
      from.moveAside(row.path(), aside);
    } catch (NoSuchFileException e) {
      return; // its owner deleted it
    }
    finish(row, aside, true, from, proof, tally);
  }

  /** Deletes what stands aside if it is proven, else gives it its name back; whether it was deleted. */
  private boolean finish(
      ReclaimRow row,
      LogicalPath aside,
      boolean marked,
      Store from,
      ReclaimProof proof,
      ReclaimTally tally)
      throws IOException {
    boolean proven = false;
    try {
      FileInfo file = from.stat(aside).orElseThrow(() -> new NoSuchFileException(aside.toString()));
      proven =
          marked && row.looksLike(file) && !from.isBeingWritten(file) && proof.holds(row, file);
    } catch (IOException e) {
      tally.fail(row.path() + ": " + Reason.of(e));
    }
    if (proven) {
      if (!trash || !from.moveToTrash(aside, row.path())) {
        from.delete(aside);
      }
      tally.count("deleted", row.length());
      return true;
    }
    try {
      from.rename(aside, row.path());
      tally.count("put back", row.length());
      if (marked) {
        tally.add(row);
      }
    } catch (FileAlreadyExistsException e) {
      tally.fail(
          "%s was changed while it was set aside, and its name is taken: its bytes are kept at %s; move them where they belong"
              .formatted(row.path(), aside));
    }
    return false;
  }

  /** Which entries a snapshot has marked as reclaimed. */
  private static final class Marked {
    private final DatasetLog log;
    private final Snapshot snapshot;
    private final FoldedDataset held;
    private final Map<ContainerId, ReclaimedRows> rows = new HashMap<>();

    Marked(DatasetLog log, Snapshot snapshot, FoldedDataset held) {
      this.log = log;
      this.snapshot = snapshot;
      this.held = held;
    }

    boolean holds(ReclaimRow row) throws IOException {
      Optional<Location> found = held.locate(row.path());
      if (found.isEmpty()) {
        return false;
      }
      Entry entry = found.get().entry();
      ContainerId container = entry.extent().container();
      ReclaimedRows marks = rows.get(container);
      if (marks == null) {
        marks = log.reclaimedRows(snapshot, container);
        rows.put(container, marks);
      }
      return row.isOf(entry) && marks.contains(entry.ordinal());
    }
  }
}
