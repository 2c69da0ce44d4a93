package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ContainerId;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.Collectors;

/** What is dead in the containers of a snapshot: read when it is first asked for, and kept, so that opening reads nothing a container. Thread-safe. */
final class DeletionVectors {
  private final DatasetLog log;
  private final Snapshot snapshot;
  private final List<ContainerSummary> containers;
  private final AtomicReferenceArray<DeletionVector> known;

  DeletionVectors(DatasetLog log, Snapshot snapshot, List<ContainerSummary> containers) {
    this.log = log;
    this.snapshot = snapshot;
    this.containers = containers;
    this.known = new AtomicReferenceArray<>(containers.size());
    Set<ContainerId> withDead = snapshot.deletionVectors().stream()
        .map(Snapshot.DeletionVectorReference::container)
        .collect(Collectors.toSet());
    for (int i = 0; i < containers.size(); i++) {
      if (!withDead.contains(containers.get(i).id())) {
        known.set(i, DeletionVector.EMPTY);
      }
    }
  }

  /**
   * What is dead in container {@code number}. Threads that ask at the same time may each read it.
   *
   * @throws io.pleat.format.CorruptDataException if the file that says it is damaged or missing
   */
  DeletionVector get(int number) throws IOException {
    DeletionVector vector = known.get(number);
    if (vector == null) {
      vector = log.deletionVector(snapshot, containers.get(number).id());
      known.set(number, vector);
    }
    return vector;
  }
}
