package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadExtent;
import io.pleat.read.cache.CacheOptions;
import io.pleat.read.cache.ChunkCache;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochOptions;
import io.pleat.read.epoch.EpochToken;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.slf4j.LoggerFactory;

/**
 * One pinned snapshot of a dataset, read by logical path. Thread-safe; index blocks load lazily, once however many ask, and are cached
 * by bytes. After {@link #close()} calls throw IllegalStateException; one that runs meanwhile does so, too, or finishes. Streams and
 * opened files need no closing for the dataset's sake, but are of no use after it.
 */
public final class FoldedDataset implements Closeable {
  private static final long MAX_GAP_LOCAL = 16 << 10;
  private static final long MAX_GAP_REMOTE = 128 << 10;

  /** How many times the bytes of filters index blocks may have. */
  private static final int FILTER_SHARE = 4;

  private final Store store;
  private final PinnedSnapshot pinned;
  private final ReaderOptions options;
  private final ReadStatistics statistics = new ReadStatistics();
  private final ContainerHandles handles;
  private final IndexBlockCache blocks;
  private final FilterCache filters;
  private final Originals originals;
  private final PathLocator locator;
  private final DirectoryLister lister;
  private final FileReads files;
  private final ReadCrew crew;
  private final BatchReads batches;
  private final ContainerFiles containerFiles;

  private FoldedDataset(
      Store store,
      PinnedSnapshot pinned,
      Map<String, String> configuration,
      ReaderOptions options,
      LongSupplier clock,
      Runnable onDrained)
      throws IOException {
    this.store = store;
    this.pinned = pinned;
    this.options = options;
    boolean isLocal = store.traits().kind().equals("local");
    this.handles = new ContainerHandles(
        store,
        pinned.containers(),
        options.openContainers(),
        options.readRetries(),
        options
            .cache()
            .filter(wanted -> !isLocal)
            .map(wanted -> ChunkCache.open(wanted, store.location(), statistics.cache)),
        statistics,
        onDrained);
    this.blocks = new IndexBlockCache(
        pinned.containers(),
        handles,
        options.indexCacheBytes(),
        statistics,
        new SpareIndexes(store, pinned.snapshot().version()),
        options.indexPackFolder().isPresent()
            ? LocalPack.open(options.indexPackFolder().get(), store, pinned)
            : Optional.empty());
    this.filters = new FilterCache(
        pinned.containers(), handles, options.indexCacheBytes() / FILTER_SHARE, statistics);
    this.originals =
        new Originals(pinned.snapshot().sourceRoot(), options.allowedSourceRoots(), configuration);
    this.locator = new PathLocator(pinned, blocks, filters, statistics);
    this.lister = new DirectoryLister(pinned, blocks, locator);
    BufferPool pool = new BufferPool(options.pooledBytes(), statistics);
    OriginalFallback fallback = new OriginalFallback(
        pinned.containers().size(),
        blocks,
        originals,
        options.avoidance().toNanos(),
        clock,
        statistics);
    this.files =
        new FileReads(pinned, locator, blocks, handles, originals, fallback, pool, statistics);
    this.crew = new ReadCrew(options.readThreads());
    long maxGap = isLocal ? MAX_GAP_LOCAL : MAX_GAP_REMOTE;
    this.batches = new BatchReads(pinned, blocks, files, crew, maxGap, statistics);
    this.containerFiles = new ContainerFiles(store, pinned, blocks, batches, pool, originals, crew);
  }

  /**
   * Pins the newest snapshot of the dataset at {@code location}.
   *
   * @param configuration Hadoop settings for HDFS and S3 locations; ignored for local ones
   * @throws NoSuchFileException if there is no dataset
   */
  public static FoldedDataset open(
      String location, Map<String, String> configuration, ReaderOptions options)
      throws IOException {
    Store store = Stores.open(location, configuration);
    try {
      return new FoldedDataset(
          store,
          PinnedSnapshot.newest(store),
          configuration,
          options,
          System::nanoTime,
          () -> closeQuietly(store));
    } catch (Throwable e) {
      closeQuietly(store);
      throw e;
    }
  }

  /**
   * Reads one given version of the dataset at {@code location}.
   *
   * @param configuration Hadoop settings for HDFS and S3 locations; ignored for local ones
   * @throws NoSuchFileException if there is no such version
   */
  public static FoldedDataset open(
      String location, long version, Map<String, String> configuration, ReaderOptions options)
      throws IOException {
    Store store = Stores.open(location, configuration);
    try {
      DatasetLog log = DatasetLog.open(store);
      return new FoldedDataset(
          store,
          PinnedSnapshot.of(log, log.snapshot(version)),
          configuration,
          options,
          System::nanoTime,
          () -> closeQuietly(store));
    } catch (Throwable e) {
      closeQuietly(store);
      throw e;
    }
  }

  /**
   * Pins the newest snapshot of the dataset rooted at {@code store}, which stays the caller's to close, after this.
   *
   * @param configuration Hadoop settings for the source root
   * @throws NoSuchFileException if there is no dataset
   */
  public static FoldedDataset open(
      Store store, Map<String, String> configuration, ReaderOptions options) throws IOException {
    return open(store, configuration, options, System::nanoTime);
  }

  /** @param clock as System.nanoTime */
  static FoldedDataset open(
      Store store, Map<String, String> configuration, ReaderOptions options, LongSupplier clock)
      throws IOException {
    return new FoldedDataset(
        store, PinnedSnapshot.newest(store), configuration, options, clock, () -> {});
  }

  /**
   * Reads one given snapshot of the dataset rooted at {@code store}, which stays the caller's to close, after this.
   *
   * @param configuration Hadoop settings for the source root
   */
  public static FoldedDataset open(
      Store store, Snapshot snapshot, Map<String, String> configuration, ReaderOptions options)
      throws IOException {
    return new FoldedDataset(
        store,
        PinnedSnapshot.of(DatasetLog.open(store), snapshot),
        configuration,
        options,
        System::nanoTime,
        () -> {});
  }

  /** The pinned snapshot. */
  public Snapshot snapshot() {
    return pinned.snapshot();
  }

  /** The containers of the pinned snapshot, in order of their first keys. */
  public List<ContainerSummary> containers() {
    return pinned.containers();
  }

  /** Whether the reader's options allow reading under the source root that the dataset names. */
  public boolean maySeeSource() {
    return SourceRoots.allow(options.allowedSourceRoots(), snapshot().sourceRoot());
  }

  /** Loads the tombstones of the pinned snapshot, for whoever shows its source beside it; the caller closes them. */
  public RemovedItems removedItems() throws IOException {
    return RemovedItems.load(store, snapshot());
  }

  /** Where the dataset is, for people and records. */
  public String location() {
    return store.location();
  }

  /** What was done so far. */
  public ReadStatistics statistics() {
    return statistics;
  }

  /** Where a file's bytes are; nothing if no live entry has this path. */
  public Optional<Location> locate(LogicalPath path) throws IOException {
    return locator.entry(path).map(Location::new);
  }

  /**
   * What it takes to read a file's bytes; nothing if no live entry has this path. The quickest lookup: it asks for no attributes, and
   * makes no garbage beyond its result.
   */
  public Optional<PayloadExtent> payload(LogicalPath path) throws IOException {
    return locator.payload(path);
  }

  /** What a listing would show of {@code path}, file or directory; nothing if nothing live is there. */
  public Optional<ListedItem> find(LogicalPath path) throws IOException {
    return locator.find(path);
  }

  /**
   * A file's bytes, checksums verified: one positional read of exactly what is stored. If that fails, also when repeated, they come from the
   * file's original, where the reader's options allow it and it is still what was folded. The caller owns the buffer.
   *
   * @throws NoSuchFileException if no live entry has this path
   * @throws io.pleat.format.CorruptDataException if container or payload are damaged
   * @throws SourceNotAllowedException if it is a pass-through file of a source root that is not allowed
   * @throws PassThroughChangedException if it is a pass-through file and no longer what was folded
   */
  public ByteBuffer read(LogicalPath path) throws IOException {
    return files.read(path);
  }

  /**
   * The same in pooled direct memory, which the caller gives back by {@link PooledBytes#close}: the quickest read, and it makes no garbage
   * beyond its result. Throws as {@link #read(LogicalPath)} does.
   */
  public PooledBytes readPooled(LogicalPath path) throws IOException {
    return files.readPooled(path);
  }

  /**
   * A part of a file. Of a folded file the whole payload is read and its checksum verified, of a pass-through file only the part. The caller
   * owns the buffer. Throws as {@link #read(LogicalPath)} does, and
   *
   * @param offset first byte, at least 0
   * @param length how many bytes, at least 0
   * @throws java.io.EOFException if the file ends before the part does
   */
  public ByteBuffer read(LogicalPath path, long offset, int length) throws IOException {
    return files.read(path, offset, length);
  }

  /**
   * The bytes of many files, as {@link #read(LogicalPath)} gives them, lazily and in the order of {@code paths}, from few large reads, several at a time.
   * Holds about {@link ReaderOptions#batchBytes()} ready. Not thread-safe. A failure is an UncheckedIOException when it is that file's
   * turn; an iterator of the stream can go on behind it.
   */
  public Stream<ByteBuffer> readAll(List<LogicalPath> paths) {
    PooledReads reads = readAllPooled(paths);
    return StreamSupport.stream(
            Spliterators.spliterator(
                new CopiedReads(reads), paths.size(), Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .onClose(reads::close);
  }

  /** The same in pooled memory, without a copy. Close it, if it is not read to its end. */
  public PooledReads readAllPooled(List<LogicalPath> paths) {
    return new PooledReads(new BatchReader(
        batches, crew, List.copyOf(paths), options.batchBytes(), options.readThreads() > 1));
  }

  /**
   * The bytes of many files at once and in the order of {@code paths}, read by the dataset's own threads. What cannot be read fails alone, see
   * {@link PooledBatch#get}. The answer is held as a whole, so it is limited: it fails with an IllegalArgumentException if the files have
   * more than {@link ReaderOptions#batchBytes()}. Batches that are asked for beside each other wait for a free thread.
   */
  public CompletableFuture<PooledBatch> readAllAsync(List<LogicalPath> paths) {
    List<LogicalPath> asked = List.copyOf(paths);
    return crew.start(() -> readWhole(asked));
  }

  private PooledBatch readWhole(List<LogicalPath> paths) {
    batches.prepare(paths);
    List<BatchItem> items = new ArrayList<>(paths.size());
    long bytes = 0;
    for (LogicalPath path : paths) {
      BatchItem item = batches.locate(path);
      bytes += item.length();
      checkArgument(
          bytes <= options.batchBytes(),
          "a batch of %s files has more than %s bytes; ask for fewer, or raise ReaderOptions.withBatchBytes",
          paths.size(),
          options.batchBytes());
      items.add(item);
    }
    batches.read(items);
    return new PooledBatch(items);
  }

  /**
   * One epoch of training over all files: every file exactly once over the ranks, in an order that only the arguments and the snapshot
   * decide. See {@link Epoch}; close it.
   *
   * @param epoch number of the epoch, at least 0: each has an order of its own
   * @param rank which of the readers this is, from 0
   * @param worldSize how many readers share the files
   */
  public Epoch epoch(long seed, long epoch, int rank, int worldSize) throws IOException {
    return epoch(EpochOptions.of(seed, epoch).withRank(rank, worldSize));
  }

  /** One epoch of training; see {@link Epoch}. Close it. */
  public Epoch epoch(EpochOptions options) throws IOException {
    return Epoch.open(containerFiles, options);
  }

  /**
   * An epoch from where another, perhaps in another process, was left: what that had handed out is neither read nor handed out again.
   *
   * @param options those of the other
   * @throws IllegalArgumentException if the token is of another snapshot or of other options
   */
  public Epoch resume(EpochToken token, EpochOptions options) throws IOException {
    return Epoch.resume(containerFiles, options, token);
  }

  /**
   * What a cache on a local disk holds of this dataset, to be closed before it. Independent of {@link ReaderOptions#cache}.
   *
   * @throws IllegalArgumentException if the dataset is on a local disk itself
   */
  public DatasetCache cacheIn(CacheOptions cache) {
    DatasetCache.requireRemote(store.traits().kind().equals("local"), location());
    return new DatasetCache(containerFiles, handles, cache);
  }

  /** The live files by container and ordinal. */
  public ContainerFiles containerFiles() {
    return containerFiles;
  }

  /**
   * Opens a file for positional reads. Of a folded file the whole payload is read and verified when first read from; a pass-through
   * file is checked against what was recorded now, and not again.
   *
   * @throws NoSuchFileException if no live entry has this path
   */
  public ByteSource open(LogicalPath path) throws IOException {
    return files.open(files.locate(path));
  }

  /** Opens a file as a read-only channel that can seek; otherwise as {@link #open} does. */
  public SeekableByteChannel openChannel(LogicalPath path) throws IOException {
    return new FileChannelView(open(path));
  }

  /**
   * The live children of a directory in key order (files by name, then directories by name), lazily. Failures on the way are
   * UncheckedIOExceptions.
   *
   * @throws NoSuchFileException if there is no such directory
   * @throws NotDirectoryException if it is a file
   */
  public Stream<ListedItem> list(LogicalPath directory) throws IOException {
    requireDirectory(directory);
    return stream(lister.children(directory));
  }

  /**
   * Everything live below a directory in key order, the directory itself first and each directory before what it holds, lazily.
   * Failures on the way are UncheckedIOExceptions.
   *
   * @throws NoSuchFileException if there is no such directory
   * @throws NotDirectoryException if it is a file
   */
  public Stream<ListedItem> listRecursively(LogicalPath directory) throws IOException {
    return listRecursively(directory, ListingFilter.everything());
  }

  /**
   * What {@code filter} shows of a directory and everything live below it, in the order of {@link #listRecursively(LogicalPath)} and as
   * lazily. Subtrees in which nothing can match are skipped unseen.
   *
   * @throws NoSuchFileException if there is no such directory
   * @throws NotDirectoryException if it is a file
   */
  public Stream<ListedItem> listRecursively(LogicalPath directory, ListingFilter filter)
      throws IOException {
    return stream(lister.subtree(requireDirectory(directory), filter));
  }

  private ListedItem requireDirectory(LogicalPath directory) throws IOException {
    Optional<ListedItem> found = locator.directory(directory);
    if (found.isPresent()) {
      return found.get();
    }
    if (locator.entry(directory).isPresent()) {
      throw new NotDirectoryException(directory.toString());
    }
    throw new NoSuchFileException(
        directory.toString(),
        null,
        "no such directory in snapshot " + snapshot().version());
  }

  private static Stream<ListedItem> stream(Iterator<ListedItem> items) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(
            items, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.DISTINCT),
        false);
  }

  /** Bytes of resident index blocks. */
  long residentIndexBytes() {
    return blocks.residentBytes();
  }

  /** How many containers are open at the store. */
  long openContainers() {
    return handles.openCount();
  }

  @Override
  public void close() throws IOException {
    crew.close();
    filters.close();
    blocks.close(); // the rest follows when the last borrower has left
    originals.close();
  }

  private static void closeQuietly(Store store) {
    try {
      store.close();
    } catch (IOException e) {
      LoggerFactory.getLogger(FoldedDataset.class).debug("closing {} failed", store, e);
    }
  }
}
