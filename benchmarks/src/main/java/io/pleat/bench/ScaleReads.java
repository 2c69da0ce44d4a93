package io.pleat.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Opens the folded image tree of a {@link SyntheticFileSystem}, looks up, reads and lists; whatever comes out is compared with what the tree
 * says. Arguments: {@code SOURCE DATASET LOOKUPS ABSENT READS INDEX_CACHE_BYTES SEED}. Prints JSON.
 */
public final class ScaleReads {
  /* Paths are made in pieces between the timed parts, so that they take no heap to speak of. */
  private static final int PIECE = 10_000;

  private final FoldedDataset dataset;
  private final ImageTree tree;
  private final Map<String, Object> results = new LinkedHashMap<>();

  private ScaleReads(FoldedDataset dataset, ImageTree tree) {
    this.dataset = dataset;
    this.tree = tree;
  }

  public static void main(String[] args) throws Exception {
    ProcessMemory.watch();
    ImageTree tree = SyntheticFileSystem.images(args[0]);
    int lookups = Integer.parseInt(args[2]);
    int absent = Integer.parseInt(args[3]);
    int reads = Integer.parseInt(args[4]);
    ReaderOptions options = ReaderOptions.defaults()
        .withIndexCacheBytes(Long.parseLong(args[5]))
        .withOpenContainers(1024);
    long seed = Long.parseLong(args[6]);

    long before = ProcessMemory.rss();
    long start = System.nanoTime();
    try (FoldedDataset dataset = FoldedDataset.open(args[1], Map.of(), options)) {
      ScaleReads run = new ScaleReads(dataset, tree);
      run.results.put("openSeconds", seconds(start));
      run.results.put("containers", dataset.containers().size());
      run.lookUpOneInEach();
      run.results.put("indexLoads", dataset.statistics().indexLoads());
      run.results.put("indexBytesRead", dataset.statistics().storeBytes());
      run.lookUp(lookups / 10, 1, seed - 1); // compilers at work
      ProcessMemory.clear();
      run.results.put("presentNanos", run.lookUp(lookups, 1, seed));
      run.results.put("absentNanos", run.lookUp(absent, 0, seed + 1));
      run.results.put("presentNanosOfTwoThreads", run.lookUpByTwo(lookups, seed + 2));
      run.results.put("longestPauseMillis", ProcessMemory.longestPauseMillis());
      run.results.put("offHeapBytes", offHeap());
      run.results.put("liveHeapBytes", ProcessMemory.peakLiveHeap());
      run.results.put("rssGrowthBytes", ProcessMemory.rss() - before);
      run.read(args[0], reads, seed + 3);
      run.list();
      run.results.put("indexEvictions", dataset.statistics().indexEvictions());
      run.results.put("peakRssBytes", ProcessMemory.peakRss());
      System.out.println(new ObjectMapper().writeValueAsString(run.results));
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static long offHeap() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Makes every index block resident, and says how long that took. */
  private void lookUpOneInEach() throws IOException {
    long start = System.nanoTime();
    for (var container : dataset.containers()) {
      LogicalPath first = LogicalPath.ofUtf8(SortKey.toPath(container.range().last()));
      require(dataset.find(first).isPresent(), first + " ends a container and is not there");
    }
    results.put("loadSeconds", seconds(start));
  }

  /** Nanoseconds a lookup of random files; those of another tree if {@code present} is 0. */
  private double lookUp(int count, int present, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    long nanos = 0;
    for (int done = 0; done < count; done += PIECE) {
      List<LogicalPath> paths = new ArrayList<>(PIECE);
      for (int i = Math.min(PIECE, count - done); i > 0; i--) {
        String path = tree.path(random.nextLong(tree.files()));
        paths.add(LogicalPath.of(present == 1 ? path : absent(path, random)));
      }
      int found = 0;
      long start = System.nanoTime();
      for (LogicalPath path : paths) {
        found += dataset.locate(path).isPresent() ? 1 : 0;
      }
      nanos += System.nanoTime() - start;
      require(found == present * paths.size(), found + " of " + paths.size() + " paths found");
    }
    return (double) nanos / count;
  }

  /** A path that is nearly there: another name in a directory that is, or a directory that is not. */
  private static String absent(String path, SplittableRandom random) {
    int slash = path.lastIndexOf('/');
    int dot = path.lastIndexOf('.');
    return random.nextInt(4) == 0
        ? path.substring(0, slash) + "x" + path.substring(slash)
        : path.substring(0, dot) + (char) ('a' + random.nextInt(26)) + path.substring(dot);
  }

  private double lookUpByTwo(int count, long seed) throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      double nanos = 0;
      List<Callable<Double>> both =
          List.of(() -> lookUp(count, 1, seed), () -> lookUp(count, 1, seed + 1000));
      for (Future<Double> one : threads.invokeAll(both)) {
        nanos += one.get() / 2;
      }
      return nanos;
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } finally {
      threads.shutdown();
    }
  }

  /** Reads random files, and compares bytes and attributes with the source's. */
  private void read(String source, int count, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    long nanos = 0;
    try (FileSystem originals = FileSystem.newInstance(URI.create(source), new Configuration())) {
      for (int i = 0; i < count; i++) {
        String path = tree.path(random.nextLong(tree.files()));
        LogicalPath logical = LogicalPath.of(path);
        long start = System.nanoTime();
        ByteBuffer bytes = dataset.read(logical);
        nanos += System.nanoTime() - start;
        Path original = new Path(source + "/" + path);
        try (FSDataInputStream in = originals.open(original)) {
          require(
              ByteBuffer.wrap(in.readAllBytes()).equals(bytes), path + " has other bytes folded");
        }
        var status = originals.getFileStatus(original);
        var attributes = dataset.locate(logical).orElseThrow().entry().attributes();
        require(
            attributes.mtimeSeconds() * 1000 == status.getModificationTime()
                && attributes.owner().equals(status.getOwner())
                && attributes.mode() == status.getPermission().toShort(),
            path + " has other attributes folded");
      }
    }
    results.put("readNanos", (double) nanos / Math.max(1, count));
  }

  private void list() throws IOException {
    SyntheticDirectory root = tree.root();
    results.put("rootMillis", firstPage("", 1000) / 1e6);
    results.put("trainPageMillis", firstPage("train", 1000) / 1e6);
    SyntheticDirectory parts = root.descend(root.find("crawl"));
    if (parts.size() > 0) {
      String part = "crawl/" + parts.name(0);
      results.put("partPageMillis", firstPage(part, 1000) / 1e6);
      long start = System.nanoTime();
      long files = count(dataset.list(LogicalPath.of(part)));
      results.put("partEntriesPerSecond", files / seconds(start));
      require(files == parts.descend(0).size(), part + " has " + files + " files");
    }
    long start = System.nanoTime();
    long files = count(dataset.listRecursively(LogicalPath.of("crawl")));
    results.put("sweepFiles", files);
    results.put("sweepEntriesPerSecond", files / seconds(start));
    require(files == tree.crawlFiles(), files + " files below crawl");
  }

  private static long count(Stream<ListedItem> items) {
    try (items) {
      return items.filter(item -> !item.isDirectory()).count();
    }
  }

  private long firstPage(String directory, int entries) throws IOException {
    LogicalPath path = directory.isEmpty() ? LogicalPath.ROOT : LogicalPath.of(directory);
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long start = System.nanoTime();
      try (Stream<ListedItem> items = dataset.list(path)) {
        Iterator<ListedItem> page = items.limit(entries).iterator();
        while (page.hasNext()) {
          page.next();
        }
      }
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
