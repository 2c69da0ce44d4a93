package io.pleat.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.bench.ReadSides.Side;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FileChoice.PassThroughs;
import io.pleat.read.FoldedDataset;
import io.pleat.read.PooledBytes;
import io.pleat.read.PooledReads;
import io.pleat.read.ReaderOptions;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochFile;
import io.pleat.read.epoch.EpochOptions;
import io.pleat.read.epoch.Mixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Reads a dataset on HDFS or S3: single files, batches and a shuffled epoch, beside the originals there, a Hadoop archive of them if there is one, and
 * the limits (positional reads of the containers through streams that stay open; one sequential scan of them). Arguments:
 * {@code SOURCE DATASET READS ROUNDS SEED THREADS[,THREADS] MEMORY CONFIGURATION [ARCHIVE]}, where CONFIGURATION is a JSON object of Hadoop settings and
 * ARCHIVE a har:// location. Prints files/s as JSON.
 */
public final class RemoteReads {
  private static final int OPENINGS = 5;

  private static final int BATCH = 256;

  private final String source;
  private final FileSystem fileSystem;
  private final FoldedDataset dataset;
  private final Optional<FileSystem> archive;
  private final List<Entry> entries;
  private final Map<String, FSDataInputStream> streams = new HashMap<>();
  private final ThreadLocal<ByteBuffer> own =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(4 << 20));

  private RemoteReads(
      String source,
      String root,
      FileSystem fileSystem,
      Optional<FileSystem> archive,
      FoldedDataset dataset)
      throws IOException {
    this.source = source;
    this.fileSystem = fileSystem;
    this.archive = archive;
    this.dataset = dataset;
    this.entries = ReadSides.folded(dataset);
    for (var container : dataset.containers()) {
      streams.put(
          container.id().toString(), fileSystem.open(new Path(root + "/" + container.path())));
    }
  }

  /** Measures everything in turn. */
  public static void main(String[] args) throws Exception {
    int reads = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    long seed = Long.parseLong(args[4]);
    Map<String, String> settings =
        new ObjectMapper().readValue(args[7], new TypeReference<Map<String, String>>() {});
    Configuration configuration = new Configuration();
    settings.forEach(configuration::set);
    Map<String, Object> results = new LinkedHashMap<>();
    try (FileSystem fileSystem = FileSystem.newInstance(new Path(args[0]).toUri(), configuration)) {
      Optional<FileSystem> archive = openArchive(args, configuration, settings, results);
      for (String threads : args[5].split(",")) {
        int count = Integer.parseInt(threads);
        ReaderOptions options = ReaderOptions.defaults().withReadThreads(count);
        try (FoldedDataset dataset = FoldedDataset.open(args[1], settings, options)) {
          RemoteReads run = new RemoteReads(args[0], args[1], fileSystem, archive, dataset);
          results.put("files", run.entries.size());
          results.put(
              "single " + threads,
              ReadSides.measure(run.sides(), run.entries, reads, rounds, count, new Random(seed)));
          results.put("batch " + threads, run.batches(reads, rounds, new Random(seed)));
        }
      }
      try (FoldedDataset dataset =
          FoldedDataset.open(args[1], settings, ReaderOptions.defaults().withReadThreads(4))) {
        RemoteReads run = new RemoteReads(args[0], args[1], fileSystem, archive, dataset);
        results.put("epoch", run.epochs(rounds, seed, Long.parseLong(args[6]), results));
        results.put("statistics", dataset.statistics().toString());
      }
    }
    System.out.println(new ObjectMapper().writeValueAsString(results));
  }

  /** The archive, if there is one; how long it and the dataset take to open, in turn, and how much heap it takes, go into the results. */
  private static Optional<FileSystem> openArchive(
      String[] args,
      Configuration configuration,
      Map<String, String> settings,
      Map<String, Object> results)
      throws IOException {
    if (args.length < 9) {
      return Optional.empty();
    }
    configuration.setInt(
        "fs.har.metadatacache.entries", 0); // else the second opening would read nothing
    List<Double> archives = new ArrayList<>();
    List<Double> datasets = new ArrayList<>();
    long before = usedHeap();
    FileSystem archive = null;
    for (int i = 0; i < OPENINGS; i++) {
      long start = System.nanoTime();
      FileSystem opened = FileSystem.newInstance(new Path(args[8]).toUri(), configuration);
      archives.add((System.nanoTime() - start) / 1e9);
      if (archive == null) {
        archive = opened;
        results.put("archive heap", usedHeap() - before);
      } else {
        opened.close();
      }
      start = System.nanoTime();
      FoldedDataset.open(args[1], settings, ReaderOptions.defaults()).close();
      datasets.add((System.nanoTime() - start) / 1e9);
    }
    results.put("archive opened", archives);
    results.put("dataset opened", datasets);
    return Optional.of(archive);
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private Map<String, Side> sides() {
    Map<String, Side> sides = new LinkedHashMap<>();
    sides.put("limit, open stream", entry -> {
      FSDataInputStream in = streams.get(entry.extent().container().toString());
      int length = (int) entry.extent().length();
      if (in.hasCapability(StreamCapabilities.PREADBYTEBUFFER)) {
        in.readFully(entry.extent().offset(), own.get().clear().limit(length));
      } else {
        in.readFully(entry.extent().offset(), new byte[length]);
      }
      return length;
    });
    sides.put("pleat, readPooled", entry -> {
      try (PooledBytes bytes = dataset.readPooled(entry.path())) {
        return bytes.length();
      }
    });
    sides.put("originals", entry -> {
      byte[] bytes = new byte[(int) entry.length()];
      try (FSDataInputStream in = fileSystem.open(new Path(source + "/" + entry.path()))) {
        in.readFully(bytes);
      }
      return bytes.length;
    });
    archive.ifPresent(har -> sides.put("archive", entry -> {
      byte[] bytes = new byte[(int) entry.length()];
      try (FSDataInputStream in = har.open(new Path(har.getUri() + "/" + entry.path()))) {
        in.readFully(bytes);
      }
      return bytes.length;
    }));
    return sides;
  }

  /** Files/s of batches: paths drawn at random, and paths of one directory. */
  private Map<String, Double> batches(int reads, int rounds, Random random) {
    Map<LogicalPath, List<LogicalPath>> directories = new TreeMap<>();
    for (Entry entry : entries) {
      directories
          .computeIfAbsent(entry.path().parent(), parent -> new ArrayList<>())
          .add(entry.path());
    }
    List<List<LogicalPath>> large =
        directories.values().stream().filter(files -> files.size() >= 64).toList();
    Map<String, List<Double>> rates = new TreeMap<>();
    for (int round = -1; round < rounds; round++) {
      List<List<LogicalPath>> drawn = new ArrayList<>();
      List<List<LogicalPath>> together = new ArrayList<>();
      List<Entry> order = ReadSides.draw(entries, reads, random);
      for (int i = 0; i + BATCH <= order.size(); i += BATCH) {
        drawn.add(order.subList(i, i + BATCH).stream().map(Entry::path).toList());
        List<LogicalPath> files = new ArrayList<>(large.get(random.nextInt(large.size())));
        Collections.shuffle(files, random);
        together.add(files.subList(0, Math.min(BATCH, files.size())));
      }
      double one = rate(drawn);
      double other = rate(together);
      if (round >= 0) {
        rates.computeIfAbsent("batches of 256", name -> new ArrayList<>()).add(one);
        rates.computeIfAbsent("of one directory", name -> new ArrayList<>()).add(other);
      }
    }
    return ReadSides.medians(rates);
  }

  private double rate(List<List<LogicalPath>> batches) {
    long files = 0;
    long start = System.nanoTime();
    for (List<LogicalPath> batch : batches) {
      try (PooledReads reads = dataset.readAllPooled(batch)) {
        while (reads.hasNext()) {
          reads.next().close();
          files++;
        }
      }
    }
    return files / ((System.nanoTime() - start) / 1e9);
  }

  private Map<String, Double> epochs(
      int rounds, long seed, long memory, Map<String, Object> results) throws Exception {
    EpochOptions options =
        EpochOptions.of(seed, 0).withMemoryBytes(memory).withPassThroughs(PassThroughs.LEFT_OUT);
    Mixture mixture = Mixture.of(dataset.containerFiles(), options, BATCH, Long.MAX_VALUE);
    results.put(
        "mixture",
        Map.of(
            "distinct", mixture.distinct(),
            "uniform", mixture.uniform(),
            "ratio", mixture.ratio()));
    Map<String, List<Double>> rates = new TreeMap<>();
    for (int round = -1; round < rounds; round++) {
      double scan = scan();
      double epoch = epoch(options.withEpoch(round + 1));
      if (round >= 0) {
        rates.computeIfAbsent("sequential scan", name -> new ArrayList<>()).add(scan);
        rates.computeIfAbsent("shuffled epoch", name -> new ArrayList<>()).add(epoch);
      }
    }
    return ReadSides.medians(rates);
  }

  /** All containers from front to back, as files/s of what they hold. */
  private double scan() throws IOException {
    byte[] piece = new byte[1 << 20];
    long start = System.nanoTime();
    for (FSDataInputStream in : streams.values()) {
      in.seek(0);
      while (in.read(piece) >= 0) {
        // on to the next piece
      }
    }
    return entries.size() / ((System.nanoTime() - start) / 1e9);
  }

  private double epoch(EpochOptions options) throws IOException {
    long files = 0;
    long start = System.nanoTime();
    try (Epoch epoch = dataset.epoch(options)) {
      while (epoch.hasNext()) {
        try (EpochFile file = epoch.next()) {
          files += file.length() >= 0 ? 1 : 0;
        }
      }
    }
    double rate = files / ((System.nanoTime() - start) / 1e9);
    if (files != entries.size()) {
      throw new IOException(files + " files in an epoch of " + entries.size());
    }
    return rate;
  }
}
