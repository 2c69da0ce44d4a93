package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.roaringbitmap.RoaringBitmap;

/**
 * Makes what an earlier snapshot held the newest state, by a new snapshot. Entries that were reclaimed since stay marked; those that the earlier
 * snapshot does not hold as they are now would become unreachable, which is refused unless their exact number is given.
 */
public final class Rollback {
  private static final int MAX_ATTEMPTS = 50;

  private final RollbackRequest request;
  private final CatalogWriter catalog;
  private final UUID runId = UUID.randomUUID();
  private final Instant started = Instant.now();

  /** @param catalog writes the catalogue's part of the commit */
  public Rollback(RollbackRequest request, CatalogWriter catalog) {
    this.request = request;
    this.catalog = catalog;
  }

  /**
   * Rolls back.
   *
   * @throws IllegalArgumentException if the version is the newest, or later
   * @throws OnlyCopyException if only copies would become unreachable, in another number than was said
   * @throws io.pleat.dataset.SnapshotExpiredException if the version has expired
   * @throws io.pleat.dataset.CondemnedException if it is about to
   */
  public RollbackReport run() throws IOException {
    try (Store dataset = Stores.open(request.dataset(), request.configuration())) {
      return run(dataset);
    }
  }

  RollbackReport run(Store dataset) throws IOException {
    DatasetLog log = DatasetLog.open(dataset);
    IOException lost = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Snapshot head =
          log.current().orElseThrow(() -> new IOException("no dataset at " + dataset.location()));
      checkArgument(
          request.version() > 0 && request.version() < head.version(),
          "cannot roll back to version %s: the newest is %s",
          request.version(),
          head.version());
      Snapshot target = log.snapshot(request.version());
      OnlyCopies copies = new OnlyCopies(dataset, log, head, target);
      try {
        copies.collect();
      } catch (IOException e) {
        if (!log.isStale(head, e) && !log.isStale(target, e)) {
          throw e;
        }
        lost = e; // if it is the target that expired, the next look says so
        continue;
      }
      copies.require(request.onlyCopies());
      if (request.dryRun()) {
        return report(head.version(), target, copies);
      }
      if (attempt == 0) {
        log.probe();
      }
      try {
        Snapshot next = log.commit(
            Optional.of(head),
            SnapshotChange.by("rollback", runId, head.sourceRoot())
                .withRestored(target)
                .withNewlyReclaimed(copies.marks()),
            catalog);
        RollbackReport report = report(next.version(), target, copies);
        record(dataset, report);
        return report;
      } catch (CommitConflictException e) {
        lost = e; // what was reclaimed meanwhile is looked at anew
      }
    }
    throw lost;
  }

  private RollbackReport report(long version, Snapshot target, OnlyCopies copies) {
    return new RollbackReport(
        runId,
        request.dryRun(),
        version,
        target.version(),
        target.statistics().files(),
        copies.unreachable);
  }

  private void record(Store dataset, RollbackReport report) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("verb", "rollback");
    facts.put("dataset", dataset.location());
    facts.put("started", started.toString());
    facts.put("finished", Instant.now().toString());
    facts.put("outcome", "committed");
    facts.put("version", report.version());
    facts.put("restored", report.restored());
    facts.put("files", report.files());
    facts.put("unreachableOnlyCopies", report.unreachable());
    new RunRecord(runId, facts, List.of()).writeAfterwards(dataset);
  }

  /** What becomes of the entries that are the only copy now. */
  private final class OnlyCopies {
    private final Store dataset;
    private final DatasetLog log;
    private final Snapshot head;
    private final Snapshot target;
    private final Map<ContainerId, RoaringBitmap> marks = new HashMap<>();
    private long unreachable;
    private LogicalPath firstUnreachable;

    OnlyCopies(Store dataset, DatasetLog log, Snapshot head, Snapshot target) {
      this.dataset = dataset;
      this.log = log;
      this.head = head;
      this.target = target;
    }

    void collect() throws IOException {
      if (head.reclaimed().isEmpty()) {
        return;
      }
      Map<ContainerId, ContainerSummary> held = new HashMap<>();
      log.containers(target).forEach(container -> held.put(container.id(), container));
      try (FoldedDataset before =
          FoldedDataset.open(dataset, target, request.configuration(), ReaderOptions.defaults())) {
        for (Snapshot.ReclaimedReference reference : head.reclaimed()) {
          ContainerId id = reference.container();
          RoaringBitmap rows = log.reclaimedRows(head, id).toBitmap();
          if (held.containsKey(id)) {
            DeletionVector dead = log.deletionVector(target, id);
            RoaringBitmap live = RoaringBitmap.andNot(rows, dead.toBitmap());
            marks.computeIfAbsent(id, container -> new RoaringBitmap()).or(live);
            rows.andNot(live);
          }
          if (!rows.isEmpty()) {
            findElsewhere(id, rows, before);
          }
        }
      }
    }

    /** Rows of a container that the target does not hold, or holds as dead: the same file may be live in another of its containers. */
    private void findElsewhere(ContainerId container, RoaringBitmap rows, FoldedDataset before)
        throws IOException {
      try (ByteSource file = dataset.open(ContainerSummary.pathOf(container));
          ContainerReader reader = ContainerReader.open(file, container)) {
        for (int row : rows) {
          Entry now = reader.index().entry(row);
          Optional<Entry> then = before.locate(now.path()).map(Location::entry);
          boolean same = then.isPresent()
              && then.get().kind() == now.kind()
              && then.get().length() == now.length()
              && then.get().crc32c() == now.crc32c();
          if (same) {
            marks
                .computeIfAbsent(then.get().extent().container(), id -> new RoaringBitmap())
                .add(then.get().ordinal());
          } else {
            unreachable++;
            firstUnreachable = firstUnreachable == null ? now.path() : firstUnreachable;
          }
        }
      }
    }

    void require(long allowed) throws OnlyCopyException {
      if (unreachable != allowed) {
        throw new OnlyCopyException(
            unreachable == 0
                ? "snapshot %d has all only copies, not all but %d; nothing was changed"
                    .formatted(target.version(), allowed)
                : "%d files whose original was reclaimed are not in snapshot %d as they are now, first %s: their only copies would become unreachable; nothing was changed; if that is right, pass --only-copies %1$d"
                    .formatted(unreachable, target.version(), firstUnreachable));
      }
    }

    Map<ContainerId, ReclaimedRows> marks() {
      Map<ContainerId, ReclaimedRows> all = new HashMap<>();
      marks.forEach((container, rows) -> all.put(container, ReclaimedRows.copyOf(rows)));
      return all;
    }
  }
}
