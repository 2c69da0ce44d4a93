package io.pleat.bench;

import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.read.hadoop.DatasetAuthority;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Reads files of a dataset in random order through {@code pleat://} (open, readFully, close) and through the library (read), into a fresh
 * array each. Arguments: {@code DATASET READS ROUNDS SEED THREADS}. Prints files/s and CPU time a file of each side and round as JSON.
 */
public final class FileSystemReads {
  private FileSystemReads() {}

  private record File(LogicalPath path, Path hadoopPath, int length) {}

  private interface Side {
    int read(File file) throws IOException;
  }

  /** Measures both sides in turn, ROUNDS times after one round that is not counted. */
  public static void main(String[] args) throws Exception {
    int reads = Integer.parseInt(args[1]);
    int rounds = Integer.parseInt(args[2]);
    Random random = new Random(Long.parseLong(args[3]));
    int threads = Integer.parseInt(args[4]);
    URI uri = URI.create("pleat://" + DatasetAuthority.of(args[0]) + "/");
    try (FoldedDataset dataset = FoldedDataset.open(args[0], Map.of(), ReaderOptions.defaults());
        FileSystem view = FileSystem.newInstance(uri, new Configuration())) {
      List<File> files = new ArrayList<>();
      try (Stream<ListedItem> all = dataset.listRecursively(LogicalPath.ROOT)) {
        all.filter(item -> !item.isDirectory() && !item.isPassThrough())
            .forEach(item -> files.add(new File(
                item.path(), new Path(view.getUri().toString(), new Path("/" + item.path())), (int)
                    item.file().get().length())));
      }
      Side library = file -> dataset.read(file.path()).remaining();
      Side through = file -> {
        byte[] bytes = new byte[file.length()];
        try (FSDataInputStream in = view.open(file.hadoopPath())) {
          in.readFully(bytes);
        }
        return bytes.length;
      };
      List<Side> sides = List.of(library, through);
      List<List<Double>> rates = List.of(new ArrayList<>(), new ArrayList<>());
      List<List<Double>> cpu = List.of(new ArrayList<>(), new ArrayList<>());
      for (int round = -1; round < rounds; round++) {
        List<File> order = new ArrayList<>();
        while (order.size() < reads) {
          Collections.shuffle(files, random);
          order.addAll(files.subList(0, Math.min(files.size(), reads - order.size())));
        }
        for (int side = 0; side < sides.size(); side++) {
          long cpuBefore = cpuNanos();
          double rate = measure(sides.get(side), order, threads);
          if (round >= 0) {
            rates.get(side).add(rate);
            cpu.get(side).add((double) (cpuNanos() - cpuBefore) / order.size());
          }
        }
      }
      System.out.printf(
          Locale.ROOT,
          "{\"files\": %d, \"library\": %s, \"view\": %s, \"libraryCpu\": %s, \"viewCpu\": %s}%n",
          files.size(),
          rates.get(0),
          rates.get(1),
          cpu.get(0),
          cpu.get(1));
    }
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double measure(Side side, List<File> order, int threads) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long start = System.nanoTime();
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread;
        running.add(pool.submit(() -> {
          for (int i = first; i < order.size(); i += threads) {
            File file = order.get(i);
            if (side.read(file) != file.length()) {
              throw new IOException("wrong length: " + file.path());
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
}
