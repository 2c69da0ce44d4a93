package io.pleat.torture;

import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldRefusedException;
import io.pleat.maintain.ReclaimRunningException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** A process that does random operations on a dataset, on several threads, until it is killed. */
final class TortureWorker {
  private static final List<Class<? extends Exception>> CLEAN_REFUSALS = List.of(
      CommitConflictException.class,
      CondemnedException.class,
      FoldRefusedException.class,
      ReclaimRunningException.class,
      SnapshotExpiredException.class);

  private final TortureSettings settings;
  private final Journal journal;
  private final List<TortureOperation> operations;
  private final AtomicLong ids = new AtomicLong();

  private TortureWorker(
      TortureSettings settings, Journal journal, List<TortureOperation> operations) {
    this.settings = settings;
    this.journal = journal;
    this.operations = operations;
  }

  /**
   * Arguments: settings file, journal, seed, threads. Begins with the first byte of standard input, and ends with its end; with no threads, when it has done each
   * operation twice.
   */
  public static void main(String[] args) throws IOException {
    TortureSettings settings = TortureSettings.load(Path.of(args[0]));
    Journal journal = new Journal(Path.of(args[1]));
    // One for the life of the process, so that Spark starts once: what operations open and close is
    // this one.
    TaskEngine held = settings.taskEngine();
    TortureWorker worker = new TortureWorker(settings, journal, operations(settings));
    SplittableRandom random = new SplittableRandom(Long.parseLong(args[2]));
    if (System.in.read() < 0) {
      Runtime.getRuntime().halt(0);
    }
    int threads = Integer.parseInt(args[3]);
    if (threads == 0) {
      worker.rehearse(random);
      held.close();
      System.exit(0);
    }
    for (int i = 0; i < threads; i++) {
      SplittableRandom own = random.split();
      Thread thread = new Thread(() -> worker.work(own), "torture-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    while (System.in.read() >= 0) {
      // Whatever comes: only the end counts.
    }
    held.close();
    Runtime.getRuntime().halt(0);
  }

  /** All that workers do. */
  static List<TortureOperation> operations(TortureSettings settings) {
    return List.of(
        new FoldOperation(),
        new ReadOperation(settings.files()),
        new RemoveOperation(),
        new MirrorOperation(),
        new CompactOperation(),
        new ExpireOperation(),
        new RepairOperation(),
        new RollbackOperation(),
        new ReclaimOperation());
  }

  private void rehearse(SplittableRandom random) throws IOException {
    for (int i = 0; i < 2; i++) {
      for (TortureOperation operation : operations) {
        runOne(operation, random);
      }
    }
  }

  private void work(SplittableRandom random) {
    List<TortureOperation> drawn = new ArrayList<>();
    operations.forEach(operation -> {
      for (int i = 0; i < operation.weight(); i++) {
        drawn.add(operation);
      }
    });
    try {
      while (true) {
        runOne(drawn.get(random.nextInt(drawn.size())), random);
      }
    } catch (IOException e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private void runOne(TortureOperation operation, SplittableRandom random) throws IOException {
    long id = ids.incrementAndGet();
    List<Integer> files = operation.draw(random, settings.files());
    journal.begin(id, operation.name(), files);
    String outcome;
    try {
      outcome = Journal.DONE + operation.run(settings, files, random);
    } catch (Exception | Error e) {
      outcome = isClean(e) ? "refused " + e : "wrong " + description(e);
    }
    journal.end(id, outcome);
  }

  private static boolean isClean(Throwable failure) {
    return CLEAN_REFUSALS.stream().anyMatch(clean -> clean.isInstance(failure))
        || failure instanceof IOException
            && failure.getMessage() != null
            && failure.getMessage().contains("no dataset ");
  }

  /** With its causes and where it came from, in one line. */
  private static String description(Throwable failure) {
    StringBuilder all = new StringBuilder(failure.toString());
    for (StackTraceElement element : failure.getStackTrace()) {
      if (element.getClassName().startsWith("io.pleat")) {
        all.append(" at ").append(element);
      }
    }
    if (failure.getCause() != null) {
      all.append(" caused by ").append(description(failure.getCause()));
    }
    return all.toString();
  }
}
