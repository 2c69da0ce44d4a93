package io.pleat.fold;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import java.io.IOException;

/** The tombstones of one container that are not superseded, in the form that sorts together with a listing. */
final class TombstoneRows {
  private TombstoneRows() {}

  /**
   * Emits the rows.
   *
   * @param container the container's index in the base snapshot's list
   */
  static void emit(int container, IndexBlock index, DeletionVector dead, BlockPump.Sink sink)
      throws IOException, InterruptedException {
    RowOutput rows = RowBlock.start(RowBlock.ROWS);
    RowOutput value = new RowOutput(256);
    int entries = index.entryCount();
    for (int ordinal = 0; ordinal < entries; ordinal++) {
      if (!dead.contains(ordinal)) {
        Entry entry = index.entry(ordinal);
        value
            .putLong(container)
            .putLong(ordinal)
            .putLong(entry.length())
            .putAttributes(entry.attributes());
        HeldRows.put(
            rows, SortedRow.encode(entry.path().fileKey(), SortedRow.TOMBSTONE), value, sink);
      }
    }
    for (int i = 0; i < index.directoryCount(); i++) {
      DirectoryEntry directory = index.directory(i);
      if (directory.attributes().isPresent() && !dead.contains(entries + i)) {
        value
            .putLong(container)
            .putLong((long) entries + i)
            .putLong(0)
            .putAttributes(directory.attributes().get());
        HeldRows.put(
            rows,
            SortedRow.encode(directory.path().directoryKey(), SortedRow.TOMBSTONE),
            value,
            sink);
      }
    }
    if (rows.size() > 1) {
      sink.put(rows.toBytes());
    }
  }
}
