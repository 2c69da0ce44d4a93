package io.pleat.maintain;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which entries a snapshot has marked as reclaimed, wherever they are by now. Not thread-safe. */
final class MarkedEntries {
  private final DatasetLog log;
  private final Snapshot snapshot;
  private final FoldedDataset held;
  private final Map<ContainerId, ReclaimedRows> rows = new HashMap<>();

  MarkedEntries(DatasetLog log, Snapshot snapshot, FoldedDataset held) {
    this.log = log;
    this.snapshot = snapshot;
    this.held = held;
  }

  /** The live entry that is of the same bytes and time as {@code row}, if it is marked. */
  Optional<Entry> entryOf(ReclaimRow row) throws IOException {
    Optional<Location> found = held.locate(row.path());
    if (found.isEmpty() || !row.isOf(found.get().entry())) {
      return Optional.empty();
    }
    Entry entry = found.get().entry();
    ContainerId container = entry.extent().container();
    ReclaimedRows marks = rows.get(container);
    if (marks == null) {
      marks = log.reclaimedRows(snapshot, container);
      rows.put(container, marks);
    }
    return marks.contains(entry.ordinal()) ? Optional.of(entry) : Optional.empty();
  }
}
