package io.pleat.fold;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DatasetStorage;
import io.pleat.dataset.LocationState;
import io.pleat.dataset.LooseList;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.OutOfSpace;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One fold from request to report: inventory, plan, write, check, commit. Looks before it writes: what cannot work is refused with one
 * line before the first byte, and then nothing is left where the dataset was to be new. A fold that fails later leaves the dataset as it
 * was, and nothing of its own but what it cannot tell from committed.
 */
public final class FoldAction {
  private static final LogicalPath RUNS = LogicalPath.of("_pleat/runs");

  /* What a record costs beside its payload, for the estimate of space: header and path in the record, entry in the index block and in
   * the catalogue. */
  private static final long OVERHEAD_PER_FILE = 400;

  /** More than this part of the files, one by so many, does not vanish unnoticed. */
  private static final long MAX_VANISHED_PART = 10;

  private final FoldRequest request;
  private final FoldEngine engine;
  private final CatalogWriter catalog;
  private final FoldSteps.EntryCatalogFactory entryCatalog;
  private final ProgressListener progress;
  private final UUID runId = UUID.randomUUID();
  private final RunContainers runContainers = RunContainers.random();
  private final Instant started = Instant.now();
  private final PhaseTimes phases = new PhaseTimes();

  private Footprint footprint;

  /** Whether this run may have written more than probes. */
  private volatile boolean writing;

  /** Null before the commit. */
  private volatile FoldCommitter committer;

  public FoldAction(
      FoldRequest request,
      FoldEngine engine,
      CatalogWriter catalog,
      FoldSteps.EntryCatalogFactory entryCatalog,
      ProgressListener progress) {
    this.request = request;
    this.engine = engine;
    this.catalog = catalog;
    this.entryCatalog = entryCatalog;
    this.progress = progress;
  }

  /**
   * Folds.
   *
   * @throws IllegalArgumentException if source, dataset or options cannot be used; one line that names thing and remedy
   * @throws FoldRefusedException if the fold would do what was not asked for by name
   */
  public FoldReport run() throws IOException {
    try (Store source = Stores.open(request.source(), request.configuration());
        Store dataset = Stores.open(request.dataset(), request.configuration())) {
      checkLocations(source, dataset);
      DatasetLog log = DatasetLog.open(dataset);
      if (request.options().dryRun()) {
        return fold(source, dataset, log, findBase(source, dataset, log));
      }
      try (BaseSnapshot base =
          BaseSnapshot.pin(dataset, () -> findBase(source, dataset, log), "fold " + runId)) {
        footprint = Footprint.before(dataset, base.snapshot().isPresent());
        AbandonedRun abandoned = new AbandonedRun(dataset, base);
        Runtime.getRuntime().addShutdownHook(abandoned);
        try {
          return foldOrRecordFailure(source, dataset, log, base.snapshot(), abandoned);
        } finally {
          abandoned.disarm();
        }
      }
    }
  }

  /** Whether a commit is under way, or its outcome is not known: then nothing of this run may be deleted. */
  private boolean mayBeCommitted() {
    return committer != null && committer.mayBeCommitted();
  }

  private FoldReport foldOrRecordFailure(
      Store source, Store dataset, DatasetLog log, Optional<Snapshot> base, AbandonedRun abandoned)
      throws IOException {
    try {
      return fold(source, dataset, log, base);
    } catch (IOException | RuntimeException | Error e) {
      abandoned.disarm();
      try {
        if (!mayBeCommitted()) {
          runContainers.deleteAllBut(dataset, Set.of());
        }
        if (!writing && footprint.isFirst()) {
          footprint.remove(dataset);
        } else {
          recordFailure(source, dataset, e);
        }
      } catch (IOException | RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      if (e instanceof IOException && OutOfSpace.is(e) && !mayBeCommitted()) {
        throw outOfSpace(dataset, e);
      }
      if (!mayBeCommitted() && base.isPresent() && hasExpired(log, base.get(), e)) {
        CondemnedException expired =
            CondemnedException.base(base.get().version(), dataset.location());
        expired.initCause(e);
        throw expired;
      }
      throw e;
    }
  }

  /** Whether it failed because the process slept for so long that its lease ended. */
  private static boolean hasExpired(DatasetLog log, Snapshot base, Throwable failure) {
    try {
      for (Throwable e = failure; e != null; e = e.getCause()) {
        if (e instanceof IOException cause && log.isStale(base, cause)) {
          return true;
        }
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return false;
  }

  /** Says whose space it was: the dataset's, or the one where the engine keeps rows between its steps. */
  private static IOException outOfSpace(Store dataset, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    boolean atDataset = message.contains(dataset.location());
    return new IOException(
        atDataset
            ? "no space left at %s (%s): nothing was committed; free some or choose another place"
                .formatted(dataset.location(), message)
            : "no space left, and not at DATASET (%s): nothing was committed; if it is Spark's scratch space, pass --conf spark.local.dir=..."
                .formatted(message),
        failure);
  }

  private FoldReport fold(Store source, Store dataset, DatasetLog log, Optional<Snapshot> base)
      throws IOException {
    try (ProgressPulse pulse = ProgressPulse.start(engine, progress)) {
      return fold(source, dataset, log, base, pulse);
    }
  }

  private FoldReport fold(
      Store source, Store dataset, DatasetLog log, Optional<Snapshot> base, ProgressPulse pulse)
      throws IOException {
    FoldOptions options = request.options();
    AccessRule access = prepareDataset(source, dataset, log, base);
    boolean flat = source.traits().flat();
    ListingRules rules = new ListingRules(options, access, flat || base.isPresent(), flat);
    FoldSteps steps = new FoldSteps(
        request,
        rules,
        runId,
        runContainers,
        base.map(Snapshot::version).orElse(0L),
        engine.concurrentTasks(),
        entryCatalog);

    phases.start("list");
    pulse.phase("list", 0, 0);
    ListingTotals totals = engine.inventory(steps);
    refuseWiderAccess(dataset, totals);
    refuseLoose(totals.loose);
    checkSpace(dataset, totals, base);

    phases.start("plan");
    pulse.phase("plan", 0, 0);
    List<HeldContainer> held = heldContainers(log, base);
    OptionalLong baseVersion =
        base.isPresent() ? OptionalLong.of(base.get().version()) : OptionalLong.empty();
    List<FoldGroup> groups =
        FoldPlanner.group(FoldPlanner.unpackSlices(engine.plan(steps, baseVersion, held)), options);
    long plannedFiles = groups.stream().mapToLong(FoldGroup::files).sum();
    long plannedBytes = groups.stream().mapToLong(FoldGroup::bytes).sum();
    refuseDoubtfulMirror(source, base, totals, groups);
    if (options.dryRun()) {
      phases.stop();
      return dryReport(base, totals, groups);
    }

    phases.start("write");
    pulse.phase("write", plannedFiles, plannedBytes);
    writing = true;
    List<StagedGroup> staged = groups.isEmpty() ? List.of() : engine.write(steps, groups);
    ListingTotals.LooseTally loose = new ListingTotals.LooseTally();
    loose.add(totals.loose);
    List<LooseList> looseLists = new ArrayList<>();
    for (StagedGroup group : staged) {
      loose.add(group.loose());
      looseLists.addAll(group.looseLists());
    }
    if (totals.notFolded() > 0) {
      looseLists.addAll(engine.writeLoose(steps));
    }
    refuseLoose(loose);

    phases.start("commit");
    pulse.phase("commit", 0, 0);
    Optional<Snapshot> committed =
        commit(source, dataset, log, base, held, staged, totals, loose.total());
    phases.stop();
    FoldReport report = report(log, committed, totals, staged, loose);
    recordOutcome(source, dataset, report, looseLists);
    return report;
  }

  private Optional<Snapshot> commit(
      Store source,
      Store dataset,
      DatasetLog log,
      Optional<Snapshot> base,
      List<HeldContainer> held,
      List<StagedGroup> staged,
      ListingTotals totals,
      long looseFiles)
      throws IOException {
    committer = new FoldCommitter(dataset, log, catalog, runId, source.location());
    FoldCommitter.Outcome outcome = committer.commit(base, held, staged, totals, looseFiles);
    deleteAbandoned(dataset, outcome.added());
    return outcome.snapshot();
  }

  private static List<HeldContainer> heldContainers(DatasetLog log, Optional<Snapshot> base)
      throws IOException {
    List<HeldContainer> held = new ArrayList<>();
    if (base.isPresent()) {
      for (ContainerSummary container : log.containers(base.get())) {
        held.add(new HeldContainer(held.size(), container, false));
      }
      for (ContainerSummary tombstones : log.tombstones(base.get())) {
        held.add(new HeldContainer(held.size(), tombstones, true));
      }
    }
    return held;
  }

  /** What looks as if it had vanished may only be out of sight: then nothing is marked dead unasked. */
  private void refuseDoubtfulMirror(
      Store source, Optional<Snapshot> base, ListingTotals totals, List<FoldGroup> groups)
      throws FoldRefusedException {
    long vanished = groups.stream().mapToLong(FoldGroup::vanished).sum();
    if (request.options().mirror() != MirrorDeletes.CAREFUL || vanished == 0) {
      return;
    }
    String doubt = null;
    if (totals.files == 0) {
      doubt = "SOURCE %s is empty".formatted(source.location());
    } else if (totals.loose.total() > 0) {
      FoldReport.LooseFile first = totals.loose.sample().get(0);
      doubt = "SOURCE could not be listed as a whole, first: %s (%s)"
          .formatted(first.path(), first.reason());
    } else if (vanished > base.orElseThrow().statistics().files() / MAX_VANISHED_PART) {
      doubt = "%s of %d, more than a tenth, are not at SOURCE any more"
          .formatted(files(vanished), base.get().statistics().files());
    }
    if (doubt != null) {
      throw new FoldRefusedException(
          "%s: --mirror-deletes marks nothing dead, and nothing was committed; if that is right, pass --mirror-deletes-anyway"
              .formatted(doubt));
    }
  }

  static void checkLocations(Store source, Store dataset) throws IOException {
    String from = source.location();
    String to = dataset.location();
    checkArgument(!from.equals(to), "SOURCE and DATASET are the same: %s", from);
    checkArgument(
        !to.startsWith(withSlash(from)),
        "DATASET lies inside SOURCE, where the fold would fold itself: %s is below %s; choose a place outside",
        to,
        from);
    checkArgument(
        !from.startsWith(withSlash(to)),
        "SOURCE lies inside DATASET: %s is below %s; choose a place outside",
        from,
        to);
    Optional<FileInfo> root = source.stat(LogicalPath.ROOT);
    checkArgument(
        root.isPresent() || source.traits().flat(),
        "SOURCE does not exist: %s; check the path",
        from);
    checkArgument(
        root.isEmpty() || root.get().kind() == FileInfo.Kind.DIRECTORY,
        "SOURCE is not a directory: %s; name the directory that holds the files",
        from);
  }

  private static String withSlash(String location) {
    return location.endsWith("/") ? location : location + "/";
  }

  static Optional<Snapshot> findBase(Store source, Store dataset, DatasetLog log)
      throws IOException {
    LocationState state = DatasetLog.inspect(dataset);
    checkArgument(
        state != LocationState.OTHER,
        "DATASET holds something that is no Pleat dataset: %s; choose a new or empty directory",
        dataset.location());
    Optional<Snapshot> base = log.current();
    if (base.isPresent()) {
      checkArgument(
          base.get().sourceRoot().equals(source.location()),
          "DATASET %s was folded from %s, not from %s; use that source or another dataset",
          dataset.location(),
          base.get().sourceRoot(),
          source.location());
    }
    return base;
  }

  /** Creates the dataset's root where it is new, proves that commits are safe there, and finds out who can read its containers. */
  private AccessRule prepareDataset(
      Store source, Store dataset, DatasetLog log, Optional<Snapshot> base) throws IOException {
    Optional<FileInfo> root = source.stat(LogicalPath.ROOT);
    if (request.options().dryRun()) {
      return AccessRule.NONE;
    }
    if (base.isEmpty() && dataset.stat(LogicalPath.ROOT).isEmpty()) {
      dataset.createDirectory(LogicalPath.ROOT);
      if (root.isPresent() && root.get().attributes().hasMode()) {
        restrictTo(dataset, root.get().attributes().mode());
      }
    }
    log.probe();
    if (request.options().allowWiderAccess()
        || root.isEmpty()
        || !root.get().attributes().hasMode()) {
      return AccessRule.NONE;
    }
    refuseLeavingEncryptionZone(source, dataset);
    LogicalPath probe = LogicalPath.of("_pleat/access-" + UUID.randomUUID());
    try (ByteSink sink = dataset.create(probe)) {
      sink.finish();
      Optional<FileInfo> container = dataset.stat(probe);
      Optional<FileInfo> directory = dataset.stat(LogicalPath.ROOT);
      return container.isPresent() && directory.isPresent()
          ? AccessRule.of(container.get().attributes(), directory.get().attributes())
          : AccessRule.NONE;
    } finally {
      dataset.delete(probe);
    }
  }

  /** Lets nobody into a new dataset whom the source keeps out. */
  private static void restrictTo(Store dataset, int sourceMode) throws IOException {
    Optional<FileInfo> root = dataset.stat(LogicalPath.ROOT);
    if (root.isEmpty() || !root.get().attributes().hasMode()) {
      return;
    }
    Attributes now = root.get().attributes();
    int mode = now.mode() & (sourceMode | 0700);
    if (mode != now.mode()) {
      dataset.setAttributes(
          LogicalPath.ROOT,
          new Attributes(now.mtimeSeconds(), now.mtimeNanos(), mode, now.owner(), now.group(), ""));
    }
  }

  private static void refuseLeavingEncryptionZone(Store source, Store dataset) throws IOException {
    Optional<String> zone = source.encryptionZone(LogicalPath.ROOT);
    if (zone.isPresent() && !zone.equals(dataset.encryptionZone(LogicalPath.ROOT))) {
      throw new FoldRefusedException(
          "SOURCE lies in the encryption zone %s, DATASET does not: its bytes would be readable by more people;"
                  .formatted(zone.get())
              + " put the dataset into the zone or pass --allow-wider-access");
    }
  }

  private static void refuseWiderAccess(Store dataset, ListingTotals totals)
      throws FoldRefusedException {
    if (totals.widened > 0) {
      throw new FoldRefusedException(
          "%1$s would become readable by more people than now, first %2$s; make DATASET stricter (mkdir -p %3$s; chmod 700 %3$s) or pass --allow-wider-access"
              .formatted(files(totals.widened), totals.widenedSample.get(0), dataset.location()));
    }
  }

  private static String files(long count) {
    return count == 1 ? "1 file" : count + " files";
  }

  private void refuseLoose(ListingTotals.LooseTally loose) throws FoldRefusedException {
    if (request.options().strict() && loose.total() > 0) {
      FoldReport.LooseFile first = loose.sample().get(0);
      throw new FoldRefusedException(
          "%s cannot be folded and --strict is set, first: %s (%s); nothing was committed"
              .formatted(files(loose.total()), first.path(), first.reason()));
    }
  }

  private void checkSpace(Store dataset, ListingTotals totals, Optional<Snapshot> base)
      throws IOException {
    OptionalLong usable = dataset.usableSpace();
    if (usable.isEmpty() || request.options().dryRun()) {
      return;
    }
    long held = base.map(snapshot -> snapshot.statistics().payloadBytes()).orElse(0L);
    long heldFiles = base.map(snapshot -> snapshot.statistics().files()).orElse(0L);
    long payload =
        request.options().codec().compresses() ? totals.foldableBytes / 8 : totals.foldableBytes;
    long needed = Math.max(0, payload - held)
        + OVERHEAD_PER_FILE * Math.max(0, totals.foldableFiles - heldFiles);
    if (needed > usable.getAsLong()) {
      throw new IOException(
          "too little space at %s: the fold needs about %d bytes, %d are free; free some or choose another place"
              .formatted(dataset.location(), needed, usable.getAsLong()));
    }
  }

  /** Deletes containers of attempts that failed or were beaten; they are known to be in no snapshot, so failing to is no failure. */
  private void deleteAbandoned(Store dataset, Set<ContainerId> kept) {
    try {
      runContainers.deleteAllBut(dataset, kept);
    } catch (IOException | RuntimeException e) {
      progress.message("left containers that no snapshot refers to behind: " + e.getMessage());
    }
  }

  private FoldReport dryReport(
      Optional<Snapshot> base, ListingTotals totals, List<FoldGroup> groups) {
    long newFiles = groups.stream().mapToLong(FoldGroup::files).sum();
    long newBytes = groups.stream().mapToLong(FoldGroup::bytes).sum();
    long containers = base.isPresent()
        ? base.get().manifests().stream().mapToLong(m -> m.containers()).sum()
        : 0;
    long allContainers = containers + groups.size();
    return new FoldReport(
        runId,
        true,
        OptionalLong.empty(),
        base.map(Snapshot::version).orElse(0L),
        newFiles,
        newBytes,
        groups.size(),
        totals.foldableFiles + totals.passThroughFiles,
        totals.foldableFiles,
        totals.passThroughFiles,
        totals.loose.total(),
        totals.loose.byReason(),
        new TreeMap<>(totals.notKept),
        totals.loose.sample(),
        Math.toIntExact(allContainers),
        totals.foldableBytes,
        totals.foldableBytes,
        0,
        0,
        totals.files,
        2 * allContainers + 4 + totals.passThroughFiles + totals.loose.total(),
        phases.total(),
        phases.seconds(),
        0);
  }

  private FoldReport report(
      DatasetLog log,
      Optional<Snapshot> committed,
      ListingTotals totals,
      List<StagedGroup> staged,
      ListingTotals.LooseTally loose)
      throws IOException {
    Optional<Snapshot> current = committed.isPresent() ? committed : log.current();
    SnapshotStatistics now = current
        .map(Snapshot::statistics)
        .orElse(new SnapshotStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    DatasetStorage storage =
        current.isPresent() ? log.storageOf(current.get()) : new DatasetStorage(0, 0, 0, 0);
    long containers = current.isPresent()
        ? current.get().manifests().stream().mapToLong(m -> m.containers()).sum()
        : 0;
    // The record of this run is still to be written.
    long datasetFiles = storage.files() + 1;
    return new FoldReport(
        runId,
        false,
        committed.isPresent() ? OptionalLong.of(committed.get().version()) : OptionalLong.empty(),
        current.map(Snapshot::version).orElse(0L),
        staged.stream().mapToLong(StagedGroup::newFiles).sum(),
        staged.stream().mapToLong(StagedGroup::newBytes).sum(),
        (int) staged.stream().filter(group -> !group.containers().isEmpty()).count(),
        now.files(),
        now.foldedFiles(),
        now.passThroughFiles(),
        loose.total(),
        loose.byReason(),
        new TreeMap<>(totals.notKept),
        loose.sample(),
        Math.toIntExact(containers),
        now.payloadBytes(),
        now.storedBytes(),
        now.indexBytes(),
        storage.bytes() - now.storedBytes() - now.indexBytes(),
        totals.files,
        datasetFiles + now.passThroughFiles() + loose.total(),
        phases.total(),
        phases.seconds(),
        staged.stream().mapToLong(StagedGroup::peakBufferedBytes).max().orElse(0));
  }

  private void recordOutcome(
      Store source, Store dataset, FoldReport report, List<LooseList> looseLists) {
    Map<String, Object> facts = describe(source, dataset);
    facts.put("outcome", report.committed().isPresent() ? "committed" : "nothing to do");
    facts.put("report", report.toMap());
    new RunRecord(runId, facts, looseLists).writeAfterwards(dataset);
  }

  private void recordFailure(Store source, Store dataset, Throwable failure) throws IOException {
    if (dataset.stat(RUNS.parent()).isEmpty()) {
      return;
    }
    Map<String, Object> facts = describe(source, dataset);
    facts.put("outcome", mayBeCommitted() ? "unknown" : "failed");
    facts.put("error", String.valueOf(failure.getMessage()));
    new RunRecord(runId, facts, List.of()).write(dataset);
  }

  private Map<String, Object> describe(Store source, Store dataset) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("verb", "fold");
    run.put("source", source.location());
    run.put("dataset", dataset.location());
    run.put("started", started.toString());
    run.put("finished", Instant.now().toString());
    run.put("options", request.options().toMap());
    return run;
  }

  /** Removes what an interrupted run wrote; an interrupted commit is left alone, its outcome cannot be known here. */
  private final class AbandonedRun extends Thread {
    private final Store dataset;
    private final BaseSnapshot base;
    private volatile boolean armed = true;

    AbandonedRun(Store dataset, BaseSnapshot base) {
      super("pleat-abandon");
      this.dataset = dataset;
      this.base = base;
    }

    void disarm() {
      armed = false;
      try {
        Runtime.getRuntime().removeShutdownHook(this);
      } catch (IllegalStateException e) {
        // Shutting down: the hook runs already, and sees that it is disarmed.
      }
    }

    @Override
    public void run() {
      if (!armed) {
        return;
      }
      base.close();
      if (mayBeCommitted()) {
        return;
      }
      try {
        runContainers.deleteAllBut(dataset, Set.of());
        if (!writing && footprint.isFirst()) {
          footprint.remove(dataset);
        }
      } catch (IOException | RuntimeException e) {
        progress.message("left containers of the interrupted run behind: " + e.getMessage());
      }
    }
  }
}
