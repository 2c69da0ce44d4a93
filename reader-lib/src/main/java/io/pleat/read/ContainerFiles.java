package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.RenewedLease;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The live files of a pinned snapshot by container and ordinal, instead of by path: for whoever reads a dataset in an order of his own.
 * Thread-safe.
 */
public final class ContainerFiles {
  private final Store store;
  private final PinnedSnapshot pinned;
  private final IndexBlockCache blocks;
  private final BatchReads batches;
  private final BufferPool pool;
  private final Originals originals;
  private final ReadCrew crew;

  ContainerFiles(
      Store store,
      PinnedSnapshot pinned,
      IndexBlockCache blocks,
      BatchReads batches,
      BufferPool pool,
      Originals originals,
      ReadCrew crew) {
    this.store = store;
    this.pinned = pinned;
    this.blocks = blocks;
    this.batches = batches;
    this.pool = pool;
    this.originals = originals;
    this.crew = crew;
  }

  /** Where the dataset is, for people and records. */
  public String location() {
    return store.location();
  }

  /** The pinned snapshot. */
  public Snapshot snapshot() {
    return pinned.snapshot();
  }

  /** The containers, in order of their first keys; their places in this list are their numbers. */
  public List<ContainerSummary> containers() {
    return pinned.containers();
  }

  /** False if it is certain that a container holds no file that is meant; needs no index block. */
  public boolean mayHold(int container, FileChoice choice) {
    return containers().get(container).entries() > 0
        && choice.filter().canMatchIn(containers().get(container).range());
  }

  /**
   * Visits the live files of a container that are meant, in order of their ordinals, which is that of their places in it. The visitor must
   * not wait for anything.
   *
   * @param from first ordinal
   * @param to behind the last ordinal
   */
  public void visit(
      int container, int from, int to, FileChoice choice, IndexBlock.EntryVisitor visitor)
      throws IOException {
    DeletionVector dead = pinned.deletionVectors().get(container);
    IndexBlock.EntryVisitor living = row -> {
      if (!dead.contains(row.ordinal()) && choice.takes(row)) {
        visitor.visit(row);
      }
    };
    try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
      lease.value().index().scan(from, to, living);
    }
  }

  /**
   * The live files of a container that are meant, with their attributes, in order of their ordinals.
   *
   * @param from first ordinal
   * @param to behind the last ordinal
   */
  public List<Entry> entries(int container, int from, int to, FileChoice choice)
      throws IOException {
    DeletionVector dead = pinned.deletionVectors().get(container);
    List<Entry> living = new ArrayList<>();
    try (LeaseCache.Lease<IndexedContainer> lease = blocks.borrow(container)) {
      for (Entry entry : lease.value().index().entries(from, to)) {
        if (!dead.contains(entry.ordinal()) && choice.takes(entry)) {
          living.add(entry);
        }
      }
    }
    return living;
  }

  /**
   * Reads files that {@link #entries} gave, near ones together, several reads at a time.
   *
   * @return as many answers, in the same order; each has bytes, to be taken and released, or a failure
   */
  public List<FileAnswer> read(int container, List<Entry> files) {
    List<BatchItem> items = new ArrayList<>(files.size());
    for (Entry file : files) {
      BatchItem item = new BatchItem(file.path());
      item.file = new LocatedFile(file.path(), container, file.payload());
      items.add(item);
    }
    batches.read(items);
    return answers(items);
  }

  /**
   * Reads some of what {@link #visit} visits, in the calling thread, near files together.
   *
   * @param skip how many of those files to pass over
   * @param count how many to read behind them
   * @return as many answers, in the same order; each has bytes, to be taken and released, or a failure
   * @throws IOException if the files cannot be found: then none was read
   */
  public List<FileAnswer> read(
      int container, int from, int to, FileChoice choice, int skip, int count) throws IOException {
    List<BatchItem> items = new ArrayList<>(count);
    int[] passed = {0};
    visit(container, from, to, choice, row -> {
      int place = passed[0]++ - skip;
      if (place >= 0 && place < count) {
        BatchItem item = new BatchItem(row.path());
        item.file = new LocatedFile(item.path, container, row.payload());
        items.add(item);
      }
    });
    batches.readInTurn(items);
    return answers(items);
  }

  private static List<FileAnswer> answers(List<BatchItem> items) {
    List<FileAnswer> answers = new ArrayList<>(items.size());
    items.forEach(item -> answers.add(new FileAnswer(item)));
    return answers;
  }

  /**
   * Fails if a pass-through file of this snapshot cannot be read for want of permission.
   *
   * @throws SourceNotAllowedException if the source root is not among those that this reader's options allow
   */
  public void requireSourceAllowed(LogicalPath path) throws SourceNotAllowedException {
    originals.requireAllowed(path.toString());
  }

  /**
   * Pins the snapshot until the lease is closed, also against an expiry by another process.
   *
   * @param duration for which it stays pinned after this process has died
   * @param holder for people: who reads
   */
  public RenewedLease pin(Duration duration, String holder) throws IOException {
    return RenewedLease.acquire(store, snapshot().version(), duration, holder);
  }

  /** Runs a task for each number below {@code count}, several at a time, in the dataset's threads and the caller's. */
  public void forEach(int count, IntConsumer task) {
    crew.run(count, task);
  }

  /** How many reads of one batch or epoch run at once, by the reader's options. */
  public int threads() {
    return crew.threads();
  }

  /** Lets so many more bytes of pooled memory lie idle, until the same is taken back as a negative number. */
  public void keepIdle(long bytes) {
    pool.raiseBound(bytes);
  }

  /** What was done so far. */
  public ReadStatistics statistics() {
    return batches.statistics();
  }

  /** One file that was asked for. */
  public static final class FileAnswer {
    private final BatchItem item;

    private FileAnswer(BatchItem item) {
      this.item = item;
    }

    /** Its path. */
    public LogicalPath path() {
      return item.path;
    }

    /** Its bytes, which are from now on the caller's to release; or throws what failed. */
    public PooledBytes take() throws IOException {
      return item.take();
    }

    /** Gives back bytes that nobody took. */
    public void release() {
      item.release();
    }
  }
}
