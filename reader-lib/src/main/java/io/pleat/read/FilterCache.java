package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.CorruptDataException;
import io.pleat.format.PathFilter;
import java.io.Closeable;
import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
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

  /** Sound filters that were asked, so that many are gone through at once; or closed since, which shows. */
  private final AtomicReferenceArray<PathFilter> known;

  private final BitSet filtered = new BitSet();

  FilterCache(
      List<ContainerSummary> containers,
      ContainerHandles handles,
      long bytes,
      ReadStatistics statistics) {
    this.containers = containers;
    this.handles = handles;
    this.statistics = statistics;
    this.known = new AtomicReferenceArray<>(containers.size());
    for (int i = 0; i < containers.size(); i++) {
      filtered.set(i, containers.get(i).filter().isPresent());
    }
    this.loaded = new LeaseCache<>(
        containers.size(),
        this::load,
        Loaded::residentBytes,
        bytes,
        number -> known.set(number, null),
        () -> {});
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
    return filtered.get(number);
  }

  /**
   * The first container that has a filter and may hold the path of this hash.
   *
   * @param numbers of containers
   * @param from where to start in them
   * @return its place in {@code numbers}; their length if there is none
   * @throws IllegalStateException if the cache was closed
   */
  int next(int[] numbers, int from, long hash) throws IOException {
    for (int at = from; ; at++) {
      at = PathFilter.next(known, numbers, at, hash);
      if (at == numbers.length) {
        return at;
      }
      int number = numbers[at];
      if (filtered.get(number)) {
        boolean mayHold;
        try {
          mayHold = mayHold(number, hash);
        } catch (IOException e) {
          Interruptions.rethrow(e);
          return at; // it cannot be read now; whoever asks the container itself says why
        }
        remember(number);
        if (mayHold) {
          return at;
        }
      }
    }
  }

  private void remember(int number) {
    Loaded now = loaded.peek(number);
    if (now == null || known.get(number) == now.filter) {
      return;
    }
    known.set(number, now.filter);
    if (loaded.peek(number) != now) { // evicted, perhaps before it was set
      known.compareAndSet(number, now.filter, null);
    }
  }

  /**
   * Whether container {@code number}, which has a filter, may hold the path of this hash.
   *
   * @throws IllegalStateException if the cache was closed
   */
  private boolean mayHold(int number, long hash) throws IOException {
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
