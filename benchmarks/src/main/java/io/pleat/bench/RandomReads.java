package io.pleat.bench;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Reads files of a local dataset by path in random order, beside the originals and beside plain positional reads of the same ranges
 * of the containers. Arguments: {@code SOURCE DATASET READS ROUNDS SEED THREADS}. Prints files/s of each side and round as JSON.
 */
public final class RandomReads {
  private RandomReads() {}

  /** One way to read a file's bytes. */
  private interface Side {
    int read(Entry entry) throws IOException;
  }

  /** Measures the three sides in turn, ROUNDS times after one round that is not counted. */
  public static void main(String[] args) throws Exception {
    Path source = Path.of(args[0]);
    Path root = Path.of(args[1]);
    int reads = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    long seed = Long.parseLong(args[4]);
    int threads = Integer.parseInt(args[5]);

    Map<String, FileChannel> channels = new HashMap<>();
    try (FoldedDataset dataset =
        FoldedDataset.open(root.toString(), Map.of(), ReaderOptions.defaults())) {
      List<Entry> entries = new ArrayList<>();
      try (Stream<ListedItem> all = dataset.listRecursively(LogicalPath.ROOT)) {
        all.flatMap(item -> item.file().stream())
            .filter(entry -> entry.kind() == Entry.Kind.FOLDED)
            .forEach(entries::add);
      }
      for (Entry entry : entries) {
        String container = ContainerSummary.pathOf(entry.extent().container()).toString();
        if (!channels.containsKey(container)) {
          channels.put(
              container, FileChannel.open(root.resolve(container), StandardOpenOption.READ));
        }
      }
      Side folded = entry -> dataset.read(entry.path()).remaining();
      Side originals = entry -> Files.readAllBytes(source.resolve(entry.path().toString())).length;
      Side ranges = entry -> {
        FileChannel channel =
            channels.get(ContainerSummary.pathOf(entry.extent().container()).toString());
        return readRange(channel, entry).length;
      };
      check(source, dataset, entries);

      List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      List<Side> sides = List.of(folded, originals, ranges);
      Random random = new Random(seed);
      for (int round = -1; round < rounds; round++) {
        List<Entry> order = new ArrayList<>();
        while (order.size() < reads) {
          Collections.shuffle(entries, random);
          order.addAll(entries.subList(0, Math.min(entries.size(), reads - order.size())));
        }
        for (int side = 0; side < sides.size(); side++) {
          double rate = measure(sides.get(side), order, threads);
          if (round >= 0) {
            rates.get(side).add(rate);
          }
        }
      }
      System.out.printf(
          Locale.ROOT,
          "{\"files\": %d, \"folded\": %s, \"originals\": %s, \"ranges\": %s}%n",
          entries.size(),
          rates.get(0),
          rates.get(1),
          rates.get(2));
    } finally {
      for (FileChannel channel : channels.values()) {
        channel.close();
      }
    }
  }

  private static double measure(Side side, List<Entry> order, int threads) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        running.add(pool.submit(() -> {
          for (int i = first; i < order.size(); i += threads) {
            Entry entry = order.get(i);
            if (side.read(entry) != entry.length()) {
              throw new IOException("wrong length: " + entry.path());
            }
          }
          return null;
        }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      return order.size() / ((System.nanoTime() - start) / 1e9);
    } finally {
      pool.shutdownNow();
    }
  }

  private static byte[] readRange(FileChannel channel, Entry entry) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(entry.extent().length())];
    ByteBuffer target = ByteBuffer.wrap(bytes);
    while (target.hasRemaining()) {
      if (channel.read(target, entry.extent().offset() + target.position()) < 0) {
        throw new IOException("container ends inside " + entry.path());
      }
    }
    return bytes;
  }

  /* A wrong answer is not worth timing; every 17th file stands for all. */
  private static void check(Path source, FoldedDataset dataset, List<Entry> entries)
      throws IOException {
    for (int i = 0; i < entries.size(); i += 17) {
      LogicalPath path = entries.get(i).path();
      ByteBuffer read = dataset.read(path);
      byte[] bytes = new byte[read.remaining()];
      read.get(bytes);
      if (!Arrays.equals(bytes, Files.readAllBytes(source.resolve(path.toString())))) {
        throw new IOException("folded bytes differ from the original: " + path);
      }
    }
  }
}
