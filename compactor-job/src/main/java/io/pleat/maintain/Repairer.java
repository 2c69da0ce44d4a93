package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.RunContainers;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.roaringbitmap.RoaringBitmap;

/**
 * Mends damaged containers: new ones take their place, made of what can be read, of records where the index block is gone, of the catalogue where a record
 * is, and of unchanged originals where a payload is. Nothing is patched in place, and what is beyond repair is said. Each container is a commit.
 */
public final class Repairer {
  private static final int MAX_ATTEMPTS = 50;

  private final RepairRequest request;
  private final StoreOpener opener;
  private final TaskEngine engine;
  private final CatalogWriter catalog;
  private final CatalogReader catalogReader;
  private final EntryCatalogFactory rows;
  private final RepairListener listener;
  private final UUID runId = UUID.randomUUID();
  private final RunContainers ids = RunContainers.random();
  private final Instant started = Instant.now();
  private final long startNanos = System.nanoTime();
  private Store store;
  private DatasetLog log;
  private int checked;
  private int damaged;
  private int mended;
  private int catalogFiles;
  private long carried;
  private long rescued;
  private long lost;
  private long doneBytes;
  private Optional<HeadReport> newHead = Optional.empty();

  private Repairer(
      RepairRequest request,
      StoreOpener opener,
      TaskEngine engine,
      CatalogWriter catalog,
      CatalogReader catalogReader,
      EntryCatalogFactory rows,
      RepairListener listener) {
    this.request = request;
    this.opener = opener;
    this.engine = engine;
    this.catalog = catalog;
    this.catalogReader = catalogReader;
    this.rows = rows;
    this.listener = listener;
  }

  /**
   * Repairs the newest snapshot.
   *
   * @throws NoSuchFileException if there is no dataset
   * @throws CorruptDataException if snapshot, manifest or a deletion vector is damaged, and no new head was asked for
   */
  public static RepairReport repair(
      RepairRequest request,
      TaskEngine engine,
      CatalogWriter catalog,
      CatalogReader catalogReader,
      EntryCatalogFactory rows,
      RepairListener listener)
      throws IOException {
    StoreOpener opener = StoreOpener.at(request.dataset(), request.configuration());
    return repair(request, opener, engine, catalog, catalogReader, rows, listener);
  }

  static RepairReport repair(
      RepairRequest request,
      StoreOpener opener,
      TaskEngine engine,
      CatalogWriter catalog,
      CatalogReader catalogReader,
      EntryCatalogFactory rows,
      RepairListener listener)
      throws IOException {
    return new Repairer(request, opener, engine, catalog, catalogReader, rows, listener).run();
  }

  private RepairReport run() throws IOException {
    try (Store dataset = opener.open()) {
      store = dataset;
      log = DatasetLog.open(dataset);
      if (request.fromContainers()) {
        rebuildHead();
        if (request.dryRun() && newHead.isPresent()) {
          return report(newHead.get().version());
        }
      }
      Snapshot head;
      List<ContainerSummary> all;
      try {
        head = log.current()
            .orElseThrow(() -> new NoSuchFileException(
                dataset.location(),
                null,
                "no dataset is here: there is no snapshot under _pleat/snapshots"));
        all = readable(head);
      } catch (CorruptDataException e) {
        throw new IOException(
            e.getMessage()
                + "; 'pleat repair --dry-run --from-containers' says what a new head can be made of",
            e);
      }
      Map<ContainerId, ContainerSummary> byId = new HashMap<>();
      all.forEach(container -> byId.put(container.id(), container));
      for (ContainerId wanted : request.containers()) {
        if (!byId.containsKey(wanted)) {
          throw new IllegalArgumentException(
              "snapshot " + head.version() + " has no container " + wanted);
        }
      }
      if (!request.dryRun() && newHead.isEmpty()) {
        log.probe();
      }
      mendContainers(head, all);
      mendCatalog();
      RepairReport report =
          report(request.dryRun() ? head.version() : log.current().orElseThrow().version());
      if (!request.dryRun() && (damaged > 0 || catalogFiles > 0 || newHead.isPresent())) {
        record(report);
      }
      return report;
    }
  }

  private void rebuildHead() throws IOException {
    try (HeadRebuilder rebuilder =
        new HeadRebuilder(store, catalog, catalogReader, rows, ids, request, runId)) {
      if (!request.dryRun()) {
        log.probe();
      }
      newHead = rebuilder.run();
    }
    newHead.ifPresent(head -> head.damaged().forEach(listener::damaged));
  }

  /** Its containers, if every file that reading it takes is sound. */
  private List<ContainerSummary> readable(Snapshot head) throws IOException {
    List<ContainerSummary> all = log.containers(head);
    for (Snapshot.DeletionVectorReference vector : head.deletionVectors()) {
      log.deletionVector(head, vector.container());
    }
    return all;
  }

  private void mendContainers(Snapshot head, List<ContainerSummary> all) throws IOException {
    List<MendInput> inputs = new ArrayList<>();
    Set<ContainerId> base = new HashSet<>();
    long bytes = 0;
    for (ContainerSummary container : all) {
      base.add(container.id());
      if (request.containers().isEmpty() || request.containers().contains(container.id())) {
        inputs.add(input(inputs.size(), head, container, all));
        bytes += container.length();
      }
    }
    listener.phase("check", 0, bytes);
    String sourceRoot = head.sourceRoot();
    Map<String, String> configuration = request.configuration();
    MendTask task = new MendTask(
        opener,
        StoreOpener.at(sourceRoot, configuration),
        rows,
        catalogReader,
        ids,
        !request.dryRun());
    RewriteCommitter committer = new RewriteCommitter(store, log, catalog, "repair", runId);
    List<ContainerId> catalogless = new ArrayList<>();
    engine.run("repair", inputs, task, result -> {
      ContainerSummary container = inputs.get(result.number()).container();
      take(result, committer, base, catalogless);
      doneBytes += container.length();
      listener.progress(0, doneBytes);
    });
    for (ContainerId container : catalogless) {
      catalogAnew(container);
    }
  }

  private MendInput input(
      int number, Snapshot head, ContainerSummary container, List<ContainerSummary> all) {
    List<ContainerSummary> overlapping = all.stream()
        .filter(other ->
            !other.id().equals(container.id()) && other.range().overlaps(container.range()))
        .toList();
    return new MendInput(
        number,
        head.version(),
        container,
        overlapping.stream()
            .filter(other -> other.directories() > 0 && other.sequence() > container.sequence())
            .toList(),
        container.filter().isPresent() || !overlapping.isEmpty());
  }

  private void take(
      MendResult result,
      RewriteCommitter committer,
      Set<ContainerId> base,
      List<ContainerId> catalogless)
      throws IOException {
    checked++;
    result.damage().forEach(listener::damaged);
    result.catalogDamage().forEach(listener::damaged);
    if (result.damage().isEmpty()) {
      if (!result.catalogDamage().isEmpty()) {
        catalogless.add(result.container());
      }
      return;
    }
    damaged++;
    carried += result.carried();
    rescued += result.rescued();
    lost += result.lost().size();
    result.lost().forEach(listener::lost);
    if (request.dryRun()) {
      return;
    }
    boolean givesUp = request.setAside() && !result.lost().isEmpty();
    if (givesUp) {
      note(result, DamageNote.State.SET_ASIDE);
    } else if (!result.lost().isEmpty() || result.done().isEmpty()) {
      note(result, DamageNote.State.FOUND);
    }
    if (result.done().isEmpty()) {
      return;
    }
    RewriteResult.Done done = result.done().get(0);
    boolean changes =
        done.rewritten().moves().size() > 0 || givesUp || result.lost().isEmpty();
    Optional<Snapshot> committed = committer.commit(
        base, done, givesUp ? RewriteCommitter.Leftovers.GIVE_UP : RewriteCommitter.Leftovers.KEEP);
    if (committed.isPresent() || !changes) {
      mended++;
    }
    if (result.lost().isEmpty() && committed.isPresent()) {
      DamageNote.clear(store, result.container());
    }
  }

  private void note(MendResult result, DamageNote.State state) throws IOException {
    List<String> sample = new ArrayList<>(result.damage());
    result.lost().stream()
        .limit(DamageNote.MAX_SAMPLE)
        .forEach(file -> sample.add(file.path() + ": " + file.reason()));
    new DamageNote(
            result.container(), runId, Instant.now(), state, result.lost().size(), sample)
        .write(store);
  }

  /** The snapshot's own files of the catalogue are written by each commit that changes containers and their dead rows. */
  private void mendCatalog() throws IOException {
    Snapshot head = log.current().orElseThrow();
    List<FileReference> files = new ArrayList<>(List.of(head.catalog().containers()));
    head.catalog().deadRows().ifPresent(files::add);
    boolean sound = true;
    for (FileReference file : files) {
      Optional<String> damage = damage(file);
      damage.ifPresent(listener::damaged);
      sound &= damage.isEmpty();
    }
    if (sound) {
      return;
    }
    Set<ContainerId> withDead = new HashSet<>();
    head.deletionVectors().forEach(vector -> withDead.add(vector.container()));
    Optional<ContainerSummary> smallest = log.containers(head).stream()
        .filter(container -> withDead.isEmpty() || withDead.contains(container.id()))
        .min((a, b) -> Integer.compare(a.entries(), b.entries()));
    if (smallest.isPresent()) {
      catalogAnew(smallest.get().id());
    }
  }

  private Optional<String> damage(FileReference file) throws IOException {
    try (ByteSource bytes = store.open(file.path())) {
      return bytes.length() == file.length() && Verifier.crc32c(bytes) == file.crc32c()
          ? Optional.empty()
          : Optional.of(file.path() + " is not what the snapshot says");
    } catch (NoSuchFileException e) {
      return Optional.of(file.path() + " is missing");
    }
  }

  /** Lists a container again, with new rows of the catalogue: the same bytes, and the same rows dead and reclaimed. */
  private void catalogAnew(ContainerId id) throws IOException {
    catalogFiles++;
    if (request.dryRun()) {
      return;
    }
    CommitConflictException conflict = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Snapshot head = log.current().orElseThrow();
      List<ContainerSummary> all = log.containers(head);
      Optional<ContainerSummary> there =
          all.stream().filter(container -> container.id().equals(id)).findFirst();
      if (there.isEmpty()) {
        return; // Others rewrote it, with new rows.
      }
      try {
        log.commit(Optional.of(head), listedAgain(head, there.get(), all), catalog);
        return;
      } catch (CommitConflictException e) {
        conflict = e;
      }
    }
    throw conflict;
  }

  private SnapshotChange listedAgain(
      Snapshot head, ContainerSummary container, List<ContainerSummary> all) throws IOException {
    FileReference file;
    try (ByteSource bytes = store.open(container.path());
        ContainerReader reader = ContainerReader.open(bytes, container.id())) {
      file = rows.create().write(store, container.id(), reader.index());
    }
    // As the newest container it speaks for all directories that it records: those that it did not
    // speak for die.
    RoaringBitmap dead = log.deletionVector(head, container.id()).toBitmap();
    DirectoryPrecedence precedence =
        new DirectoryPrecedence(store, id -> log.deletionVector(head, id).toBitmap());
    precedence.superseded(List.of(container), all).values().forEach(dead::or);
    ReclaimedRows only = log.reclaimedRows(head, container.id());
    SnapshotChange change = SnapshotChange.by("repair", runId, head.sourceRoot())
        .withRemoved(Set.of(container.id()))
        .withAdded(List.of(container.withCatalog(file)))
        .withLiveDelta(new SnapshotStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    if (!dead.isEmpty()) {
      change = change.withNewlyDead(Map.of(container.id(), DeletionVector.copyOf(dead)));
    }
    return only.isEmpty() ? change : change.withNewlyReclaimed(Map.of(container.id(), only));
  }

  private RepairReport report(long version) {
    return new RepairReport(
        runId,
        request.dryRun(),
        version,
        checked,
        damaged,
        mended,
        catalogFiles,
        carried,
        rescued,
        lost,
        request.setAside(),
        newHead,
        (System.nanoTime() - startNanos) / 1e9);
  }

  private void record(RepairReport report) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("verb", "repair");
    facts.put("dataset", store.location());
    facts.put("started", started.toString());
    facts.put("finished", Instant.now().toString());
    facts.put("outcome", report.isSound() ? "mended" : "not all mended");
    facts.put("report", report.toMap());
    new RunRecord(runId, facts, List.of()).writeAfterwards(store);
  }
}
