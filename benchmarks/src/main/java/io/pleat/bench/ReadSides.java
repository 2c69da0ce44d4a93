package io.pleat.bench;

import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Ways to read the same files, measured in turn. */
final class ReadSides {
  /** One way to read a file. */
  interface Side {
    /** Reads it whole; returns how many bytes came. */
    long read(Entry entry) throws Exception;
  }

  /** One way to read many files at once. */
  interface BatchSide {
    /** Reads them whole; returns how many bytes came. */
    long read(List<Entry> entries) throws Exception;
  }

  private ReadSides() {}

  /** The live folded files of a dataset in key order. */
  static List<Entry> folded(FoldedDataset dataset) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<ListedItem> all = dataset.listRecursively(LogicalPath.ROOT)) {
      all.flatMap(item -> item.file().stream())
          .filter(entry -> entry.kind() == Entry.Kind.FOLDED)
          .forEach(entries::add);
    }
    return entries;
  }

  /** A random order of {@code count} of them, each as often as any other. */
  static List<Entry> draw(List<Entry> entries, int count, Random random) {
    List<Entry> shuffled = new ArrayList<>(entries);
    List<Entry> order = new ArrayList<>(count);
    while (order.size() < count) {
      Collections.shuffle(shuffled, random);
      order.addAll(shuffled.subList(0, Math.min(shuffled.size(), count - order.size())));
    }
    return order;
  }

  /** Files a second of each side: medians of {@code rounds}, after one that is not counted. */
  static Map<String, Double> measure(
      Map<String, Side> sides,
      List<Entry> entries,
      int reads,
      int rounds,
      int threads,
      Random random)
      throws Exception {
    Map<String, List<Double>> rates = new TreeMap<>();
    for (int round = -1; round < rounds; round++) {
      List<Entry> order = draw(entries, reads, random);
      for (Map.Entry<String, Side> side : sides.entrySet()) {
        double rate = rate(side.getValue(), order, threads);
        if (round >= 0) {
          rates.computeIfAbsent(side.getKey(), name -> new ArrayList<>()).add(rate);
        }
      }
    }
    return medians(rates);
  }

  static Map<String, Double> medians(Map<String, List<Double>> runs) {
    Map<String, Double> medians = new TreeMap<>();
    runs.forEach((name, values) -> {
      Collections.sort(values);
      medians.put(name, values.get(values.size() / 2));
    });
    return medians;
  }

  private static double rate(Side side, List<Entry> order, int threads) throws Exception {
    return order.size()
        / seconds(threads, thread -> {
          for (int i = thread; i < order.size(); i += threads) {
            Entry entry = order.get(i);
            if (side.read(entry) != entry.length()) {
              throw new IOException("wrong length: " + entry.path());
            }
          }
        });
  }

  /** What one of several threads does. */
  interface Work {
    void run(int thread) throws Exception;
  }

  /** How long threads take that work side by side. */
  static double seconds(int threads, Work work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int number = thread;
        running.add(pool.submit(() -> {
          work.run(number);
          return null;
        }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      return (System.nanoTime() - start) / 1e9;
    } finally {
      pool.shutdownNow();
    }
  }
}
