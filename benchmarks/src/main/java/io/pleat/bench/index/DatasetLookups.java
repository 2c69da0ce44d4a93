package io.pleat.bench.index;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import io.pleat.bench.ProcessMemory;
import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.PathHash;
import io.pleat.format.SortKey;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReadStatistics;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Lookups in a dataset whose index is resident, beside lookups in one index block alone. Arguments: {@code DATASET QUERIES BLOCK_DATASET BLOCK_QUERIES
 * FOLDED_DATASET FOLDED_QUERIES ADDED_QUERIES LOOKUPS ROUNDS}; the block is the second dataset's only container, the third has seen many folds. Prints JSON.
 */
public final class DatasetLookups {
  /* Paths are made in pieces between the timed parts, so that they take little heap. */
  private static final int PIECE = 10_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final Map<String, Object> RESULTS = new LinkedHashMap<>();

  private DatasetLookups() {}

  /** Whether there is a file. */
  private interface Lookup {
    boolean find(LogicalPath path) throws IOException;
  }

  private record Cost(double nanos, double bytes) {}

  public static void main(String[] args) throws Exception {
    ProcessMemory.watch();
    int lookups = Integer.parseInt(args[7]);
    int rounds = Integer.parseInt(args[8]);
    ReaderOptions options = ReaderOptions.defaults().withIndexCacheBytes(1L << 40);
    try (FoldedDataset dataset = FoldedDataset.open(args[0], Map.of(), options);
        Store blockStore = Stores.open(args[2], Map.of());
        IndexBlock block = onlyBlock(args[2], blockStore)) {
      long start = System.nanoTime();
      for (ContainerSummary container : dataset.containers()) {
        LogicalPath first = LogicalPath.ofUtf8(SortKey.toPath(container.range().first()));
        require(dataset.payload(first).isPresent(), first + " is not there");
      }
      RESULTS.put("loadSeconds", (System.nanoTime() - start) / 1e9);
      RESULTS.put("containers", dataset.containers().size());
      RESULTS.put("blockEntries", block.entryCount());
      RESULTS.put("blocksLoaded", dataset.statistics().indexLoads());
      Lookup inDataset = path -> dataset.payload(path).isPresent();
      Lookup inBlock = path -> block.locate(path, PathHash.of(path)).isPresent();
      for (Queries.Kind kind : Queries.Kind.values()) {
        compare(
            kind,
            inDataset,
            Queries.read(Path.of(args[1]), kind, lookups),
            inBlock,
            Queries.read(Path.of(args[3]), kind, lookups),
            rounds);
      }
      twoThreads(inDataset, Queries.read(Path.of(args[1]), Queries.Kind.PRESENT, lookups), rounds);
      RESULTS.put("longestPauseMillis", ProcessMemory.longestPauseMillis());
      System.gc();
      Thread.sleep(500); // notifications come later
      RESULTS.put("liveHeapBytes", ProcessMemory.peakLiveHeap());
      RESULTS.put(
          "offHeapBytes",
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .mapToLong(BufferPoolMXBean::getMemoryUsed)
              .sum());
    }
    afterManyFolds(args, options, lookups, rounds);
    System.out.println(new ObjectMapper().writeValueAsString(RESULTS));
  }

  private static IndexBlock onlyBlock(String location, Store store) throws IOException {
    try (FoldedDataset dataset = FoldedDataset.open(location, Map.of(), ReaderOptions.defaults())) {
      ContainerSummary container = dataset.containers().get(0);
      try (ByteSource source = store.open(container.path())) {
        return IndexBlock.open(source, container.indexOffset(), container.id());
      }
    }
  }

  /** Both in turn, and the medians. */
  private static void compare(
      Queries.Kind kind,
      Lookup dataset,
      Queries datasetQueries,
      Lookup block,
      Queries blockQueries,
      int rounds)
      throws IOException {
    boolean present = kind == Queries.Kind.PRESENT;
    List<Double> ofDataset = new ArrayList<>();
    List<Double> ofBlock = new ArrayList<>();
    List<Double> garbage = new ArrayList<>();
    for (int round = -2; round < rounds; round++) {
      Cost one = run(block, blockQueries, present);
      Cost all = run(dataset, datasetQueries, present);
      if (round == 0) {
        ProcessMemory.clear();
      }
      if (round >= 0) {
        ofBlock.add(one.nanos);
        ofDataset.add(all.nanos);
        garbage.add(all.bytes);
      }
    }
    RESULTS.put(
        kind.name(),
        Map.of("dataset", median(ofDataset), "block", median(ofBlock), "garbage", median(garbage)));
  }

  /** CPU time and garbage a lookup. */
  private static Cost run(Lookup lookup, Queries queries, boolean present) throws IOException {
    long nanos = 0;
    long bytes = 0;
    LogicalPath[] paths = new LogicalPath[PIECE];
    for (int done = 0; done < queries.count(); done += PIECE) {
      int count = Math.min(PIECE, queries.count() - done);
      for (int i = 0; i < count; i++) {
        paths[i] = LogicalPath.ofUtf8(queries.path(done + i));
      }
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      long start = CpuTime.nanos();
      int found = 0;
      for (int i = 0; i < count; i++) {
        found += lookup.find(paths[i]) ? 1 : 0;
      }
      nanos += CpuTime.nanos() - start;
      bytes += THREADS.getCurrentThreadAllocatedBytes() - allocated;
      require(found == (present ? count : 0), found + " of " + count + " paths found");
    }
    return new Cost((double) nanos / queries.count(), (double) bytes / queries.count());
  }

  /** The cost of one of two threads beside that of one alone. */
  private static void twoThreads(Lookup lookup, Queries queries, int rounds) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Double> alone = new ArrayList<>();
      List<Double> together = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        alone.add(run(lookup, queries, true).nanos);
        Callable<Cost> task = () -> run(lookup, queries, true);
        for (Future<Cost> one : threads.invokeAll(List.of(task, task))) {
          together.add(one.get().nanos);
        }
      }
      RESULTS.put("aloneNanos", median(alone));
      RESULTS.put("togetherNanos", median(together));
    } finally {
      threads.shutdown();
    }
  }

  private static void afterManyFolds(String[] args, ReaderOptions options, int lookups, int rounds)
      throws IOException {
    try (FoldedDataset dataset = FoldedDataset.open(args[4], Map.of(), options)) {
      Lookup lookup = path -> dataset.payload(path).isPresent();
      Queries old = Queries.read(Path.of(args[5]), Queries.Kind.PRESENT, lookups);
      Queries added = Queries.read(Path.of(args[6]), Queries.Kind.PRESENT, lookups);
      Queries absent = Queries.read(Path.of(args[5]), Queries.Kind.ABSENT_NAME, lookups);
      ReadStatistics done = dataset.statistics();
      Map<String, Object> results = new LinkedHashMap<>();
      results.put("containers", dataset.containers().size());
      results.put("oldNanos", nanos(lookup, old, true, rounds));
      results.put("addedNanos", nanos(lookup, added, true, rounds));
      results.put("absentNanos", nanos(lookup, absent, false, rounds));
      results.put("blocksOld", searches(dataset, lookup, old, true));
      results.put("blocksAdded", searches(dataset, lookup, added, true));
      results.put("blocksAbsent", searches(dataset, lookup, absent, false));
      results.put("filtersLoaded", done.filterLoads());
      RESULTS.put("afterManyFolds", results);
    }
  }

  private static double nanos(Lookup lookup, Queries queries, boolean present, int rounds)
      throws IOException {
    List<Double> nanos = new ArrayList<>();
    for (int round = -2; round < rounds; round++) {
      double now = run(lookup, queries, present).nanos;
      if (round >= 0) {
        nanos.add(now);
      }
    }
    return median(nanos);
  }

  /** Index blocks that a lookup searched, of paths in the range of more than one. */
  private static double searches(
      FoldedDataset dataset, Lookup lookup, Queries queries, boolean present) throws IOException {
    ReadStatistics done = dataset.statistics();
    long lookups = done.sharedLookups();
    long searches = done.sharedSearches();
    run(lookup, queries, present);
    return (double) (done.sharedSearches() - searches)
        / Math.max(1, done.sharedLookups() - lookups);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
        .average()
        .orElseThrow();
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
