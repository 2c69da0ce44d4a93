package io.pleat.maintain;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.RunContainers;
import io.pleat.format.ContainerId;
import io.pleat.maintain.ContainerRewriter.Shape;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * Rewrites containers that are mostly dead or far too small. Each group is a task whose result is committed as soon as it is there, so a run that is
 * interrupted keeps what it finished. A run goes on until nothing is left to do.
 */
public final class Compactor {
  /* Each pass leaves fewer containers or fewer dead rows; rivals may undo that, so there is an end. */
  private static final int MAX_PASSES = 20;

  private static final int CONTAINERS_A_WEIGHING = 64;

  private final CompactRequest request;
  private final StoreOpener opener;
  private final TaskEngine engine;
  private final CatalogWriter catalog;
  private final EntryCatalogFactory rows;
  private final CompactListener listener;
  private final UUID runId = UUID.randomUUID();
  private final RunContainers ids = RunContainers.random();
  private final Instant started = Instant.now();
  private final long startNanos = System.nanoTime();
  private final Set<ContainerId> excluded = new HashSet<>();
  private final Map<ContainerId, Long> lengths = new HashMap<>();
  private Store store;
  private DatasetLog log;
  private int containersBefore;
  private int commits;
  private int removed;
  private int added;
  private long bytesRemoved;
  private long bytesAdded;
  private int dropped;
  private long leftBehind;
  private int broken;
  private int failed;
  private long doneFiles;
  private long doneBytes;

  private Compactor(
      CompactRequest request,
      StoreOpener opener,
      TaskEngine engine,
      CatalogWriter catalog,
      EntryCatalogFactory rows,
      CompactListener listener) {
    this.request = request;
    this.opener = opener;
    this.engine = engine;
    this.catalog = catalog;
    this.rows = rows;
    this.listener = listener;
  }

  /**
   * Compacts the newest snapshot.
   *
   * @throws NoSuchFileException if there is no dataset
   * @throws io.pleat.format.CorruptDataException if snapshot or manifest is damaged
   * @throws IOException if there is too little space for all that would be written, or the store fails; what was committed until then stays
   */
  public static CompactReport compact(
      CompactRequest request,
      TaskEngine engine,
      CatalogWriter catalog,
      EntryCatalogFactory rows,
      CompactListener listener)
      throws IOException {
    StoreOpener opener = StoreOpener.at(request.dataset(), request.configuration());
    return compact(request, opener, engine, catalog, rows, listener);
  }

  static CompactReport compact(
      CompactRequest request,
      StoreOpener opener,
      TaskEngine engine,
      CatalogWriter catalog,
      EntryCatalogFactory rows,
      CompactListener listener)
      throws IOException {
    return new Compactor(request, opener, engine, catalog, rows, listener).run();
  }

  private CompactReport run() throws IOException {
    try (Store dataset = opener.open()) {
      store = dataset;
      log = DatasetLog.open(dataset);
      Snapshot head = head();
      containersBefore = log.containers(head).size();
      excluded.addAll(DamageNote.containers(dataset, DamageNote.State.FOUND));
      List<CompactionGroup> groups = plan(head);
      if (request.dryRun()) {
        return dryReport(head, groups);
      }
      if (groups.isEmpty()) {
        return report(head.version());
      }
      requireSpace(groups);
      log.probe();
      try {
        for (int pass = 0; pass < MAX_PASSES && !groups.isEmpty(); pass++) {
          try {
            rewrite(head, groups);
          } catch (IOException e) {
            if (!log.isStale(head, e)) {
              throw e;
            }
            listener.message("snapshot " + head.version()
                + " has expired while it was compacted: looking at the newest");
          }
          head = head();
          groups = plan(head);
        }
      } catch (IOException | RuntimeException e) {
        record(head.version(), "failed", e.getMessage());
        throw e;
      }
      CompactReport report = report(head.version());
      record(head.version(), commits > 0 ? "committed" : "nothing done", null);
      return report;
    }
  }

  private Snapshot head() throws IOException {
    return log.current()
        .orElseThrow(() -> new NoSuchFileException(
            store.location(),
            null,
            "no dataset is here: there is no snapshot under _pleat/snapshots"));
  }

  private List<CompactionGroup> plan(Snapshot head) throws IOException {
    listener.phase("plan", 0, 0);
    Set<ContainerId> touched = new HashSet<>();
    head.deletionVectors().forEach(vector -> touched.add(vector.container()));
    List<ContainerWeight> weights = new ArrayList<>();
    List<WeighInput> inputs = new ArrayList<>();
    List<ContainerSummary> batch = new ArrayList<>();
    for (ContainerSummary container : log.containers(head)) {
      if (excluded.contains(container.id())) {
        continue;
      }
      if (!touched.contains(container.id())) {
        weights.add(ContainerWeight.whole(container));
        continue;
      }
      batch.add(container);
      if (batch.size() == CONTAINERS_A_WEIGHING) {
        inputs.add(new WeighInput(head.version(), batch));
        batch = new ArrayList<>();
      }
    }
    if (!batch.isEmpty()) {
      inputs.add(new WeighInput(head.version(), batch));
    }
    engine.run("weigh", inputs, new WeighTask(opener), weighed -> {
      weights.addAll(weighed.weights());
      for (BrokenContainer each : weighed.broken()) {
        found(each);
      }
    });
    return new CompactionPlanner(request.rules()).plan(weights, excluded);
  }

  private void requireSpace(List<CompactionGroup> groups) throws IOException {
    OptionalLong usable = store.usableSpace();
    long needed = groups.stream().mapToLong(CompactionGroup::newBytes).sum();
    if (usable.isPresent() && needed > usable.getAsLong()) {
      throw new IOException(
          "too little space at %s: the compaction writes up to %d bytes, %d are free, and what it replaces stays until it has expired;"
                  .formatted(store.location(), needed, usable.getAsLong())
              + " free some, or compact less (a higher --min-dead)");
    }
  }

  private void rewrite(Snapshot base, List<CompactionGroup> groups) throws IOException {
    List<ContainerSummary> all = log.containers(base);
    Set<ContainerId> baseContainers = new HashSet<>();
    all.forEach(container -> baseContainers.add(container.id()));
    List<RewriteInput> inputs = new ArrayList<>();
    for (CompactionGroup group : groups) {
      inputs.add(input(inputs.size(), base, group, all));
      group
          .containers()
          .forEach(each -> lengths.put(each.container().id(), each.container().length()));
    }
    doneFiles = 0;
    doneBytes = 0;
    listener.phase(
        "rewrite",
        groups.stream().mapToLong(CompactionGroup::liveEntries).sum(),
        groups.stream().mapToLong(CompactionGroup::liveStoredBytes).sum());
    RewriteCommitter committer = new RewriteCommitter(store, log, catalog, "compact", runId);
    engine.run("compact", inputs, new RewriteTask(opener, rows, ids), result -> {
      take(inputs.get(result.number()), result, committer, baseContainers);
      CompactionGroup group = groups.get(result.number());
      doneFiles += group.liveEntries();
      doneBytes += group.liveStoredBytes();
      listener.progress(doneFiles, doneBytes);
    });
  }

  private RewriteInput input(
      int number, Snapshot base, CompactionGroup group, List<ContainerSummary> all) {
    List<ContainerSummary> containers =
        group.containers().stream().map(ContainerWeight::container).toList();
    Set<ContainerId> own = new HashSet<>();
    containers.forEach(container -> own.add(container.id()));
    long oldest =
        containers.stream().mapToLong(ContainerSummary::sequence).min().orElseThrow();
    List<ContainerSummary> overlapping = all.stream()
        .filter(other -> !own.contains(other.id())
            && containers.stream().anyMatch(each -> each.range().overlaps(other.range())))
        .toList();
    return new RewriteInput(
        number,
        base.version(),
        containers,
        overlapping.stream()
            .filter(other -> other.directories() > 0 && other.sequence() > oldest)
            .toList(),
        new Shape(
            group.cut(request.rules()), request.rules().maxEntries(), meets(containers, own, all)));
  }

  /** Whether what is made of {@code containers} may share keys with others. */
  private static boolean meets(
      List<ContainerSummary> containers, Set<ContainerId> own, List<ContainerSummary> all) {
    byte[] first = containers.get(0).range().first();
    byte[] last = containers.stream()
        .map(container -> container.range().last())
        .max(java.util.Arrays::compareUnsigned)
        .orElseThrow();
    io.pleat.dataset.KeyRange whole = new io.pleat.dataset.KeyRange(first, last);
    return all.stream()
        .anyMatch(other -> !own.contains(other.id()) && whole.overlaps(other.range()));
  }

  private void take(
      RewriteInput input,
      RewriteResult result,
      RewriteCommitter committer,
      Set<ContainerId> baseContainers)
      throws IOException {
    for (BrokenContainer each : result.broken()) {
      found(each);
    }
    if (result instanceof RewriteResult.Failed failure) {
      input.containers().forEach(container -> excluded.add(container.id()));
      if (!failure.reason().isEmpty()) {
        failed++;
        listener.message(failure.reason());
      }
      return;
    }
    RewriteResult.Done done = (RewriteResult.Done) result;
    note(done.rewritten().leftBehind());
    Optional<Snapshot> committed =
        committer.commit(baseContainers, done, RewriteCommitter.Leftovers.KEEP);
    if (committed.isEmpty()) {
      boolean nothingMoved = done.rewritten().moves().size() == 0;
      dropped += nothingMoved ? 0 : 1;
      return;
    }
    commits++;
    Set<ContainerId> kept = new HashSet<>();
    done.rewritten().leftBehind().forEach(file -> kept.add(file.container()));
    for (ContainerSummary container : done.containers()) {
      if (!kept.contains(container.id())) {
        removed++;
        bytesRemoved += lengths.get(container.id());
      }
    }
    added += done.rewritten().added().size();
    bytesAdded +=
        done.rewritten().added().stream().mapToLong(ContainerSummary::length).sum();
  }

  private void found(BrokenContainer container) throws IOException {
    boolean listed =
        log.containers(head()).stream().anyMatch(each -> each.id().equals(container.container()));
    if (!listed) {
      return; // Others rewrote it, and what it was has expired.
    }
    if (excluded.add(container.container())) {
      broken++;
      listener.broken(container);
      if (!request.dryRun()) {
        new DamageNote(
                container.container(),
                runId,
                Instant.now(),
                DamageNote.State.FOUND,
                0,
                List.of(container.reason()))
            .write(store);
      }
    }
  }

  /** Before the commit, so that no run selects a container again that holds damaged files only. */
  private void note(List<LeftBehind> files) throws IOException {
    Map<ContainerId, List<LeftBehind>> byContainer = new LinkedHashMap<>();
    for (LeftBehind file : files) {
      byContainer.computeIfAbsent(file.container(), id -> new ArrayList<>()).add(file);
      listener.leftBehind(file);
    }
    leftBehind += files.size();
    for (Map.Entry<ContainerId, List<LeftBehind>> each : byContainer.entrySet()) {
      excluded.add(each.getKey());
      List<String> sample = each.getValue().stream()
          .sorted(Comparator.comparing(LeftBehind::row))
          .limit(DamageNote.MAX_SAMPLE)
          .map(file -> file.path() + ": " + file.reason())
          .toList();
      new DamageNote(
              each.getKey(),
              runId,
              Instant.now(),
              DamageNote.State.FOUND,
              each.getValue().size(),
              sample)
          .write(store);
    }
  }

  private CompactReport dryReport(Snapshot head, List<CompactionGroup> groups) {
    int inputs = groups.stream().mapToInt(group -> group.containers().size()).sum();
    long before = groups.stream()
        .flatMap(group -> group.containers().stream())
        .mapToLong(each -> each.container().length())
        .sum();
    int outputs =
        groups.stream().mapToInt(group -> group.newContainers(request.rules())).sum();
    long after = groups.stream().mapToLong(CompactionGroup::newBytes).sum();
    return new CompactReport(
        runId,
        true,
        head.version(),
        0,
        containersBefore,
        inputs,
        outputs,
        before,
        after,
        0,
        0,
        broken,
        0,
        seconds());
  }

  private CompactReport report(long version) {
    return new CompactReport(
        runId,
        false,
        version,
        commits,
        containersBefore,
        removed,
        added,
        bytesRemoved,
        bytesAdded,
        dropped,
        leftBehind,
        broken,
        failed,
        seconds());
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private void record(long version, String outcome, String error) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("verb", "compact");
    facts.put("dataset", store.location());
    facts.put("started", started.toString());
    facts.put("finished", Instant.now().toString());
    facts.put("outcome", outcome);
    if (error != null) {
      facts.put("error", error);
    }
    facts.put("report", report(version).toMap());
    new RunRecord(runId, facts, List.of()).writeAfterwards(store);
  }
}
