package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/** A snapshot with its containers, numbered in order of their first keys, and what is dead in them, which is read when it is asked for. */
record PinnedSnapshot(
    Snapshot snapshot,
    List<ContainerSummary> containers,
    DeletionVectors deletionVectors,
    ContainerRanges ranges) {
  private static final int MOST_TRIES = 10;

  /**
   * Pins the newest snapshot: loads it, then reads the head again, and starts over while that has moved.
   *
   * @throws NoSuchFileException if the store holds no dataset
   */
  static PinnedSnapshot newest(Store store) throws IOException {
    DatasetLog log = DatasetLog.open(store);
    Snapshot head = log.current()
        .orElseThrow(() -> new NoSuchFileException(
            store.location(),
            null,
            "no dataset is here: there is no snapshot under _pleat/snapshots"));
    for (int tries = 1; ; tries++) {
      PinnedSnapshot pinned = null;
      IOException failure = null;
      try {
        pinned = of(log, head);
      } catch (IOException e) {
        failure = e;
      }
      Optional<Snapshot> now = log.current();
      boolean moved = now.isPresent() && now.get().version() != head.version();
      if (pinned != null && (!moved || tries == MOST_TRIES)) {
        return pinned;
      }
      if (!moved || tries == MOST_TRIES) {
        throw failure;
      }
      head = now.get();
    }
  }

  /** Loads what {@code snapshot} refers to. */
  static PinnedSnapshot of(DatasetLog log, Snapshot snapshot) throws IOException {
    List<ContainerSummary> containers = List.copyOf(log.containers(snapshot));
    return new PinnedSnapshot(
        snapshot,
        containers,
        new DeletionVectors(log, snapshot, containers),
        new ContainerRanges(containers));
  }
}
