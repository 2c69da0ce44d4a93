package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.MappedIndexPack;
import io.pleat.format.PathLookup;
import io.pleat.format.PayloadExtent;
import io.pleat.format.PayloadReader;
import io.pleat.format.UnsupportedFormatException;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The index blocks of a snapshot's containers: each loaded by one read when first asked for, once however many ask, and kept up to a
 * bound in bytes, or used in place from an index pack. A block on loan stays open until it is given back. Thread-safe.
 */
final class IndexBlockCache implements Closeable {
  private final List<ContainerSummary> containers;
  private final ContainerHandles handles;
  private final ReadStatistics statistics;
  private final LeaseCache<IndexedContainer> loaded;
  private final SpareIndexes spares;
  private final Optional<MappedIndexPack> pack;
  private final LeaseCache<IndexedContainer> packed;

  /** Which containers are known not to be in the pack. Racing threads write what any of them would. */
  private final boolean[] notPacked;

  /** Lookups of resident blocks, so that one leads there from a container's number; or of blocks that were closed since, which say so. */
  private final AtomicReferenceArray<PathLookup> lookups;

  /**
   * @param handles closed with this, when the last block on loan has come back
   * @param spares where blocks come from that cannot be read from their containers; closed with this
   * @param pack blocks that are used in place and not counted; closed with this
   */
  IndexBlockCache(
      List<ContainerSummary> containers,
      ContainerHandles handles,
      long bytes,
      ReadStatistics statistics,
      SpareIndexes spares,
      Optional<MappedIndexPack> pack) {
    this.containers = containers;
    this.handles = handles;
    this.statistics = statistics;
    this.spares = spares;
    this.pack = pack;
    this.notPacked = new boolean[containers.size()];
    this.lookups = new AtomicReferenceArray<>(containers.size());
    AtomicInteger undrained = new AtomicInteger(2);
    Runnable onDrained = () -> {
      if (undrained.decrementAndGet() == 0) {
        handles.close();
      }
    };
    this.loaded = new LeaseCache<>(
        containers.size(),
        this::load,
        container -> container.index().residentBytes(),
        bytes,
        number -> {
          lookups.set(number, null);
          statistics.indexEvictions.increment();
        },
        onDrained);
    this.packed = new LeaseCache<>(
        containers.size(),
        this::usePacked,
        container -> 0,
        Long.MAX_VALUE,
        number -> {},
        onDrained);
  }

  /** Borrows container {@code number}. */
  LeaseCache.Lease<IndexedContainer> borrow(int number) throws IOException {
    if (pack.isPresent() && !notPacked[number]) {
      try {
        return packed.borrow(number);
      } catch (NotPackedException e) {
        notPacked[number] = true;
      }
    }
    return loaded.borrow(number);
  }

  /** Whether using a container's index block would wait for nothing. */
  boolean isResident(int number) {
    return resident(number) != null;
  }

  /** Whether every container's index block is in memory. */
  boolean isWholeResident() {
    return loaded.residentCount() + packed.residentCount() >= containers.size();
  }

  /** What is loaded or mapped of a container; null if nothing is. */
  private IndexedContainer resident(int number) {
    return pack.isPresent() && !notPacked[number] ? packed.peek(number) : loaded.peek(number);
  }

  /** One use of an index block. */
  interface Call<T> {
    T on(IndexBlock index) throws IOException;
  }

  /**
   * What {@code call} makes of an index block. It runs on the resident block without borrowing it, and once more if the block was evicted
   * meanwhile; so it must change nothing.
   *
   * @throws IllegalStateException if the cache was closed
   */
  <T> T with(int number, Call<T> call) throws IOException {
    // What is counted here, all threads would count in one cache line. Blocks guard themselves.
    while (true) {
      IndexedContainer known = resident(number);
      if (known == null) {
        statistics.indexMisses.increment();
        try (LeaseCache.Lease<IndexedContainer> lease = borrow(number)) {
          return call.on(lease.value().index());
        }
      }
      try {
        return call.on(known.index());
      } catch (IllegalStateException e) {
        if (resident(number) == known) {
          throw e;
        }
      }
    }
  }

  /** The same of {@link IndexBlock#locate(LogicalPath, long)}, without a call to make, and by the shortest way. */
  Optional<PayloadExtent> locate(int number, LogicalPath path, long hash) throws IOException {
    PathLookup known = lookups.get(number);
    if (known != null) {
      loaded.touch(number);
      try {
        return known.locate(path, hash);
      } catch (IllegalStateException e) {
        lookups.compareAndSet(number, known, null);
      }
    }
    Optional<PayloadExtent> found = with(number, index -> index.locate(path, hash));
    remember(number);
    return found;
  }

  private void remember(int number) throws IOException {
    IndexedContainer now = resident(number);
    if (now == null) {
      return;
    }
    PathLookup ready;
    try {
      ready = now.index().lookups();
    } catch (IllegalStateException e) {
      return; // evicted
    }
    lookups.set(number, ready);
    if (resident(number) != now) { // evicted, perhaps before it was set
      lookups.compareAndSet(number, ready, null);
    }
  }

  /** How a container is named in messages. */
  String name(int number) {
    return handles.name(number);
  }

  /** Bytes of resident index blocks. */
  long residentBytes() {
    return loaded.residentWeight();
  }

  @Override
  public void close() {
    loaded.close();
    packed.close();
    spares.close();
    pack.ifPresent(MappedIndexPack::close);
  }

  /** The pack has no such block, or none that is of use. */
  private static final class NotPackedException extends IOException {
    private static final long serialVersionUID = 1;
  }

  private IndexedContainer usePacked(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    ByteSource file = handles.container(number);
    MappedIndexPack from = pack.orElseThrow();
    try {
      Optional<IndexBlock> found =
          from.block(container.id(), container.length(), container.indexOffset(), damage -> {
            giveUp(from, damage);
            return openOwn(container, file);
          });
      if (found.isPresent()) {
        IndexedContainer usable = checked(container, found.get(), file);
        statistics.packedIndexes.increment();
        return usable;
      }
    } catch (CorruptDataException | UnsupportedFormatException e) {
      giveUp(from, e);
    }
    throw new NotPackedException();
  }

  private void giveUp(MappedIndexPack damaged, IOException damage) {
    statistics.packDamages.increment();
    LocalPack.discard(damaged.file(), damage);
  }

  private IndexedContainer load(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    ByteSource file = handles.container(number);
    for (int failures = 1; ; failures++) {
      try {
        return checked(container, openOwn(container, file), file);
      } catch (IOException e) {
        if (!handles.mayRetry(
            number, container.indexOffset(), container.indexBytes(), failures, e)) {
          Optional<IndexBlock> spare = spares.find(container, e);
          if (spare.isEmpty()) {
            throw e;
          }
          statistics.spareIndexes.increment();
          return checked(container, spare.get(), file);
        }
      }
    }
  }

  private IndexBlock openOwn(ContainerSummary container, ByteSource file) throws IOException {
    IndexBlock index = IndexBlock.open(file, container.indexOffset(), container.id());
    statistics.indexLoads.increment();
    return index;
  }

  private static IndexedContainer checked(
      ContainerSummary container, IndexBlock index, ByteSource file) throws IOException {
    try {
      check(container, index, file);
      return new IndexedContainer(file, index, PayloadReader.of(index, file.toString()));
    } catch (Throwable e) {
      index.close();
      throw e;
    }
  }

  /** A sound container that is not the one that the manifest describes must not answer for it. */
  private static void check(ContainerSummary container, IndexBlock index, ByteSource file)
      throws IOException {
    int entries = index.entryCount();
    if (entries != container.entries()) {
      throw new CorruptDataException(
          file.toString(),
          container.indexOffset(),
          "index block has %d entries, the manifest says %d",
          entries,
          container.entries());
    }
    if (entries > 0
        && !(container.range().contains(index.path(0).fileKey())
            && container.range().contains(index.path(entries - 1).fileKey()))) {
      throw new CorruptDataException(
          file.toString(),
          container.indexOffset(),
          "index block goes from '%s' to '%s', beyond the key range in the manifest",
          index.path(0),
          index.path(entries - 1));
    }
  }
}
