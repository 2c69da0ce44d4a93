package io.pleat.read.epoch;

import static io.pleat.format.Preconditions.checkArgument;
import static io.pleat.format.Preconditions.checkState;

import io.pleat.dataset.RenewedLease;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.read.ContainerFiles;
import io.pleat.read.ContainerFiles.FileAnswer;
import io.pleat.read.PassThroughChangedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One rank's files of one epoch, shuffled, with their bytes, read ahead by threads of its own. The order depends on the snapshot and the
 * options alone, not on threads, machine or time. Files go to whoever asks next: thread-safe, but the order in which threads
 * handle what they got is theirs. Each file is the caller's to close.
 */
public final class Epoch implements Iterator<EpochFile>, AutoCloseable {
  private static final int IDLE_SECONDS = 10;

  private final ContainerFiles dataset;
  private final EpochOptions options;
  private final EpochOrder order;
  private final List<ContainerId> lost;
  private final long digest;
  private final Optional<RenewedLease> lease;
  private final ThreadPoolExecutor threads;

  // Guarded by this.
  private long position;
  private int nextWindow;
  private Optional<LoadedWindow> current = Optional.empty();
  private Optional<LoadedWindow> following = Optional.empty();
  private Optional<EpochFile> pending = Optional.empty();
  private long skipped;
  private long waits;
  private long waitedNanos;
  private boolean closed;

  private Epoch(
      ContainerFiles dataset,
      EpochOptions options,
      EpochOrder order,
      List<ContainerId> lost,
      long digest,
      Optional<RenewedLease> lease) {
    this.dataset = dataset;
    this.options = options;
    this.order = order;
    this.lost = lost;
    this.digest = digest;
    this.lease = lease;
    AtomicInteger number = new AtomicInteger();
    this.threads = new ThreadPoolExecutor(
        dataset.threads(),
        dataset.threads(),
        IDLE_SECONDS,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        work -> {
          Thread thread = new Thread(work, "pleat-epoch-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    threads.allowCoreThreadTimeOut(true);
    dataset.keepIdle(options.memoryBytes());
  }

  /** An epoch from its start. Reads the index blocks of all containers that may hold its files. */
  public static Epoch open(ContainerFiles dataset, EpochOptions options) throws IOException {
    return open(dataset, options, Optional.empty());
  }

  /**
   * An epoch from where another was left.
   *
   * @throws IllegalArgumentException if the token is of another snapshot or of other options
   */
  public static Epoch resume(ContainerFiles dataset, EpochOptions options, EpochToken token)
      throws IOException {
    return open(dataset, options, Optional.of(token));
  }

  private static Epoch open(
      ContainerFiles dataset, EpochOptions options, Optional<EpochToken> token) throws IOException {
    token.ifPresent(asked -> checkSnapshot(dataset, asked));
    Optional<RenewedLease> lease = lease(dataset, options);
    try {
      Chunks chunks = Chunks.cut(dataset, options);
      if (chunks.passThrough().isPresent()) {
        dataset.requireSourceAllowed(chunks.passThrough().get());
      }
      EpochOrder order = new EpochOrder(chunks, options, options.windowBytes());
      long digest = new SplitMix(
              chunks.digest(dataset), options.windowBytes(), options.uneven().ordinal())
          .nextLong();
      Epoch epoch = new Epoch(dataset, options, order, chunks.lost(), digest, lease);
      token.ifPresent(epoch::seek);
      return epoch;
    } catch (Throwable e) {
      if (lease.isPresent()) {
        lease.get().close();
      }
      throw e;
    }
  }

  private static Optional<RenewedLease> lease(ContainerFiles dataset, EpochOptions options)
      throws IOException {
    if (options.lease().isZero()) {
      return Optional.empty();
    }
    String holder = "epoch " + options.epoch() + ", rank " + options.rank() + " of "
        + options.worldSize() + ", " + ManagementFactory.getRuntimeMXBean().getName();
    try {
      return Optional.of(dataset.pin(options.lease(), holder));
    } catch (IOException e) {
      throw new IOException(
          "snapshot " + dataset.snapshot().version() + " cannot be pinned by a lease (" + e
              + "); a reader that may not write to the dataset asks for none by"
              + " EpochOptions.withoutLease(): " + dataset.location(),
          e);
    }
  }

  private static void checkSnapshot(ContainerFiles dataset, EpochToken token) {
    Snapshot snapshot = dataset.snapshot();
    checkArgument(
        token.version() == snapshot.version() && token.commitId().equals(snapshot.commitId()),
        "token is of snapshot %s with commit id %s, this is snapshot %s with commit id %s: %s; open the dataset at"
            + " the token's version",
        token.version(),
        token.commitId(),
        snapshot.version(),
        snapshot.commitId(),
        dataset.location());
  }

  private void seek(EpochToken token) {
    checkArgument(
        token.seed() == options.seed()
            && token.epoch() == options.epoch()
            && token.rank() == options.rank()
            && token.worldSize() == options.worldSize(),
        "token is of seed %s, epoch %s, rank %s of %s; asked for seed %s, epoch %s, rank %s of %s",
        token.seed(),
        token.epoch(),
        token.rank(),
        token.worldSize(),
        options.seed(),
        options.epoch(),
        options.rank(),
        options.worldSize());
    checkArgument(
        token.digest() == digest,
        "token is of an epoch with other files or another order: filter, pass-through files, memory and how files are"
            + " shared must be those with which it was made");
    checkArgument(
        token.position() <= order.size(),
        "token is at position %s of %s",
        token.position(),
        order.size());
    position = token.position();
    nextWindow = position == order.size() ? order.windowCount() : order.windowAt(position);
  }

  /** How many files this rank reads in all. */
  public long size() {
    return order.size();
  }

  /** How many files of the order are behind this, those passed over included. */
  public synchronized long position() {
    return pending.isPresent() ? pending.get().position() : position;
  }

  /** Where this stands: behind the file that was handed out last. */
  public synchronized EpochToken token() {
    return new EpochToken(
        dataset.snapshot().version(),
        dataset.snapshot().commitId(),
        options.seed(),
        options.epoch(),
        options.rank(),
        options.worldSize(),
        digest,
        position());
  }

  /** Files that were passed over because they are damaged. */
  public synchronized long skipped() {
    return skipped;
  }

  /**
   * Containers that were left out as a whole, since their index blocks are damaged or missing; only with {@link EpochOptions.OnDamage#SKIP}. Nobody knows
   * which of their files were meant: they are neither in {@link #size} nor in {@link #skipped}.
   */
  public List<ContainerId> lostContainers() {
    return lost;
  }

  /** How often a file had to be waited for. */
  public synchronized long waits() {
    return waits;
  }

  /** How long, in all, in nanoseconds. */
  public synchronized long waitedNanos() {
    return waitedNanos;
  }

  /** Whether there is another file; waits until it is there, and throws as {@link #next} does if it cannot be read. */
  @Override
  public synchronized boolean hasNext() {
    if (pending.isEmpty()) {
      pending = advance();
    }
    return pending.isPresent();
  }

  /**
   * The next file, to be closed by the caller.
   *
   * @throws UncheckedIOException if it cannot be read; the next call goes on behind it
   * @throws IllegalStateException if this or the dataset was closed
   */
  @Override
  public synchronized EpochFile next() {
    return poll().orElseThrow(NoSuchElementException::new);
  }

  /** The next file; nothing at the end: for several threads that share an epoch. Otherwise as {@link #next}. */
  public synchronized Optional<EpochFile> poll() {
    if (!hasNext()) {
      return Optional.empty();
    }
    Optional<EpochFile> file = pending;
    pending = Optional.empty();
    return file;
  }

  private Optional<EpochFile> advance() {
    checkState(!closed, "the epoch was closed");
    while (position < order.size()) {
      LoadedWindow window = windowInHand();
      long at = position++;
      int place = (int) (at - window.window().start());
      try {
        FileAnswer answer = awaited(window, place);
        return Optional.of(new EpochFile(answer.path(), answer.take(), at));
      } catch (IOException e) {
        if (options.onDamage() == EpochOptions.OnDamage.FAIL || !isDamage(e)) {
          throw new UncheckedIOException(e);
        }
        skipped++;
      }
    }
    current = Optional.empty();
    return Optional.empty();
  }

  /** A store that does not answer is no damage: else an outage would skip everything. */
  private static boolean isDamage(IOException e) {
    return e instanceof CorruptDataException || e instanceof PassThroughChangedException;
  }

  private FileAnswer awaited(LoadedWindow window, int place) throws IOException {
    if (window.isLoaded(place)) {
      return window.await(place);
    }
    long start = System.nanoTime();
    try {
      return window.await(place);
    } finally {
      waits++;
      waitedNanos += System.nanoTime() - start;
    }
  }

  /** The window of the present position; starts to read the one behind it. */
  private LoadedWindow windowInHand() {
    if (current.isEmpty()
        || position >= current.get().window().start() + current.get().window().size()) {
      current = Optional.of(following.isPresent() ? following.get() : load());
      following = nextWindow < order.windowCount() ? Optional.of(load()) : Optional.empty();
    }
    return current.get();
  }

  private LoadedWindow load() {
    ShuffledWindow window = order.window(nextWindow++);
    int from = (int) Math.max(0, position - window.start());
    return new LoadedWindow(dataset, options, window, from, threads);
  }

  /** Gives back what was read ahead, and the lease. Files that were handed out stay as they are. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    pending.ifPresent(EpochFile::close);
    current.ifPresent(LoadedWindow::abandon);
    following.ifPresent(LoadedWindow::abandon);
    threads.shutdown();
    dataset.keepIdle(-options.memoryBytes());
    if (lease.isPresent()) {
      lease.get().close();
    }
  }
}
