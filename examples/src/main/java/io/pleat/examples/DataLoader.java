package io.pleat.examples;

import io.pleat.read.FileChoice.PassThroughs;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochFile;
import io.pleat.read.epoch.EpochOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * A training loop's data loader over a folded dataset: reads every file in a seeded random order, epoch after epoch, handled by several
 * threads, and prints how fast that went, and from which token each epoch can be resumed.
 *
 * <p>It needs nothing but {@code io.pleat:reader-lib} and its few dependencies: no Spark, and for a local or NAS path no Hadoop. From
 * the repository's root:
 *
 * <pre>
 *   mvn -q -pl examples -am package -DskipTests
 *   java -cp 'examples/target/*:examples/target/lib/*' io.pleat.examples.DataLoader DATASET [THREADS [EPOCHS [SEED]]]
 * </pre>
 *
 * <p>or, in a project of your own that depends on reader-lib, {@code mvn exec:java -Dexec.mainClass=...} on a copy of this file. Exit
 * code 0 is done, 1 failed, 2 wrong usage. Files that were too large to fold stay in the source tree; name that tree in {@code
 * ReaderOptions.withAllowedSourceRoots} to read them, too. Here they are left out.
 */
public final class DataLoader {
  private static final String USAGE =
      "usage: DataLoader DATASET [THREADS (default 4) [EPOCHS (default 3) [SEED (default 1)]]]";

  private final FoldedDataset dataset;
  private final ExecutorService threads;
  private final int readers;

  private DataLoader(FoldedDataset dataset, ExecutorService threads, int readers) {
    this.dataset = dataset;
    this.threads = threads;
    this.readers = readers;
  }

  /** Runs and exits. */
  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }

  /** Runs, and returns the exit code. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    if (args.length < 1 || args.length > 4) {
      err.println(USAGE);
      return 2;
    }
    int readers;
    int epochs;
    long seed;
    try {
      readers = Math.toIntExact(number(args, 1, 4));
      epochs = Math.toIntExact(number(args, 2, 3));
      seed = number(args, 3, 1);
    } catch (IllegalArgumentException | ArithmeticException e) {
      err.println("error: " + e.getMessage() + "; " + USAGE);
      return 2;
    }
    ExecutorService threads = Executors.newFixedThreadPool(readers);
    try (FoldedDataset dataset = FoldedDataset.open(args[0], Map.of(), ReaderOptions.defaults())) {
      new DataLoader(dataset, threads, readers).train(epochs, seed, out);
      return 0;
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      err.println("error: " + oneLine(e));
      return 1;
    } finally {
      threads.shutdownNow();
    }
  }

  private static long number(String[] args, int index, long otherwise) {
    if (index >= args.length) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(args[index]);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("not a positive number: '" + args[index] + "'");
  }

  private void train(int epochs, long seed, PrintStream out) throws IOException {
    long skipped = dataset.snapshot().statistics().passThroughFiles();
    out.printf(
        Locale.ROOT,
        "snapshot %d of %s%s%n",
        dataset.snapshot().version(),
        dataset.location(),
        skipped == 0 ? "" : ": " + skipped + " pass-through files left out");
    for (int number = 1; number <= epochs; number++) {
      EpochOptions options = EpochOptions.of(seed, number).withPassThroughs(PassThroughs.LEFT_OUT);
      try (Epoch epoch = dataset.epoch(options)) {
        readEpoch(number, epoch, out);
      }
    }
  }

  /** Each file once, by whichever thread is free. A real loader would decode here and fill its batches. */
  private void readEpoch(int number, Epoch epoch, PrintStream out) throws IOException {
    LongAdder bytes = new LongAdder();
    long started = System.nanoTime();
    List<Callable<Void>> work = new ArrayList<>();
    for (int reader = 0; reader < readers; reader++) {
      work.add(() -> {
        for (Optional<EpochFile> next = epoch.poll(); next.isPresent(); next = epoch.poll()) {
          try (EpochFile file = next.get()) {
            bytes.add(file.buffer().remaining());
          }
        }
        return null;
      });
    }
    finish(work);
    double seconds = Math.max(secondsSince(started), 1e-9);
    out.printf(
        Locale.ROOT,
        "epoch %d: %d files, %d bytes in %.2f s: %.0f files/s, %.1f MB/s on %d threads; token %s%n",
        number,
        epoch.size(),
        bytes.sum(),
        seconds,
        epoch.size() / seconds,
        bytes.sum() / seconds / 1e6,
        readers,
        epoch.token());
  }

  private void finish(List<Callable<Void>> work) throws IOException {
    try {
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static double secondsSince(long started) {
    return (System.nanoTime() - started) / 1e9;
  }

  private static String oneLine(Exception e) {
    Throwable shown = e instanceof UncheckedIOException ? e.getCause() : e;
    String kind =
        shown instanceof FileSystemException ? "" : shown.getClass().getSimpleName() + ": ";
    return kind + String.valueOf(shown.getMessage()).lines().findFirst().orElse("");
  }
}
