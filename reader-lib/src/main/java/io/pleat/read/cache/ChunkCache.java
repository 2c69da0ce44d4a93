package io.pleat.read.cache;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One dataset's part of a folder in which chunks of containers are kept. Whatever goes wrong there, bytes come from the store. Thread-safe, and
 * any number of processes may use one folder.
 */
public final class ChunkCache implements AutoCloseable {
  /*
   * A chunk appears under its name whole, by a rename, and is never changed; its checksums say whether it is what was written, so nothing is
   * synced, and a power cut leaves at worst a chunk that is thrown away. A process that dies leaves a file with a temporary name, which
   * the next eviction deletes, and an account that says too much, which it puts right.
   */

  /** Bytes of a chunk; the last one of a container has fewer. */
  public static final int CHUNK_LENGTH = ChunkFile.DATA_LENGTH;

  private static final Logger LOGGER = LoggerFactory.getLogger(ChunkCache.class);
  private static final int MOST_OPEN = 512;
  private static final int MOST_TRIES = 8;
  private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long NOTED_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final CacheOptions options;
  private final Path dataset;
  private final String location;
  private final CacheStatistics statistics;
  private final String temporarySuffix = "." + UUID.randomUUID() + ".tmp";
  private final ConcurrentHashMap<Key, CompletableFuture<ByteBuffer>> fetching =
      new ConcurrentHashMap<>();

  /** Guarded by itself. */
  private final Map<Key, ChunkFile> open = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, ChunkFile> eldest) {
      if (size() > MOST_OPEN) {
        closeQuietly(eldest.getValue()); // who reads from it opens it again
        return true;
      }
      return false;
    }
  };

  private volatile CacheEviction.Meanwhile meanwhile = CacheEviction.Meanwhile.GIVE_UP;
  private volatile boolean paused;
  private volatile long pausedUntil;

  /** A chunk of a container. */
  record Key(ContainerId container, long number) {}

  private ChunkCache(CacheOptions options, String location, CacheStatistics statistics) {
    this.options = options;
    this.location = location;
    this.dataset = CacheFolder.dataset(options.folder(), location);
    this.statistics = statistics;
  }

  /**
   * Opens the part of the dataset at {@code location}. A folder that cannot be made or written is a warning: then nothing is kept.
   *
   * @param statistics counts what is done
   */
  public static ChunkCache open(CacheOptions options, String location, CacheStatistics statistics) {
    ChunkCache cache = new ChunkCache(options, location, statistics);
    try {
      CacheFolder.make(options.folder(), cache.dataset, location);
    } catch (IOException e) {
      cache.pause(e);
    }
    return cache;
  }

  /** The same for who loads ahead, and waits for room while another makes some, instead of keeping less. */
  public static ChunkCache openPatiently(
      CacheOptions options, String location, CacheStatistics statistics) {
    ChunkCache cache = open(options, location, statistics);
    cache.meanwhile = CacheEviction.Meanwhile.WAIT;
    return cache;
  }

  /** Opens a container at its store, which is put off until something has to be fetched. */
  public interface Opener {
    /** Opens it; it is closed with what reads from it. */
    ByteSource open() throws IOException;
  }

  /**
   * A container, read through this cache.
   *
   * @param length of the container, in bytes
   * @param name for messages
   */
  public ByteSource through(ContainerId container, long length, String name, Opener opener) {
    return new CachedSource(this, container, length, name, opener);
  }

  /** What is done, counted. */
  public CacheStatistics statistics() {
    return statistics;
  }

  /** How it was opened. */
  public CacheOptions options() {
    return options;
  }

  /** Numbers of the chunks of a container that are there. */
  public BitSet present(ContainerId container) throws IOException {
    BitSet numbers = new BitSet();
    CacheFolder.visitChunksOf(
        CacheFolder.container(dataset, container), (file, attributes, isChunk) -> {
          if (isChunk) {
            numbers.set((int) CacheFolder.number(file));
          }
        });
    return numbers;
  }

  /** Whether all of {@code count} chunks of a container are there, from {@code first} on. */
  public boolean isKept(ContainerId container, long first, int count) {
    for (long number = first; number < first + count; number++) {
      if (!Files.exists(path(new Key(container, number)))) {
        return false;
      }
    }
    return true;
  }

  /** Has chunks of a container count as just used. */
  public void noteUse(ContainerId container, BitSet numbers) {
    numbers.stream().forEach(number -> noteUse(path(new Key(container, number))));
  }

  /**
   * A dataset of which a folder holds chunks.
   *
   * @param location of the dataset
   * @param chunks how many
   * @param bytes that they take on disk
   */
  public record CachedDataset(String location, long chunks, long bytes) {}

  /** The datasets of which {@code folder} holds chunks, by location. */
  public static List<CachedDataset> datasets(Path folder) throws IOException {
    List<CachedDataset> found = new ArrayList<>();
    CacheFolder.visitDatasets(folder, dataset -> {
      String location = dataset.toString();
      try {
        location = Files.readString(dataset.resolve("location"));
      } catch (IOException e) {
        LOGGER.debug("whose chunks are in {} is not known", dataset, e);
      }
      long[] sums = {0, 0};
      CacheFolder.visitChunks(dataset, (file, attributes, isChunk) -> {
        sums[0] += isChunk ? 1 : 0;
        sums[1] += attributes.size();
      });
      if (sums[1] > 0) {
        found.add(new CachedDataset(location, sums[0], sums[1]));
      }
    });
    found.sort(Comparator.comparing(CachedDataset::location));
    return found;
  }

  /**
   * Deletes everything that {@code folder} holds of a dataset, which need not exist any more.
   *
   * @return bytes of the disk that this frees
   */
  public static long evictAll(Path folder, String location) throws IOException {
    long[] freed = {0};
    Path dataset = CacheFolder.dataset(folder, location);
    CacheFolder.visitChunks(dataset, (file, attributes, isChunk) -> {
      if (Files.deleteIfExists(file)) {
        freed[0] += attributes.size();
      }
      CacheEviction.removeIfEmpty(file.getParent());
    });
    if (freed[0] > 0) {
      give(CacheFolder.account(dataset), freed[0]);
      give(CacheFolder.account(folder), freed[0]);
    }
    return freed[0];
  }

  /** Deletes some chunks of a container, wherever they are read from just now. Gives the bytes on disk that this frees. */
  public long evict(ContainerId container, BitSet numbers) throws IOException {
    long[] freed = {0};
    Path folder = CacheFolder.container(dataset, container);
    CacheFolder.visitChunksOf(folder, (file, attributes, isChunk) -> {
      long number = CacheFolder.number(file);
      if (isChunk && numbers.get((int) number) && Files.deleteIfExists(file)) {
        freed[0] += attributes.size();
        drop(new Key(container, number));
      }
    });
    CacheEviction.removeIfEmpty(folder);
    release(freed[0]);
    return freed[0];
  }

  /**
   * Throws away what is kept of a range, because it turned out to be wrong although its checksums fit: the store must have given it so.
   *
   * @param from first byte of the container
   * @param length in bytes
   */
  public void distrust(ContainerId container, long from, long length) {
    long last = (from + Math.max(1, length) - 1) / CHUNK_LENGTH;
    for (long number = from / CHUNK_LENGTH; number <= last; number++) {
      discard(new Key(container, number));
    }
  }

  private void discard(Key key) {
    drop(key);
    Path file = path(key);
    try {
      long size = Files.size(file);
      if (Files.deleteIfExists(file)) {
        statistics.damagedChunks.increment();
        release(size);
      }
    } catch (NoSuchFileException e) {
      return; // it is gone
    } catch (IOException e) {
      pause(e);
    }
  }

  private void drop(Key key) {
    ChunkFile dropped;
    synchronized (open) {
      dropped = open.remove(key);
    }
    if (dropped != null) {
      closeQuietly(dropped);
    }
  }

  private Path path(Key key) {
    return CacheFolder.chunk(dataset, key.container, key.number);
  }

  // ---- reading

  /** Whether a chunk is there, as far as can be told without reading it. */
  boolean has(Key key) {
    synchronized (open) {
      if (open.containsKey(key)) {
        return true;
      }
    }
    return Files.exists(path(key));
  }

  /**
   * Fills {@code target} with what a chunk has from {@code at} on, if it is there and sound.
   *
   * @param length of the chunk's data
   * @throws ClosedByInterruptException if the thread was interrupted
   */
  boolean read(Key key, int length, int at, ByteBuffer target) throws IOException {
    int start = target.position();
    for (int tries = 0; tries < 2; tries++) {
      try {
        ChunkFile chunk = opened(key, length);
        chunk.read(at, target);
        noteUse(chunk);
        statistics.hits.increment();
        statistics.hitBytes.add(target.position() - start);
        return true;
      } catch (ClosedByInterruptException e) {
        drop(key);
        throw e;
      } catch (ClosedChannelException e) {
        drop(key); // too many were open, or another thread was interrupted
      } catch (NoSuchFileException e) {
        break;
      } catch (ChunkFile.DamagedException e) {
        LOGGER.debug("fetched anew: {}", e.getMessage());
        discard(key);
        break;
      } catch (IOException e) {
        LOGGER.debug("chunk cannot be read: {}", path(key), e);
        drop(key);
        break;
      }
      target.position(start);
    }
    target.position(start);
    return false;
  }

  private ChunkFile opened(Key key, int length) throws IOException {
    synchronized (open) {
      ChunkFile known = open.get(key);
      if (known != null) {
        return known;
      }
    }
    ChunkFile fresh = ChunkFile.open(path(key), key.container, key.number, length);
    ChunkFile raced;
    synchronized (open) {
      raced = open.putIfAbsent(key, fresh);
    }
    if (raced == null) {
      return fresh;
    }
    fresh.close();
    return raced;
  }

  private void noteUse(ChunkFile chunk) {
    if (chunk.isUseWorthNoting(System.nanoTime(), NOTED_EVERY_NANOS)) {
      noteUse(chunk.path());
    }
  }

  private static void noteUse(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
    } catch (IOException e) {
      LOGGER.trace("use is not noted: {}", file, e);
    }
  }

  // ---- fetching

  /** Registers the caller as the one that fetches a chunk; or gives what another thread does. */
  Optional<CompletableFuture<ByteBuffer>> claim(Key key) {
    return Optional.ofNullable(fetching.putIfAbsent(key, new CompletableFuture<>()));
  }

  /** Hands a chunk that the caller had claimed to whoever waits for it, and keeps it. */
  void fetched(Key key, ByteBuffer data) {
    statistics.misses.increment();
    try {
      keep(key, data);
    } finally {
      fetching.remove(key).complete(data);
    }
  }

  /** Ends a claim without a chunk. */
  void failed(Key key, Throwable reason) {
    CompletableFuture<ByteBuffer> claimed = fetching.remove(key);
    if (claimed != null) {
      claimed.completeExceptionally(reason);
    }
  }

  /** Counts a use of a chunk that another thread fetched. */
  void shared(int bytes) {
    statistics.hits.increment();
    statistics.hitBytes.add(bytes);
  }

  private void keep(Key key, ByteBuffer data) {
    if (paused && System.nanoTime() - pausedUntil < 0) {
      statistics.unstoredChunks.increment();
      return;
    }
    Path file = path(key);
    Path temporary = file.resolveSibling(file.getFileName() + temporarySuffix);
    long size = ChunkFile.fileLength(data.remaining());
    boolean reserved = false;
    try {
      if (Files.exists(file)) {
        return; // another process was quicker
      }
      reserved = reserve(size);
      if (!reserved) {
        statistics.unstoredChunks.increment();
        return;
      }
      write(temporary, key, data);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      statistics.storedChunks.increment();
      statistics.storedBytes.add(size);
      if (paused) {
        paused = false;
        LOGGER.info("chunks can be kept again in {}", options.folder());
      }
    } catch (IOException | UnsupportedOperationException e) {
      statistics.unstoredChunks.increment();
      deleteQuietly(temporary);
      if (reserved) {
        release(size);
      }
      if (!Thread.currentThread().isInterrupted()) {
        pause(e);
      }
    }
  }

  private static void write(Path temporary, Key key, ByteBuffer data) throws IOException {
    for (int tries = 0; ; tries++) {
      try {
        ChunkFile.write(temporary, key.container, key.number, data);
        return;
      } catch (NoSuchFileException e) {
        if (tries == 2) {
          throw e;
        }
        Files.createDirectories(temporary.getParent()); // the first, or an eviction found it empty
      } catch (FileAlreadyExistsException e) {
        if (tries == 2) {
          throw e;
        }
        Files.deleteIfExists(temporary); // an earlier try of ours
      }
    }
  }

  /* Here and in release, who dies half-way leaves the sum of all too high, never too low. */

  /** Takes room for {@code size} bytes, making it if need be. */
  private boolean reserve(long size) throws IOException {
    CacheAccount all = CacheFolder.account(options.folder());
    CacheAccount own = CacheFolder.account(dataset);
    for (int tries = 0; tries < MOST_TRIES; tries++) { // each account may be unknown, or full
      if (!take(all, size, options.bytes())) {
        if (!CacheEviction.ofAll(options.folder(), options.bytes(), statistics, meanwhile)) {
          return false;
        }
      } else if (take(own, size, options.datasetBytes())) {
        return true;
      } else {
        give(all, size);
        if (!CacheEviction.ofDataset(
            options.folder(), dataset, options.datasetBytes(), statistics, meanwhile)) {
          return false;
        }
      }
    }
    return false;
  }

  private static boolean take(CacheAccount account, long size, long limit) throws IOException {
    boolean[] taken = {false};
    account.update(total -> {
      taken[0] = total != CacheAccount.UNKNOWN && total + size <= limit;
      return taken[0] ? total + size : total;
    });
    return taken[0];
  }

  private static void give(CacheAccount account, long size) throws IOException {
    account.update(total -> total == CacheAccount.UNKNOWN ? total : Math.max(0, total - size));
  }

  private void release(long size) {
    if (size == 0) {
      return;
    }
    try {
      give(CacheFolder.account(dataset), size);
      give(CacheFolder.account(options.folder()), size);
    } catch (IOException e) {
      LOGGER.debug("account of {} is not right until the next eviction", dataset, e);
    }
  }

  /** No chunk is kept for a while; one line says so, until one could be kept. */
  private void pause(Exception reason) {
    pausedUntil = System.nanoTime() + PAUSE_NANOS;
    if (!paused) {
      paused = true;
      LOGGER.warn(
          "no chunks of {} are kept in {}, they are read from the store: {}",
          location,
          options.folder(),
          reason.toString());
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.debug("{} is left to the next eviction", file, e);
    }
  }

  private static void closeQuietly(ChunkFile chunk) {
    try {
      chunk.close();
    } catch (IOException e) {
      LOGGER.debug("closing {} failed", chunk.path(), e);
    }
  }

  /** Closes files; what was read through this cannot be read any more, or opens them again. */
  @Override
  public void close() {
    synchronized (open) {
      open.values().forEach(ChunkCache::closeQuietly);
      open.clear();
    }
  }
}
