package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexBlock;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * The index blocks of a snapshot's containers: each loaded when first asked for, once however many ask, and kept up to a bound in
 * bytes. A block on loan stays open until it is given back. Thread-safe.
 */
final class IndexBlockCache implements Closeable {
  private final List<ContainerSummary> containers;
  private final ContainerHandles handles;
  private final ReadStatistics statistics;
  private final LeaseCache<ContainerReader> readers;

  /** @param handles closed with this, when the last block on loan has come back */
  IndexBlockCache(
      List<ContainerSummary> containers,
      ContainerHandles handles,
      long bytes,
      ReadStatistics statistics) {
    this.containers = containers;
    this.handles = handles;
    this.statistics = statistics;
    this.readers = new LeaseCache<>(
        containers.size(),
        this::load,
        reader -> reader.index().residentBytes(),
        bytes,
        statistics.indexEvictions::increment,
        handles::close);
  }

  /** Borrows the reader of container {@code number}. */
  LeaseCache.Lease<ContainerReader> borrow(int number) throws IOException {
    return readers.borrow(number);
  }

  /** How a container is named in messages. */
  String name(int number) {
    return handles.name(number);
  }

  /** Bytes of resident index blocks. */
  long residentBytes() {
    return readers.residentWeight();
  }

  @Override
  public void close() {
    readers.close();
  }

  private ContainerReader load(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    ContainerReader reader = ContainerReader.open(handles.container(number), container.id());
    statistics.indexLoads.increment();
    try {
      check(container, number, reader.index());
      return reader;
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  /** A sound container that is not the one that the manifest describes must not answer for it. */
  private void check(ContainerSummary container, int number, IndexBlock index) throws IOException {
    int entries = index.entryCount();
    if (entries != container.entries()) {
      throw new CorruptDataException(
          handles.name(number),
          container.indexOffset(),
          "index block has %d entries, the manifest says %d",
          entries,
          container.entries());
    }
    if (entries > 0
        && !(container.range().contains(index.path(0).fileKey())
            && container.range().contains(index.path(entries - 1).fileKey()))) {
      throw new CorruptDataException(
          handles.name(number),
          container.indexOffset(),
          "index block goes from '%s' to '%s', beyond the key range in the manifest",
          index.path(0),
          index.path(entries - 1));
    }
  }
}
