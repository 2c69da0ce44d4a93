package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.read.cache.ChunkCache;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/** The containers of a snapshot as files: opened when first read, kept open up to a bound, shared by all threads. */
final class ContainerHandles implements Closeable {
  private static final int MOST_REOPENS = 3;

  private final Store store;
  private final List<ContainerSummary> containers;
  private final ReadStatistics statistics;
  private final LeaseCache<ByteSource> open;
  private final int retries;
  private final Optional<ChunkCache> cache;

  /**
   * @param cache what containers are read through, if the store is worth it; closed with the last container
   * @param retries how often a read that fails is repeated by those who ask {@link #mayRetry}
   * @param onDrained called once, after {@link #close()}, when the last container was closed at the store
   */
  ContainerHandles(
      Store store,
      List<ContainerSummary> containers,
      int mostOpen,
      int retries,
      Optional<ChunkCache> cache,
      ReadStatistics statistics,
      Runnable onDrained) {
    this.store = store;
    this.containers = containers;
    this.retries = retries;
    this.cache = cache;
    this.statistics = statistics;
    this.open =
        new LeaseCache<>(containers.size(), this::open, handle -> 1, mostOpen, number -> {}, () -> {
          cache.ifPresent(ChunkCache::close);
          onDrained.run();
        });
  }

  /** Container {@code number} as a file that can be read as long as this pool is not closed; needs no closing. */
  ByteSource container(int number) {
    return new Pooled(number);
  }

  /**
   * Whether to read a container once more that could not be read; it will then be opened anew, and what a cache has of the range be fetched anew.
   *
   * @param offset where was read
   * @param length of that, in bytes
   * @param failures how many tries have failed, this one included
   * @throws IOException {@code failure}, if it is that the thread was interrupted
   */
  boolean mayRetry(int number, long offset, long length, int failures, IOException failure)
      throws IOException {
    Interruptions.rethrow(failure);
    if (cache.isPresent() && failure instanceof CorruptDataException) {
      cache.get().distrust(containers.get(number).id(), offset, length);
    }
    if (failures > retries) {
      return false;
    }
    statistics.retries.increment();
    open.discard(number);
    return true;
  }

  /** How a container is named in messages. */
  String name(int number) {
    return store.location() + "/" + containers.get(number).path();
  }

  /** How many containers are open. */
  long openCount() {
    return open.residentWeight();
  }

  @Override
  public void close() {
    open.close();
  }

  private ByteSource open(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    return cache.isPresent()
        ? cache
            .get()
            .through(container.id(), container.length(), name(number), () -> openAtStore(number))
        : openAtStore(number);
  }

  private ByteSource openAtStore(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    ByteSource source;
    try {
      source = store.open(container.path(), container.length());
    } catch (NoSuchFileException e) {
      throw missing(number, e);
    }
    statistics.containerOpens.increment();
    if (source.length() != container.length()) {
      try (source) {
        throw new CorruptDataException(
            name(number),
            Math.min(source.length(), container.length()),
            "container has %d bytes, the manifest says %d",
            source.length(),
            container.length());
      }
    }
    return new Counted(source);
  }

  private CorruptDataException missing(int number, NoSuchFileException reason) {
    CorruptDataException missing = new CorruptDataException(
        name(number),
        0,
        "container is missing, the manifest says that it has %d bytes",
        containers.get(number).length());
    missing.initCause(reason);
    return missing;
  }

  /** An open container whose reads are counted. */
  private final class Counted implements ByteSource {
    private final ByteSource source;

    Counted(ByteSource source) {
      this.source = source;
    }

    @Override
    public long length() {
      return source.length();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      statistics.storeReads.increment();
      statistics.storeBytes.add(target.remaining());
      long from = System.nanoTime();
      source.readFully(position, target);
      statistics.storeReadLatency.record(System.nanoTime() - from);
    }

    @Override
    public void close() throws IOException {
      source.close();
    }

    @Override
    public String toString() {
      return source.toString();
    }
  }

  private final class Pooled implements ByteSource {
    private final int number;

    Pooled(int number) {
      this.number = number;
    }

    @Override
    public long length() {
      return containers.get(number).length();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      try {
        if (!isReadWithoutBorrowing(position, target)) {
          readBorrowed(position, target);
        }
      } catch (NoSuchFileException e) {
        throw missing(number, e); // the store did not look when the container was opened
      }
    }

    /* Threads that borrow the same container count in one cache line. If it is closed meanwhile, the read says so. */
    private boolean isReadWithoutBorrowing(long position, ByteBuffer target) throws IOException {
      ByteSource known = open.peek(number);
      if (known == null) {
        return false;
      }
      int start = target.position();
      try {
        known.readFully(position, target);
        return true;
      } catch (IOException | RuntimeException e) {
        if (open.peek(number) == known && !(e instanceof ClosedChannelException)) {
          throw e;
        }
        target.position(start);
        return false;
      }
    }

    private void readBorrowed(long position, ByteBuffer target) throws IOException {
      int start = target.position();
      for (int tries = 0; ; tries++) {
        try (LeaseCache.Lease<ByteSource> handle = open.borrow(number)) {
          try {
            handle.value().readFully(position, target);
            return;
          } catch (ClosedChannelException e) {
            // An interrupted thread closes the file under everybody else's feet: they open it
            // again.
            open.discard(handle);
            if (Thread.currentThread().isInterrupted() || tries == MOST_REOPENS) {
              throw e;
            }
            target.position(start);
          }
        }
      }
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return name(number);
    }
  }
}
