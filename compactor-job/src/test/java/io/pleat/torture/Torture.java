package io.pleat.torture;

import io.pleat.engine.LocalTaskEngine;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldReport;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding;
import io.pleat.maintain.NoCatalogReader;
import io.pleat.maintain.UnfoldListener;
import io.pleat.maintain.UnfoldRequest;
import io.pleat.maintain.Unfolder;
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
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Processes that do everything to one dataset at once, each killed sooner or later, while the source changes under them. In rounds: after
 * each all processes are killed, one fold runs alone, and every file is compared with a model of what must exist. At the end the dataset is unfolded,
 * and compared once more.
 */
final class Torture {
  private static final int WORKERS = 2;

  /** Kills of a round, before the last that ends all. */
  private static final int ROUND = 10;

  /**
   * Operations between two kills, at most. Not seconds: on a machine that has other things to do, processes would not even get to their first
   * operation.
   */
  private static final int OPERATIONS = 44;

  /** Between the end of an operation and a kill, at most: what a process does by then is left to chance. */
  private static final Duration MOMENT = Duration.ofMillis(200);

  /** Between two kills, whatever has been done. */
  private static final Duration LONGEST = Duration.ofSeconds(20);

  /** Between two looks at what the processes have done, at most. */
  private static final Duration LOOK = Duration.ofMillis(50);

  /** Changes of the source for each operation, so that a slow machine does not have more to fold than a quick one. */
  private static final int CHANGES = 2;

  /** For a machine that has other things to do. */
  private static final int SLOWER = Integer.getInteger("torture.slower", 1);

  /** Spark needs as many times longer to start. */
  private static final int SPARK_START = 5;

  /** Puts before the rehearsal, so that it has something to do. */
  private static final int FIRST_PUTS = 200;

  private static final long PROGRESS_NANOS = Duration.ofMinutes(1).toNanos();
  private static final Set<String> REMOVALS = Set.of("rm");

  private final TortureSettings settings;
  private final SourceTree source;
  private final Path work;
  private final WorkerLauncher launcher;
  private final SplittableRandom random;
  private final TortureModel model;
  private final TortureResult result = new TortureResult();
  private final long longestNanos;

  /** Files that are passed through and whose originals a user deleted: no copy was ever promised. */
  private final Set<Integer> nowhere = new HashSet<>();

  /** @param work an empty folder for journals and logs */
  Torture(TortureSettings settings, SourceTree source, Path work) throws IOException {
    this.settings = settings;
    this.source = source;
    this.work = work;
    this.launcher = new WorkerLauncher(settings, work);
    this.random = new SplittableRandom(settings.files().seed());
    int slower = SLOWER * (settings.onSpark() ? SPARK_START : 1);
    this.longestNanos = LONGEST.multipliedBy(slower).toNanos();
    this.model = new TortureModel(settings.files().count());
  }

  /** Rounds until the time is over, or something is wrong. */
  TortureResult run(Duration time) throws Exception {
    for (int i = 0; i < FIRST_PUTS; i++) {
      changeSource();
    }
    settle(List.of(launcher.rehearse(random.nextLong())));
    long end = System.nanoTime() + time.toNanos();
    long told = System.nanoTime();
    List<WorkerProcess> alive = startAll();
    try {
      while (System.nanoTime() < end && result.wrong().isEmpty()) {
        List<WorkerProcess> killed = round(alive, end);
        alive = startAll(); // they start while everything is compared
        settle(killed);
        if (System.nanoTime() - told > PROGRESS_NANOS) {
          System.out.println("torture so far: " + result);
          told = System.nanoTime();
        }
      }
    } finally {
      for (WorkerProcess worker : alive) {
        worker.kill();
      }
    }
    if (result.wrong().isEmpty()) {
      unfold();
    }
    return result;
  }

  private List<WorkerProcess> startAll() throws IOException {
    List<WorkerProcess> started = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      started.add(launcher.start(random.nextLong()));
    }
    return started;
  }

  /**
   * Lets processes work, kills each, and starts others in their place, until the round is over.
   *
   * @return all that worked in this round; none is alive
   */
  private List<WorkerProcess> round(List<WorkerProcess> started, long end) throws Exception {
    List<WorkerProcess> all = new ArrayList<>();
    List<WorkerProcess> alive = new ArrayList<>(started);
    try {
      for (WorkerProcess worker : started) {
        worker.go();
        all.add(worker);
      }
      for (int kill = 0; kill < ROUND && System.nanoTime() < end; kill++) {
        changeSourceUntilKill(all);
        kill(alive.remove(random.nextInt(alive.size())));
        WorkerProcess next = launcher.start(random.nextLong());
        next.go();
        alive.add(next);
        all.add(next);
      }
      changeSourceUntilKill(all);
    } finally {
      for (WorkerProcess worker : alive) {
        kill(worker);
      }
    }
    result.round();
    return all;
  }

  private void changeSourceUntilKill(List<WorkerProcess> workers) throws IOException {
    long end = System.nanoTime() + longestNanos;
    long before = ended(workers);
    long enough = before + 1 + random.nextInt(OPERATIONS);
    long now = before;
    for (long changes = 0; now < enough && System.nanoTime() < end; now = ended(workers)) {
      if (changes <= CHANGES * (now - before)) {
        changeSource();
        changes++;
      }
      LockSupport.parkNanos(random.nextLong(LOOK.toNanos()));
    }
    LockSupport.parkNanos(random.nextLong(MOMENT.toNanos()));
  }

  private static long ended(List<WorkerProcess> workers) throws IOException {
    long ended = 0;
    for (WorkerProcess worker : workers) {
      ended += worker.ended();
    }
    return ended;
  }

  private void kill(WorkerProcess worker) throws InterruptedException {
    if (!worker.isAlive()) {
      result.wrong("a worker ended by itself, see " + launcher.log());
    }
    worker.kill();
    result.kill();
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
    result.put();
  }

  /** Folds alone, then compares everything with the model. */
  private void settle(List<WorkerProcess> workers) throws Exception {
    List<Journal.Operation> done = new ArrayList<>();
    for (WorkerProcess worker : workers) {
      List<Journal.Operation> operations = worker.operations();
      result.add(operations);
      done.addAll(operations);
    }
    settleReclaims();
    FoldReport fold = settings.locally().fold(FoldOperation.options());
    if (fold.looseFiles() > 0) {
      result.wrong("left loose by a fold that was alone: " + fold.looseSample());
    }
    result.commits(fold.version());
    verify();
    compare(done);
  }

  /** What killed runs have set aside goes, or comes back, without anybody's help. */
  private void settleReclaims() throws IOException {
    try (TaskEngine engine = new LocalTaskEngine(1)) {
      ReclaimOperation.settle(settings, engine);
    } catch (WrongException e) {
      result.wrong(e.getMessage());
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
              result.wrong("verify: " + finding);
            }
          }
        });
    if (!report.isSound() && result.wrong().isEmpty()) {
      result.wrong("verify: " + report);
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
    nowhere.clear();
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
        result.wrong("wrong bytes of " + path);
      }
    } catch (PassThroughChangedException e) {
      if (!inSource) {
        nowhere.add(file);
      }
      found = inSource ? OptionalInt.empty() : OptionalInt.of(model.latest(file));
    } catch (NoSuchFileException e) {
      found = OptionalInt.empty();
    }
    List<Journal.Operation> itsRemovals =
        removals.stream().filter(removal -> removal.files().contains(one)).toList();
    model
        .settle(file, found, inSource, itsRemovals, mirrored, rolledBack)
        .forEach(wrong -> result.wrong("file %d, %s: %s".formatted(one, path, wrong)));
    result.compared();
  }

  /** Restores everything, and compares it with the model: no file less, none more, no other byte. */
  private void unfold() throws IOException {
    Path target = work.resolve("unfolded");
    Set<LogicalPath> failed = ConcurrentHashMap.newKeySet();
    Unfolder.unfold(
        new UnfoldRequest(
            settings.dataset(),
            target.toString(),
            List.of(),
            settings.stores(),
            UnfoldRequest.Existing.KEEP,
            1),
        new UnfoldListener() {
          @Override
          public void failed(LogicalPath path, String reason) {
            failed.add(path);
          }
        });
    Set<Path> expected = new HashSet<>();
    for (int file = 0; file < settings.files().count(); file++) {
      LogicalPath path = settings.files().path(file);
      boolean mayFail = nowhere.contains(file) && failed.remove(path);
      OptionalInt version = model.settled(file);
      if (version.isPresent() && !mayFail) {
        Path restored = target.resolve(path.toString());
        expected.add(restored);
        if (!Files.exists(restored)) {
          result.wrong("lost: unfold did not restore " + path);
        } else if (!Arrays.equals(
            Files.readAllBytes(restored), settings.files().content(file, version.getAsInt()))) {
          result.wrong("wrong bytes of unfolded " + path);
        }
      }
    }
    try (Stream<Path> all = Files.walk(target)) {
      all.filter(path -> Files.isRegularFile(path) && !expected.contains(path))
          .forEach(path -> result.wrong("unfold restored what should not be there: " + path));
    }
    failed.forEach(path -> result.wrong("unfold failed on " + path));
    result.unfolded(expected.size());
  }

  /** The last lines of the workers' log, for a failure. */
  String log() throws IOException {
    Path log = launcher.log();
    String text = Files.exists(log) ? Files.readString(log) : "";
    return text.substring(Math.max(0, text.length() - 4_000));
  }
}
