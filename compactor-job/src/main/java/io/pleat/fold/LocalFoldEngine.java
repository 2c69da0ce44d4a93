package io.pleat.fold;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.LooseList;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Runs the steps of a fold in this process, on threads and without an engine. Lists in one task and holds all rows in memory, about
 * 500 bytes each while they are sorted: for trees, and datasets, of up to some 10^6 files.
 */
public final class LocalFoldEngine implements FoldEngine {
  private static final ListingBudget ALL =
      new ListingBudget(Long.MAX_VALUE, Integer.MAX_VALUE, KeySample.NO_BOUND);

  private final int threads;
  private final LongAdder writtenFiles = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private List<byte[]> listing = List.of();
  private List<byte[]> plan = List.of();

  /** @param threads that write containers at once, each with reads of its own in flight */
  public LocalFoldEngine(int threads) {
    checkArgument(threads > 0, "%s threads, at least 1 is needed", threads);
    this.threads = threads;
  }

  @Override
  public int concurrentTasks() {
    return threads;
  }

  @Override
  public ListingTotals inventory(FoldSteps steps) throws IOException {
    List<byte[]> all = new ArrayList<>();
    drain(steps.list(List.of(FoldSteps.rootUnit()).iterator(), ALL), all::add);
    listing = all;
    return FoldSteps.totals(listing.iterator());
  }

  @Override
  public List<byte[]> plan(FoldSteps steps, OptionalLong baseVersion, List<HeldContainer> base)
      throws IOException {
    List<Map.Entry<byte[], byte[]>> rows = new ArrayList<>();
    listing.forEach(block -> addRows(block, rows));
    for (int i = 0; baseVersion.isPresent() && i < base.size(); i++) {
      drain(steps.held(baseVersion.getAsLong(), base.get(i)), block -> addRows(block, rows));
    }
    rows.sort((a, b) -> Arrays.compareUnsigned(a.getKey(), b.getKey()));
    List<byte[]> planned = new ArrayList<>();
    steps.plan(0, rows.iterator()).forEachRemaining(planned::add);
    plan = planned;
    return List.of(steps.slices(0, plan.iterator()));
  }

  private static void drain(FoldSteps.Blocks blocks, Consumer<byte[]> sink) throws IOException {
    try (blocks) {
      blocks.forEachRemaining(sink);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void addRows(byte[] block, List<Map.Entry<byte[], byte[]>> rows) {
    FoldSteps.forEachRow(block, (key, value) -> rows.add(new SimpleImmutableEntry<>(key, value)));
  }

  @Override
  public Written written() {
    return new Written(writtenFiles.sum(), writtenBytes.sum());
  }

  @Override
  public List<StagedGroup> write(FoldSteps steps, List<FoldGroup> groups) throws IOException {
    ExecutorService writers = Executors.newFixedThreadPool(threads, task -> {
      Thread thread = new Thread(task, "pleat-fold");
      thread.setDaemon(true);
      return thread;
    });
    try {
      List<Future<StagedGroup>> tasks = new ArrayList<>();
      for (int i = 0; i < groups.size(); i++) {
        int part = i;
        tasks.add(writers.submit(() -> {
          StagedGroup staged = steps.write(part, groups.size(), groups.get(part), plan.iterator());
          writtenFiles.add(staged.newFiles());
          writtenBytes.add(staged.newBytes());
          return staged;
        }));
      }
      List<StagedGroup> staged = new ArrayList<>();
      for (Future<StagedGroup> task : tasks) {
        staged.add(await(task));
      }
      return staged;
    } finally {
      writers.shutdownNow();
      awaitEnd(writers);
    }
  }

  private static StagedGroup await(Future<StagedGroup> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the fold was interrupted");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException("fold failed: " + e.getCause(), e.getCause());
    }
  }

  /** A task that still runs could leave a container behind whoever cleans up after a failure. */
  private static void awaitEnd(ExecutorService writers) {
    boolean interrupted = false;
    while (true) {
      try {
        if (writers.awaitTermination(1, java.util.concurrent.TimeUnit.MINUTES)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public List<LooseList> writeLoose(FoldSteps steps) throws IOException {
    return steps.writeLoose(0, listing.iterator());
  }

  @Override
  public void close() {
    listing = List.of();
    plan = List.of();
  }
}
