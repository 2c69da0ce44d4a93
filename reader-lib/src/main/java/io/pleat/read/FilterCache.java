package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.CorruptDataException;
import io.pleat.format.PathFilter;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * The filters of a snapshot's containers: each loaded by one read when first asked, once however many ask, and kept up to a bound in bytes. A damaged
 * filter is a warning, and then says of every path that it may be there: lookups stay exact. Thread-safe.
 */
final class FilterCache implements Closeable {
  private final List<ContainerSummary> containers;
  private final ContainerHandles handles;
  private final ReadStatistics statistics;
  private final LeaseCache<Loaded> loaded;

  FilterCache(
      List<ContainerSummary> containers,
      ContainerHandles handles,
      long bytes,
      ReadStatistics statistics) {
    this.containers = containers;
    this.handles = handles;
    this.statistics = statistics;
    this.loaded = new LeaseCache<>(
        containers.size(), this::load, Loaded::residentBytes, bytes, number -> {}, () -> {});
  }

  /** A filter; null if it is damaged. */
  private record Loaded(PathFilter filter) implements Closeable {
    long residentBytes() {
      return filter == null ? 0 : filter.residentBytes();
    }

    boolean mayHold(long hash) {
      return filter == null || filter.mayHold(hash);
    }

    @Override
    public void close() {
      if (filter != null) {
        filter.close();
      }
    }
  }

  /** Whether container {@code number} has a filter. */
  boolean has(int number) {
    return containers.get(number).filter().isPresent();
  }

  /**
   * Whether container {@code number}, which has a filter, may hold the path of this hash.
   *
   * @throws IllegalStateException if the cache was closed
   */
  boolean mayHold(int number, long hash) throws IOException {
    // Not borrowed: see IndexBlockCache.
    while (true) {
      Loaded resident = loaded.peek(number);
      if (resident == null) {
        try (LeaseCache.Lease<Loaded> lease = loaded.borrow(number)) {
          return lease.value().mayHold(hash);
        }
      }
      try {
        return resident.mayHold(hash);
      } catch (IllegalStateException e) {
        if (loaded.peek(number) == resident) {
          throw e;
        }
      }
    }
  }

  private Loaded load(int number) throws IOException {
    ContainerSummary container = containers.get(number);
    try {
      PathFilter filter =
          PathFilter.open(handles.container(number), container.filter(), container.id());
      statistics.filterLoads.increment();
      return new Loaded(filter);
    } catch (CorruptDataException e) {
      statistics.damagedFilters.increment();
      LoggerFactory.getLogger(FilterCache.class)
          .warn("lookups do without a damaged filter: {}", e.getMessage());
      return new Loaded(null);
    }
  }

  @Override
  public void close() {
    loaded.close();
  }
}
