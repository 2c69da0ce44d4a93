package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import java.io.IOException;

/** The live rows of one container of the base snapshot, in the form that sorts together with a listing. */
final class HeldRows {
  private HeldRows() {}

  /**
   * Emits the rows.
   *
   * @param container the container's index in the base snapshot's list
   */
  static void emit(
      int container,
      ContainerSummary summary,
      IndexBlock index,
      DeletionVector dead,
      ReclaimedRows reclaimed,
      BlockPump.Sink sink)
      throws IOException, InterruptedException {
    RowOutput rows = RowBlock.start(RowBlock.ROWS);
    RowOutput value = new RowOutput(256);
    int entries = index.entryCount();
    for (int ordinal = 0; ordinal < entries; ordinal++) {
      if (dead.contains(ordinal)) {
        continue;
      }
      Entry entry = index.entry(ordinal);
      value
          .putLong(container)
          .putLong(ordinal)
          .putByte(entry.kind() == Entry.Kind.PASS_THROUGH ? 1 : 0)
          .putLong(entry.length())
          .putLong(entry.extent().length())
          .putAttributes(entry.attributes())
          .putByte(entry.racy() ? 1 : 0)
          .putSigned(entry.crc32c())
          .putByte(reclaimed.contains(ordinal) ? 1 : 0);
      put(rows, SortedRow.encode(entry.path().fileKey(), SortedRow.HELD), value, sink);
    }
    for (int i = 0; i < index.directoryCount(); i++) {
      DirectoryEntry directory = index.directory(i);
      if (directory.attributes().isPresent() && !dead.contains(entries + i)) {
        value
            .putLong(container)
            .putLong((long) entries + i)
            .putLong(summary.sequence())
            .putAttributes(directory.attributes().get());
        put(
            rows,
            SortedRow.encode(directory.path().directoryKey(), SortedRow.HELD_DIRECTORY),
            value,
            sink);
      }
      if (directory.path().isRoot()) {
        continue;
      }
      if (reclaimed.containsAny(directory.firstEntry(), directory.subtreeEndEntry())) {
        put(
            rows,
            SortedRow.encode(directory.path().directoryKey(), SortedRow.KEEPS_DIRECTORY),
            value,
            sink);
        put(
            rows,
            SortedRow.encode(directory.path().fileKey(), SortedRow.KEEPS_DIRECTORY),
            value,
            sink);
      }
      value
          .putLong(container)
          .putLong(directory.firstEntry())
          .putLong(directory.subtreeEndEntry())
          .putLong((long) entries + i)
          .putLong((long) entries + directory.subtreeEndIndex());
      put(
          rows,
          SortedRow.encode(directory.path().fileKey(), SortedRow.HELD_AS_DIRECTORY),
          value,
          sink);
    }
    if (rows.size() > 1) {
      sink.put(rows.toBytes());
    }
  }

  /** Puts a row, and hands the block on when it is full. */
  static void put(RowOutput rows, byte[] sortedRow, RowOutput value, BlockPump.Sink sink)
      throws InterruptedException {
    rows.putBytes(sortedRow).putBytes(value.toBytes());
    value.reset();
    if (rows.size() >= RowBlock.TARGET_SIZE) {
      sink.put(rows.toBytes());
      rows.reset();
      rows.putByte(RowBlock.ROWS);
    }
  }
}
