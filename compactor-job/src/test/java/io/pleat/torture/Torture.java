package io.pleat.torture;

import io.pleat.engine.LocalTaskEngine;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldReport;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding;
import io.pleat.maintain.NoCatalogReader;
import io.pleat.maintain.Verifier;
import io.pleat.maintain.VerifyListener;
import io.pleat.maintain.VerifyReport;
import io.pleat.maintain.VerifyRequest;
import io.pleat.read.FoldedDataset;
import io.pleat.read.PassThroughChangedException;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Processes that do everything to one dataset at once, each killed sooner or later, while the source changes under them. In rounds: after
 * each all processes are killed, one fold runs alone, and every file is compared with a model of what must exist.
 */
final class Torture {
  private static final int WORKERS = 2;
  private static final Duration ROUND = Duration.ofSeconds(8);

  /** Between two kills, on average: a process needs a second or two to start and do something. */
  private static final Duration KILL = Duration.ofMillis(2_500);

  /** For a machine that has other things to do. */
  private static final int SLOWER = Integer.getInteger("torture.slower", 1);

  /** Spark needs as many times longer to start. */
  private static final int SPARK_START = 5;

  private static final Set<String> REMOVALS = Set.of("rm");

  private final TortureSettings settings;
  private final SourceTree source;
  private final Path work;
  private final SplittableRandom random;
  private final TortureModel model;
  private final Result result = new Result();
  private final Path settingsFile;
  private final long roundNanos;
  private final long killNanos;
  private int journals;

  /** What happened so far. */
  static final class Result {
    long rounds;
    long puts;
    long commits;
    long kills;
    long reads;
    final Map<String, Long> operations = new TreeMap<>();
    final List<String> wrong = new ArrayList<>();

    @Override
    public String toString() {
      return "%d rounds, %d puts, %d commits, %d kills, %d reads, operations %s, %d wrong"
          .formatted(rounds, puts, commits, kills, reads, operations, wrong.size());
    }
  }

  /** @param work an empty folder for journals and logs */
  Torture(TortureSettings settings, SourceTree source, Path work) throws IOException {
    this.settings = settings;
    this.source = source;
    this.work = work;
    this.random = new SplittableRandom(settings.files().seed());
    int slower = SLOWER * (settings.onSpark() ? SPARK_START : 1);
    this.roundNanos = ROUND.multipliedBy(slower).toNanos();
    this.killNanos = KILL.multipliedBy(slower).toNanos();
    this.model = new TortureModel(settings.files().count());
    this.settingsFile = work.resolve("settings");
    settings.save(settingsFile);
  }

  /** Rounds until the time is over, or something is wrong. */
  Result run(Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end && result.wrong.isEmpty()) {
      round();
    }
    return result;
  }

  private void round() throws Exception {
    List<WorkerProcess> all = new ArrayList<>();
    List<WorkerProcess> alive = new ArrayList<>();
    try {
      for (int i = 0; i < WORKERS; i++) {
        alive.add(start(all));
      }
      long now = System.nanoTime();
      long end = now + roundNanos;
      long nextKill = now + random.nextLong(2 * killNanos);
      while (now < end) {
        changeSource();
        LockSupport.parkNanos(random.nextLong(20_000_000));
        now = System.nanoTime();
        if (now > nextKill) {
          kill(alive.remove(random.nextInt(alive.size())));
          alive.add(start(all));
          nextKill = now + random.nextLong(2 * killNanos);
        }
      }
    } finally {
      for (WorkerProcess worker : alive) {
        kill(worker);
      }
    }
    result.rounds++;
    settle(all);
  }

  private WorkerProcess start(List<WorkerProcess> all) throws IOException {
    WorkerProcess worker = new WorkerProcess(
        settingsFile,
        work.resolve("journal-" + journals++),
        work.resolve("log"),
        random.nextLong(),
        settings.onSpark());
    all.add(worker);
    return worker;
  }

  private void kill(WorkerProcess worker) throws InterruptedException {
    if (!worker.isAlive()) {
      result.wrong.add("a worker ended by itself, see " + work.resolve("log"));
    }
    worker.kill();
    result.kills++;
  }

  private void changeSource() throws IOException {
    int file = random.nextInt(settings.files().count());
    LogicalPath path = settings.files().path(file);
    if (random.nextInt(8) == 0 && model.wasEverPut(file)) {
      model.deleted(file);
      source.delete(path);
      return;
    }
    int version = model.nextVersion(file);
    source.put(path, settings.files().content(file, version));
    model.put(file);
    result.puts++;
  }

  /** Folds alone, then compares everything with the model. */
  private void settle(List<WorkerProcess> workers) throws Exception {
    List<Journal.Operation> done = new ArrayList<>();
    for (WorkerProcess worker : workers) {
      done.addAll(worker.operations());
    }
    for (Journal.Operation operation : done) {
      result.operations.merge(operation.name(), 1L, Long::sum);
      result.reads += operation.name().equals("read") ? operation.files().size() : 0;
      if (operation.isWrong()) {
        result.wrong.add(operation.toString());
      }
    }
    settleReclaims();
    FoldReport fold = settings.locally().fold(FoldOperation.options());
    if (fold.looseFiles() > 0) {
      result.wrong.add("left loose by a fold that was alone: " + fold.looseSample());
    }
    result.commits = fold.version();
    verify();
    compare(done);
  }

  /** What killed runs have set aside goes, or comes back, without anybody's help. */
  private void settleReclaims() throws IOException {
    if (!settings.mayReclaim()) {
      return;
    }
    try (TaskEngine engine = new LocalTaskEngine(1)) {
      ReclaimOperation.settle(settings, engine);
    } catch (WrongException e) {
      result.wrong.add(e.getMessage());
    } catch (NoSuchFileException e) {
      // Nobody has folded yet.
    }
  }

  private void verify() throws IOException {
    VerifyReport report = Verifier.verify(
        new VerifyRequest(settings.dataset(), VerifyRequest.Level.DATA, settings.stores(), 1),
        new NoCatalogReader(),
        new VerifyListener() {
          @Override
          public void found(Finding finding) {
            if (finding.kind().isFailure()) {
              result.wrong.add("verify: " + finding);
            }
          }
        });
    if (!report.isSound() && result.wrong.isEmpty()) {
      result.wrong.add("verify: " + report);
    }
  }

  private void compare(List<Journal.Operation> done) throws IOException {
    List<Journal.Operation> removals = done.stream()
        .filter(operation ->
            REMOVALS.contains(operation.name()) && !operation.outcome().startsWith("done nothing"))
        .toList();
    boolean mirrored = done.stream().anyMatch(operation -> operation.name().equals("mirror"));
    boolean rolledBack = done.stream()
        .anyMatch(operation -> operation.name().equals("rollback")
            && !operation.outcome().startsWith("refused")
            && !operation.outcome().startsWith("done nothing"));
    try (FoldedDataset dataset = FoldedDataset.open(
        settings.dataset(),
        settings.stores(),
        ReaderOptions.defaults().withAllowedSourceRoots(Set.of(settings.source())))) {
      for (int file = 0; file < settings.files().count(); file++) {
        if (model.wasEverPut(file)) {
          compare(dataset, file, removals, mirrored, rolledBack);
        }
      }
    }
  }

  private void compare(
      FoldedDataset dataset,
      int file,
      List<Journal.Operation> removals,
      boolean mirrored,
      boolean rolledBack)
      throws IOException {
    LogicalPath path = settings.files().path(file);
    boolean inSource = source.exists(path);
    int one = file;
    OptionalInt found;
    try {
      found = settings.files().versionOf(file, dataset.read(path));
      if (found.isEmpty()) {
        result.wrong.add("wrong bytes of " + path);
      }
    } catch (PassThroughChangedException e) {
      // Its original was deleted by us: no copy was ever promised.
      found = inSource ? OptionalInt.empty() : OptionalInt.of(model.latest(file));
    } catch (NoSuchFileException e) {
      found = OptionalInt.empty();
    }
    List<Journal.Operation> itsRemovals =
        removals.stream().filter(removal -> removal.files().contains(one)).toList();
    model
        .settle(file, found, inSource, itsRemovals, mirrored, rolledBack)
        .forEach(wrong -> result.wrong.add("file %d, %s: %s".formatted(one, path, wrong)));
  }

  /** The last lines of the workers' log, for a failure. */
  String log() throws IOException {
    Path log = work.resolve("log");
    String text = Files.exists(log) ? Files.readString(log) : "";
    return text.substring(Math.max(0, text.length() - 4_000));
  }
}
