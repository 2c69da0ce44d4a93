package io.pleat.fold;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.RunHistory;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import io.pleat.read.ReaderOptions;
import io.pleat.read.RemovedFiles;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingDetail;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what a fold of a source into a dataset would read, by the fold's own rules, without an engine: threads list directories and look each
 * file up in the newest snapshot. Writes nothing and reads no file of the source. Memory is bounded by the depth of the tree, the threads and
 * the reader's cache of index blocks.
 *
 * <p>In an object store a key that is also the prefix of others counts, though a fold leaves it loose.
 */
public final class PendingCount {
  /** Directories at once where a call takes long and no processor. */
  private static final int REMOTE_THREADS = 16;

  /** Subdirectories of one directory that wait at once, about 150 bytes each. */
  private static final int MOST_CHILDREN = 1 << 17;

  private static final long TELLS_EVERY_MILLIS = 200;

  private final FoldRequest request;
  private final ProgressListener progress;
  private final int mostChildren;
  private final LongAdder listed = new LongAdder();
  private Optional<RemovedFiles> removed = Optional.empty();

  /** @param request whose options on writing do not count */
  public PendingCount(FoldRequest request, ProgressListener progress) {
    this(request, progress, MOST_CHILDREN);
  }

  /** @param mostChildren subdirectories of one directory that wait at once, at least 1 */
  PendingCount(FoldRequest request, ProgressListener progress, int mostChildren) {
    this.request = request;
    this.progress = progress;
    this.mostChildren = mostChildren;
  }

  /**
   * Counts.
   *
   * @throws IllegalArgumentException if source or dataset cannot be used, as a fold would say it
   */
  public PendingReport run() throws IOException {
    try (Store source = Stores.open(request.source(), request.configuration());
        Store dataset = Stores.open(request.dataset(), request.configuration())) {
      FoldAction.checkLocations(source, dataset);
      Optional<Snapshot> base = FoldAction.findBase(source, dataset, DatasetLog.open(dataset));
      if (base.isEmpty()) {
        return count(source, Optional.empty(), OptionalLong.empty(), Optional.empty());
      }
      try (FoldedDataset held = FoldedDataset.open(
              dataset, base.get(), request.configuration(), ReaderOptions.defaults());
          RemovedFiles removedFiles = RemovedFiles.open(dataset, base.get())) {
        removed = Optional.of(removedFiles);
        return count(
            source,
            Optional.of(held),
            OptionalLong.of(base.get().version()),
            RunHistory.lastFold(dataset, base.get()));
      }
    }
  }

  private PendingReport count(
      Store source, Optional<FoldedDataset> held, OptionalLong version, Optional<Instant> lastFold)
      throws IOException {
    long started = System.nanoTime();
    progress.phase("list", 0, 0);
    int threads = threads(source);
    PendingDirectories directories = new PendingDirectories();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch running = new CountDownLatch(threads);
    List<Lister> listers = new ArrayList<>();
    List<Thread> workers = new ArrayList<>();
    Throttle throttle = Throttle.share(request.options(), 1);
    for (int i = 0; i < threads; i++) {
      Lister lister = new Lister(source, held, throttle, directories);
      listers.add(lister);
      Thread thread = new Thread(
          () -> {
            try {
              lister.run();
            } catch (Throwable e) {
              failure.compareAndSet(null, e);
              directories.stop();
            } finally {
              running.countDown();
            }
          },
          "pleat-pending-" + i);
      thread.setDaemon(true);
      thread.start();
      workers.add(thread);
    }
    await(running, directories, workers);
    rethrow(failure.get());
    return report(listers, version, lastFold, (System.nanoTime() - started) / 1e9);
  }

  private int threads(Store source) {
    if (request.options().parallelism() > 0) {
      return request.options().parallelism();
    }
    int processors = Runtime.getRuntime().availableProcessors();
    return source.traits().kind().equals("local")
        ? processors
        : Math.max(REMOTE_THREADS, processors);
  }

  private void await(CountDownLatch running, PendingDirectories directories, List<Thread> threads)
      throws IOException {
    try {
      while (!running.await(TELLS_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        progress.progress(listed.sum(), 0);
      }
    } catch (InterruptedException e) {
      directories.stop();
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the count was interrupted");
    }
  }

  private static void rethrow(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw new IOException("the count failed: " + failure, failure);
    }
  }

  private static PendingReport report(
      List<Lister> listers, OptionalLong version, Optional<Instant> lastFold, double seconds) {
    List<String> sample = new ArrayList<>();
    for (Lister lister : listers) {
      lister.notListedSample.stream()
          .limit(FoldReport.SAMPLE_SIZE - (long) sample.size())
          .forEach(sample::add);
    }
    return new PendingReport(
        version,
        lastFold,
        listers.stream().mapToLong(lister -> lister.newFiles).sum(),
        listers.stream().mapToLong(lister -> lister.changedFiles).sum(),
        listers.stream().mapToLong(lister -> lister.racyFiles).sum(),
        listers.stream().mapToLong(lister -> lister.waitingBytes).sum(),
        listers.stream().mapToLong(lister -> lister.sourceFiles).sum(),
        listers.stream().mapToLong(lister -> lister.passThroughFiles).sum(),
        listers.stream().mapToLong(lister -> lister.directories).sum(),
        listers.stream().mapToLong(lister -> lister.notListed).sum(),
        sample,
        seconds);
  }

  /** One thread's part, with its own tallies. */
  private final class Lister implements ListingVisitor {
    private final Store source;
    private final Optional<FoldedDataset> held;
    private final Throttle throttle;
    private final PendingDirectories waiting;
    private final ListingSelection selection = new ListingSelection(request.options());

    private PendingDirectories.Unit unit;
    private PendingDirectories.Children children;
    private boolean descends;

    private long newFiles;
    private long changedFiles;
    private long racyFiles;
    private long waitingBytes;
    private long sourceFiles;
    private long passThroughFiles;
    private long directories;
    private long notListed;
    private final List<String> notListedSample = new ArrayList<>();

    Lister(
        Store source, Optional<FoldedDataset> held, Throttle throttle, PendingDirectories waiting) {
      this.source = source;
      this.held = held;
      this.throttle = throttle;
      this.waiting = waiting;
    }

    void run() throws IOException, InterruptedException {
      while (true) {
        Optional<PendingDirectories.Unit> next = waiting.take();
        if (next.isEmpty()) {
          return;
        }
        throttle.request();
        long before = sourceFiles;
        list(next.get());
        listed.add(sourceFiles - before);
        waiting.done(children.units());
      }
    }

    private void list(PendingDirectories.Unit next) throws IOException {
      unit = next;
      children = new PendingDirectories.Children(unit, mostChildren);
      LogicalPath directory = unit.directory();
      descends = !source.traits().flat() || unit.depth() < ListingTask.FLAT_DEPTH;
      if (!unit.isContinued()) {
        directories++;
      }
      try {
        if (descends) {
          source.list(
              directory, held.isPresent() ? ListingDetail.ATTRIBUTES : ListingDetail.LENGTHS, this);
        } else {
          source.listRecursively(directory, this);
        }
      } catch (NoSuchFileException | NotDirectoryException e) {
        if (directory.isRoot()) {
          throw e;
        }
        // Gone since its parent was listed: nothing waits there.
      } catch (AccessDeniedException e) {
        if (directory.isRoot()) {
          throw e;
        }
        addNotListed(directory + "/", "permission denied");
      }
    }

    @Override
    public void visit(FileInfo file) throws IOException {
      if (file.kind() == FileInfo.Kind.DIRECTORY) {
        if (descends && selection.enters(file.path())) {
          children.add(file.path());
        }
      } else if (file.kind() == FileInfo.Kind.FILE
          && !unit.isContinued()
          && selection.takes(file.path())) {
        visitFile(file);
      }
    }

    private void visitFile(FileInfo file) throws IOException {
      sourceFiles++;
      if (selection.passesThrough(file.length())) {
        passThroughFiles++;
        return;
      }
      Optional<Location> entry =
          held.isPresent() ? held.get().locate(file.path()) : Optional.empty();
      if (entry.isEmpty()
          && removed.isPresent()
          && removed.get().contains(file.path(), file.length(), file.attributes())) {
        return;
      }
      if (entry.isEmpty()) {
        newFiles++;
      } else if (!isUnchanged(entry.get().entry(), file)) {
        changedFiles++;
      } else if (DiffMerge.isReadAgain(entry.get().entry().racy(), false)) {
        racyFiles++;
      } else {
        return;
      }
      waitingBytes += file.length();
    }

    private static boolean isUnchanged(Entry entry, FileInfo file) {
      return DiffMerge.isUnchanged(
          entry.length(), entry.attributes(), file.length(), file.attributes());
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {
      if (!unit.isContinued()) {
        addNotListed(displayName, reason);
      }
    }

    private void addNotListed(String path, String reason) {
      notListed++;
      if (notListedSample.size() < FoldReport.SAMPLE_SIZE) {
        notListedSample.add(path + " (" + reason + ")");
      }
    }
  }
}
