package io.pleat.maintain;

import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import java.util.HashMap;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** Rows that are to die, and what the live totals lose with them. Not thread-safe. */
final class RemovedRows {
  private final Map<ContainerId, RoaringBitmap> rows = new HashMap<>();
  private long folded;
  private long passThroughs;
  private long directories;
  private long payloadBytes;
  private long storedBytes;
  private long passThroughBytes;

  void add(Entry entry) {
    mark(entry.extent().container(), entry.ordinal());
    if (entry.kind() == Entry.Kind.PASS_THROUGH) {
      passThroughs++;
      passThroughBytes += entry.length();
    } else {
      folded++;
      payloadBytes += entry.length();
      storedBytes += entry.extent().length();
    }
  }

  /** @param recorded whether the directory has attributes, and so counts */
  void addDirectory(ContainerId container, int row, boolean recorded) {
    mark(container, row);
    directories += recorded ? 1 : 0;
  }

  private void mark(ContainerId container, int row) {
    rows.computeIfAbsent(container, id -> new RoaringBitmap()).add(row);
  }

  long files() {
    return folded + passThroughs;
  }

  long bytes() {
    return payloadBytes + passThroughBytes;
  }

  long directories() {
    return directories;
  }

  Map<ContainerId, DeletionVector> toDeletionVectors() {
    Map<ContainerId, DeletionVector> dead = new HashMap<>();
    rows.forEach((container, bitmap) -> dead.put(container, DeletionVector.copyOf(bitmap)));
    return dead;
  }

  SnapshotStatistics delta() {
    return new SnapshotStatistics(
        -files(),
        -folded,
        -passThroughs,
        -directories,
        -payloadBytes,
        -storedBytes,
        -passThroughBytes,
        0,
        0,
        0,
        0,
        0);
  }
}
