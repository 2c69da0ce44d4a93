package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.AuditLog;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.StoreClock;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.roaringbitmap.RoaringBitmap;

/**
 * Deletes originals that a committed snapshot provably holds. In waves: prove and list, commit the marks, delete. A run that is killed leaves originals, or
 * files that were set aside, which its lists name and the next run settles.
 */
public final class Reclaimer {
  private static final int ENTRIES_A_TASK = 8192;
  private static final int TASKS_A_WAVE = 64;
  private static final int MOST_ATTEMPTS = 20;
  private static final String OPERATION = "reclaim";

  private final ReclaimRequest request;
  private final ReclaimOptions options;
  private final StoreOpener sourceOpener;
  private final StoreOpener datasetOpener;
  private final TaskEngine engine;
  private final CatalogWriter catalog;
  private final AuditLog audit;
  private final ProgressListener listener;
  private final UUID runId = UUID.randomUUID();
  private final Instant started = Instant.now();
  private final long startNanos = System.nanoTime();
  private final ReclaimTally total = new ReclaimTally();
  private Store dataset;
  private DatasetLog log;
  private int commits;

  private Reclaimer(
      ReclaimRequest request,
      StoreOpener sourceOpener,
      StoreOpener datasetOpener,
      TaskEngine engine,
      CatalogWriter catalog,
      AuditLog audit,
      ProgressListener listener) {
    this.request = request;
    this.options = request.options();
    this.sourceOpener = sourceOpener;
    this.datasetOpener = datasetOpener;
    this.engine = engine;
    this.catalog = catalog;
    this.audit = audit;
    this.listener = listener;
  }

  /**
   * Reclaims.
   *
   * @throws IllegalArgumentException if the source is not the dataset's
   * @throws NoSuchFileException if there is no dataset
   * @throws ReclaimRunningException if another run reclaims the same dataset
   */
  public static ReclaimReport reclaim(
      ReclaimRequest request,
      TaskEngine engine,
      CatalogWriter catalog,
      AuditLog audit,
      ProgressListener listener)
      throws IOException {
    return reclaim(
        request,
        StoreOpener.at(request.source(), request.configuration()),
        StoreOpener.at(request.dataset(), request.configuration()),
        engine,
        catalog,
        audit,
        listener);
  }

  static ReclaimReport reclaim(
      ReclaimRequest request,
      StoreOpener source,
      StoreOpener dataset,
      TaskEngine engine,
      CatalogWriter catalog,
      AuditLog audit,
      ProgressListener listener)
      throws IOException {
    return new Reclaimer(request, source, dataset, engine, catalog, audit, listener).run();
  }

  private ReclaimReport run() throws IOException {
    try (Store source = sourceOpener.open();
        Store to = datasetOpener.open()) {
      dataset = to;
      log = DatasetLog.open(to);
      Snapshot head = head();
      checkArgument(
          head.sourceRoot().equals(source.location()),
          "DATASET %s was folded from %s, not from %s; name that source",
          to.location(),
          head.sourceRoot(),
          source.location());
      List<String> snapshotted = source.snapshottedDirectories();
      if (options.dryRun()) {
        waves();
        return report(snapshotted);
      }
      log.probe();
      if (source.traits().flat()) {
        ConditionalDeletes.require(source);
      }
      try (ReclaimTurn turn =
          ReclaimTurn.take(to, head.version(), runId, options.turn(), listener)) {
        settle(PendingList.all(to));
        waves();
        ReclaimReport report = report(snapshotted);
        record(report);
        return report;
      }
    }
  }

  private Snapshot head() throws IOException {
    return log.current()
        .orElseThrow(() -> new NoSuchFileException(
            dataset.location(),
            null,
            "no dataset is here: there is no snapshot under _pleat/snapshots"));
  }

  private void waves() throws IOException {
    Snapshot head = head();
    List<ProveInput> inputs = new ArrayList<>();
    long files = 0;
    Instant now = options.grace().isZero() ? Instant.MAX : storeTime();
    Map<Long, Instant> written = new HashMap<>();
    for (ContainerSummary container : log.containers(head)) {
      if (!options.grace().isZero()) {
        Instant at = written.get(container.sequence());
        if (at == null) {
          at = log.writtenAt(container.sequence());
          written.put(container.sequence(), at);
        }
        if (at.plus(options.grace()).isAfter(now)) {
          total.count("young", container.entries(), 0);
          continue;
        }
      }
      for (int from = 0; from < container.entries(); from += ENTRIES_A_TASK) {
        int to = Math.min(from + ENTRIES_A_TASK, container.entries());
        inputs.add(new ProveInput(head.version(), container, from, to));
      }
      files += container.entries();
    }
    listener.phase("prove", files, 0);
    int wave = Math.max(TASKS_A_WAVE, inputs.size() / TASKS_A_WAVE);
    for (int from = 0; from < inputs.size() && total.failures().isEmpty(); from += wave) {
      wave(inputs.subList(from, Math.min(from + wave, inputs.size())));
    }
  }

  /** Now by the clock that says how old a snapshot is. */
  private Instant storeTime() throws IOException {
    try {
      return StoreClock.now(dataset);
    } catch (IOException e) {
      if (!options.dryRun()) {
        throw e;
      }
      listener.message(
          "the grace period is reckoned by this machine's clock, as the store's cannot be asked: "
              + Reason.of(e));
      return Instant.now();
    }
  }

  private void wave(List<ProveInput> inputs) throws IOException {
    List<String> lists = new ArrayList<>();
    Map<ContainerId, RoaringBitmap> proven = new HashMap<>();
    engine.run(
        "prove",
        new ArrayList<>(inputs),
        new ProveTask(sourceOpener, datasetOpener, options.dryRun()),
        found -> {
          total.add(found.tally());
          if (!found.tally().rows().isEmpty()) {
            lists.add(found.list());
            proven
                .computeIfAbsent(found.container(), id -> new RoaringBitmap())
                .or(found.tally().rows());
          }
        });
    if (options.dryRun() || lists.isEmpty()) {
      return;
    }
    if (!total.failures().isEmpty()) {
      // Nothing of this wave was marked: its lists mean nothing.
      for (String list : lists) {
        dataset.delete(PendingList.pathOf(list));
      }
      return;
    }
    mark(proven);
    settle(lists);
  }

  /** Marks those rows that are still live where they were; others moved or died meanwhile. */
  private void mark(Map<ContainerId, RoaringBitmap> proven) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Snapshot head = head();
      Map<ContainerId, ReclaimedRows> marks = new HashMap<>();
      for (ContainerSummary container : log.containers(head)) {
        RoaringBitmap rows = proven.get(container.id());
        if (rows != null) {
          RoaringBitmap live = rows.clone();
          live.andNot(log.deletionVector(head, container.id()).toBitmap());
          if (!live.isEmpty()) {
            marks.put(container.id(), ReclaimedRows.copyOf(live));
          }
        }
      }
      SnapshotChange change =
          SnapshotChange.by(OPERATION, runId, head.sourceRoot()).withNewlyReclaimed(marks);
      if (change.isEmpty() || tryCommit(head, change, attempt)) {
        return;
      }
    }
  }

  private boolean tryCommit(Snapshot head, SnapshotChange change, int attempt) throws IOException {
    try {
      log.commit(Optional.of(head), change, catalog);
      commits++;
      return true;
    } catch (CommitConflictException e) {
      if (attempt == MOST_ATTEMPTS) {
        throw e;
      }
      return false;
    }
  }

  /** Deletes what the lists name and the newest snapshot marks, and takes the mark from what stands after all. */
  private void settle(List<String> lists) throws IOException {
    long version = head().version();
    List<DeleteInput> inputs =
        lists.stream().map(list -> new DeleteInput(version, list)).toList();
    List<Deleted> done = new ArrayList<>();
    engine.run(
        "delete",
        inputs,
        new DeleteOriginalsTask(sourceOpener, datasetOpener, audit, runId, options),
        deleted -> {
          total.add(deleted.tally());
          done.add(deleted);
        });
    unmark(done.stream().filter(list -> !list.tally().rows().isEmpty()).toList());
    for (Deleted each : done) {
      if (each.tally().failures().isEmpty() && each.tally().kept().isEmpty()) {
        dataset.delete(PendingList.pathOf(each.list()));
      }
    }
  }

  private void unmark(List<Deleted> standing) throws IOException {
    for (int attempt = 1; !standing.isEmpty(); attempt++) {
      Snapshot head = head();
      Map<ContainerId, RoaringBitmap> rows = new HashMap<>();
      try (FoldedDataset held =
          FoldedDataset.open(dataset, head, Map.of(), ReaderOptions.defaults())) {
        for (Deleted each : standing) {
          addRows(each, held, rows);
        }
      }
      Map<ContainerId, ReclaimedRows> marks = new HashMap<>();
      for (Map.Entry<ContainerId, RoaringBitmap> each : rows.entrySet()) {
        each.getValue().and(log.reclaimedRows(head, each.getKey()).toBitmap());
        if (!each.getValue().isEmpty()) {
          marks.put(each.getKey(), ReclaimedRows.copyOf(each.getValue()));
        }
      }
      SnapshotChange change =
          SnapshotChange.by(OPERATION, runId, head.sourceRoot()).withNoLongerReclaimed(marks);
      if (change.isEmpty() || tryCommit(head, change, attempt)) {
        return;
      }
    }
  }

  /** Where the entries are by now whose originals stand, of one list. */
  private void addRows(Deleted list, FoldedDataset held, Map<ContainerId, RoaringBitmap> rows)
      throws IOException {
    try (PendingListReader reader = PendingListReader.open(dataset, list.list())) {
      int i = 0;
      for (Optional<ReclaimRow> row = reader.next(); row.isPresent(); row = reader.next()) {
        Optional<Location> found =
            list.tally().rows().contains(i++) ? held.locate(row.get().path()) : Optional.empty();
        if (found.isPresent() && row.get().isOf(found.get().entry())) {
          Entry entry = found.get().entry();
          rows.computeIfAbsent(entry.extent().container(), id -> new RoaringBitmap())
              .add(entry.ordinal());
        }
      }
    }
  }

  private ReclaimReport report(List<String> snapshotted) throws IOException {
    Map<String, Long> files = new LinkedHashMap<>();
    Map<String, Long> bytes = new LinkedHashMap<>();
    total.counts().forEach((outcome, count) -> {
      files.put(outcome, count[0]);
      bytes.put(outcome, count[1]);
    });
    return new ReclaimReport(
        options.dryRun(),
        head().version(),
        commits,
        files,
        bytes,
        List.copyOf(total.failures()),
        List.copyOf(total.kept()),
        snapshotted,
        (System.nanoTime() - startNanos) / 1e9);
  }

  private void record(ReclaimReport report) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("verb", OPERATION);
    facts.put("dataset", dataset.location());
    facts.put("source", request.source());
    facts.put("started", started.toString());
    facts.put("finished", Instant.now().toString());
    facts.put("outcome", report.failures().isEmpty() ? "done" : "stopped");
    facts.put("report", report.toMap());
    new RunRecord(runId, facts, List.of()).writeAfterwards(dataset);
  }
}
