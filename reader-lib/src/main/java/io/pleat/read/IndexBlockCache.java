package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadExtent;
import io.pleat.format.PayloadReader;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The index blocks of a snapshot's containers: each loaded by one read when first asked for, once however many ask, and kept up to a
 * bound in bytes. A block on loan stays open until it is given back. Thread-safe.
 */
final class IndexBlockCache implements Closeable {
  private final List<ContainerSummary> containers;
  private final ContainerHandles handles;
  private final ReadStatistics statistics;
  private final LeaseCache<IndexedContainer> loaded;

  /** @param handles closed with this, when the last block on loan has come back */
  IndexBlockCache(
      List<ContainerSummary> containers,
      ContainerHandles handles,
      long bytes,
      ReadStatistics statistics) {
    this.containers = containers;
    this.handles = handles;
    this.statistics = statistics;
    this.loaded = new LeaseCache<>(
        containers.size(),
        this::load,
        container -> container.index().residentBytes(),
        bytes,
        statistics.indexEvictions::increment,
        handles::close);
  }

  /** Borrows container {@code number}. */
  LeaseCache.Lease<IndexedContainer> borrow(int number) throws IOException {
    return loaded.borrow(number);
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
      IndexedContainer resident = loaded.peek(number);
      if (resident == null) {
        try (LeaseCache.Lease<IndexedContainer> lease = borrow(number)) {
          return call.on(lease.value().index());
        }
      }
      try {
        return call.on(resident.index());
      } catch (IllegalStateException e) {
        if (loaded.peek(number) == resident) {
          throw e;
        }
      }
    }
  }

  /** The same of {@link IndexBlock#locate(LogicalPath, long)}, without a call to make. */
  Optional<PayloadExtent> locate(int number, LogicalPath path, long hash) throws IOException {
    IndexedContainer resident = loaded.peek(number);
    if (resident != null) {
      try {
        return resident.index().locate(path, hash);
      } catch (IllegalStateException e) {
        if (loaded.peek(number) == resident) {
          throw e;
        }
      }
    }
    return with(number, index -> index.locate(path, hash));
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
  }

  private IndexedContainer load(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    ByteSource file = handles.container(number);
    IndexBlock index = IndexBlock.open(file, container.indexOffset(), container.id());
    statistics.indexLoads.increment();
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
