package io.pleat.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import io.pleat.format.Entry;
import io.pleat.read.FileChoice;
import io.pleat.read.FileChoice.PassThroughs;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListingFilter;
import io.pleat.read.PooledBytes;
import io.pleat.read.ReaderOptions;
import io.pleat.read.cache.CacheOptions;
import io.pleat.read.cache.ChunkCache;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Random reads and epochs of a remote dataset without a cache, with an empty one and with one that has what is read. Arguments: {@code DATASET FOLDER READS
 * ROUNDS SEED THREADS MEMORY CONFIGURATION}; the latter is JSON. Prints, by way, the medians of files/s, of bytes fetched from the store a byte asked for, and
 * of CPU microseconds a file, as JSON.
 */
public final class CacheReads {
  private static final long CACHE_BYTES = 1L << 40;

  private final String location;
  private final Map<String, String> configuration;
  private final int threads;
  private final Map<String, List<Cost>> costs = new TreeMap<>();
  private List<Entry> entries = List.of();

  private record Cost(double rate, double fetched, double micros) {}

  private interface Reading {
    /** How many files were read. */
    long read(FoldedDataset dataset) throws Exception;
  }

  private CacheReads(String location, Map<String, String> configuration, int threads) {
    this.location = location;
    this.configuration = configuration;
    this.threads = threads;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[1]);
    int reads = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    long seed = Long.parseLong(args[4]);
    Map<String, String> configuration =
        new ObjectMapper().readValue(args[7], new TypeReference<Map<String, String>>() {});
    CacheReads bench = new CacheReads(args[0], configuration, Integer.parseInt(args[5]));
    ReaderOptions plain = ReaderOptions.defaults().withReadThreads(bench.threads);
    ReaderOptions cached = plain.withCache(CacheOptions.of(folder, CACHE_BYTES));
    EpochOptions epoch = EpochOptions.of(seed, 0)
        .withMemoryBytes(Long.parseLong(args[6]))
        .withPassThroughs(PassThroughs.LEFT_OUT)
        .withoutLease();
    try (FoldedDataset dataset = FoldedDataset.open(args[0], configuration, plain)) {
      bench.entries = ReadSides.folded(dataset);
    }
    for (int round = -1; round < rounds; round++) {
      boolean counts = round >= 0;
      List<Entry> drawn = ReadSides.draw(bench.entries, reads, new Random(seed + round));
      bench.measure(counts, "random, no cache", plain, dataset -> bench.random(dataset, drawn));
      ChunkCache.evictAll(folder, args[0]);
      bench.measure(counts, "random, empty", cached, dataset -> bench.random(dataset, drawn));
      bench.measure(counts, "random, full", cached, dataset -> bench.random(dataset, drawn));
      EpochOptions order = epoch.withEpoch(round + 1);
      bench.measure(counts, "epoch, no cache", plain, dataset -> epoch(dataset, order));
      ChunkCache.evictAll(folder, args[0]);
      bench.measure(counts, "epoch, empty", cached, dataset -> epoch(dataset, order));
      bench.measure(counts, "epoch, full", cached, dataset -> epoch(dataset, order));
      bench.measure(
          counts, "random after an epoch", cached, dataset -> bench.random(dataset, drawn));
    }
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("files", bench.entries.size());
    bench.costs.forEach((name, each) -> results.put(
        name,
        List.of(
            median(each.stream().map(Cost::rate).toList()),
            median(each.stream().map(Cost::fetched).toList()),
            median(each.stream().map(Cost::micros).toList()))));
    System.out.println(new ObjectMapper().writeValueAsString(results));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private void measure(boolean counts, String name, ReaderOptions options, Reading reading)
      throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (FoldedDataset dataset = FoldedDataset.open(location, configuration, options)) {
      for (int i = 0; i < dataset.containers().size(); i++) {
        // Index blocks first, for all ways alike.
        dataset
            .containerFiles()
            .visit(
                i,
                0,
                0,
                new FileChoice(ListingFilter.everything(), PassThroughs.INCLUDED),
                row -> {});
      }
      long fetchedBefore = dataset.statistics().storeBytes();
      long askedBefore = dataset.statistics().bytesRead();
      long cpu = system.getProcessCpuTime();
      long start = System.nanoTime();
      long files = reading.read(dataset);
      double seconds = (System.nanoTime() - start) / 1e9;
      double micros = (system.getProcessCpuTime() - cpu) / 1e3 / files;
      double asked = Math.max(1, dataset.statistics().bytesRead() - askedBefore);
      if (counts) {
        costs
            .computeIfAbsent(name, key -> new ArrayList<>())
            .add(new Cost(
                files / seconds,
                (dataset.statistics().storeBytes() - fetchedBefore) / asked,
                micros));
      }
    }
  }

  private long random(FoldedDataset dataset, List<Entry> drawn) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Void>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        running.add(pool.submit(() -> {
          for (int i = first; i < drawn.size(); i += threads) {
            try (PooledBytes bytes = dataset.readPooled(drawn.get(i).path())) {
              if (bytes.length() != drawn.get(i).length()) {
                throw new IOException(drawn.get(i) + " has " + bytes.length() + " bytes");
              }
            }
          }
          return null;
        }));
      }
      for (Future<Void> each : running) {
        each.get();
      }
    } finally {
      pool.shutdown();
    }
    return drawn.size();
  }

  private static long epoch(FoldedDataset dataset, EpochOptions options) throws IOException {
    long files = 0;
    try (Epoch epoch = dataset.epoch(options)) {
      while (epoch.hasNext()) {
        epoch.next().close();
        files++;
      }
    }
    return files;
  }
}
