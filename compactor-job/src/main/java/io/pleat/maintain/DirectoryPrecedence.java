package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/**
 * Of two containers that record one directory, the later one speaks. A rewritten container is later than all others, so a row that
 * is not the newest of its directory must not go into it.
 */
final class DirectoryPrecedence {
  private final Store dataset;
  private final DeadRowsOf dead;

  /** @param dead the dead rows of any container of the snapshot */
  DirectoryPrecedence(Store dataset, DeadRowsOf dead) {
    this.dataset = dataset;
    this.dead = dead;
  }

  /** The dead rows of a container. */
  interface DeadRowsOf {
    /** @throws IOException if its deletion vector cannot be read */
    RoaringBitmap container(ContainerId id) throws IOException;
  }

  /**
   * The live directory rows of {@code containers} that another one of them, or one of {@code others}, speaks for.
   *
   * @param others need not be disjoint from {@code containers}
   */
  Map<ContainerId, RoaringBitmap> superseded(
      List<ContainerSummary> containers, List<ContainerSummary> others) throws IOException {
    Map<ContainerId, RoaringBitmap> superseded = new HashMap<>();
    Map<LogicalPath, Recorded> newest = new HashMap<>();
    for (ContainerSummary container : containers) {
      forEachRecorded(container, (path, row) -> {
        Recorded recorded = new Recorded(container, row);
        Recorded before = newest.get(path);
        if (before == null) {
          newest.put(path, recorded);
        } else if (before.container.sequence() < container.sequence()) {
          mark(before, superseded);
          newest.put(path, recorded);
        } else {
          mark(recorded, superseded);
        }
      });
    }
    if (newest.isEmpty()) {
      return superseded;
    }
    for (ContainerSummary other : others) {
      if (mayMatter(other, containers)) {
        forEachRecorded(other, (path, row) -> {
          Recorded recorded = newest.get(path);
          if (recorded != null && recorded.container.sequence() < other.sequence()) {
            mark(recorded, superseded);
          }
        });
      }
    }
    return superseded;
  }

  private static boolean mayMatter(ContainerSummary other, List<ContainerSummary> containers) {
    return other.directories() > 0
        && containers.stream().noneMatch(container -> container.id().equals(other.id()))
        && containers.stream()
            .anyMatch(container -> container.sequence() < other.sequence()
                && container.range().overlaps(other.range()));
  }

  private static void mark(Recorded row, Map<ContainerId, RoaringBitmap> superseded) {
    superseded.computeIfAbsent(row.container.id(), id -> new RoaringBitmap()).add(row.row);
  }

  private record Recorded(ContainerSummary container, int row) {}

  private interface RecordedRows {
    void visit(LogicalPath path, int row) throws IOException;
  }

  private void forEachRecorded(ContainerSummary container, RecordedRows visitor)
      throws IOException {
    if (container.directories() == 0) {
      return;
    }
    RoaringBitmap deadRows = dead.container(container.id());
    try (ByteSource source = dataset.open(container.path());
        ContainerReader reader = ContainerReader.open(source, container.id())) {
      IndexBlock index = reader.index();
      for (int i = 0; i < index.directoryCount(); i++) {
        int row = index.entryCount() + i;
        if (!deadRows.contains(row)) {
          DirectoryEntry directory = index.directory(i);
          if (directory.attributes().isPresent()) {
            visitor.visit(directory.path(), row);
          }
        }
      }
    }
  }
}
