package io.pleat.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.ContainerWriter;
import io.pleat.format.FilterSection;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.MappedIndexPack;
import io.pleat.format.Payload;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Writes a dataset of empty files, one directory of up to a million among directories of sixteen, then opens it with its index pack mapped, looks up and
 * lists. Arguments: {@code WORK ENTRIES RUNS}. Prints JSON; times are medians, in microseconds.
 */
public final class OpenDataset {
  private static final int A_DIRECTORY = 16;
  private static final int WARM_UPS = 200;

  private final Path work;
  private final int entries;
  private final int large;
  private final int runs;
  private final Map<String, Object> results = new LinkedHashMap<>();

  private OpenDataset(Path work, int entries, int runs) {
    this.work = work;
    this.entries = entries;
    this.large = Math.min(1_000_000, entries / 2);
    this.runs = runs;
  }

  public static void main(String[] args) throws Exception {
    OpenDataset bench =
        new OpenDataset(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    bench.build();
    bench.measure();
    System.out.println(new ObjectMapper().writeValueAsString(bench.results));
  }

  private LogicalPath path(int i) {
    if (i < large) {
      return LogicalPath.of(String.format("large/n01440764_%08d.JPEG", i));
    }
    int directory = (i - large) / A_DIRECTORY;
    return LogicalPath.of(String.format(
        "tree/part-%03d/n%08d/image_%08d.JPEG", directory / 1000, directory, i - large));
  }

  private String dataset() {
    return work.resolve("dataset").toString();
  }

  private void build() throws IOException {
    long start = System.nanoTime();
    List<ContainerSummary> containers = new ArrayList<>();
    Payload empty = Payload.raw(ByteBuffer.allocate(0));
    try (Store store = Stores.open(dataset(), Map.of())) {
      FileReference nothing = nothing(store);
      for (int i = 0; i < entries; ) {
        ContainerId id = ContainerId.random();
        int first = i;
        ContainerStatistics written;
        try (ByteSink sink = store.create(ContainerSummary.pathOf(id));
            ContainerWriter out = ContainerWriter.create(sink, id)) {
          for (; i < entries && !out.isFull(); i++) {
            Attributes attributes =
                new Attributes(1_700_000_000 + i / 1000, 0, 0644, "user", "group", "");
            out.addFile(path(i), attributes, empty, false);
          }
          written = out.finish();
        }
        containers.add(new ContainerSummary(
            id,
            written.length(),
            written.crc32c(),
            written.indexOffset(),
            written.entries(),
            0,
            0,
            0,
            0,
            0,
            new KeyRange(path(first).fileKey(), path(i - 1).fileKey()),
            0,
            nothing,
            FilterSection.NONE));
      }
      SnapshotStatistics live =
          new SnapshotStatistics(entries, entries, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      DatasetLog.open(store)
          .commit(
              Optional.empty(),
              new SnapshotChange("fold", UUID.randomUUID(), "/nowhere", containers, Map.of(), live),
              new NoCatalog());
    }
    results.put("containers", containers.size());
    results.put(
        "indexBytes",
        containers.stream().mapToLong(ContainerSummary::indexBytes).sum());
    results.put("buildSeconds", (System.nanoTime() - start) / 1e9);
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(dataset(), Map.of(), options);
  }

  private void measure() throws IOException {
    Path packs = work.resolve("packs");
    ReaderOptions mapped = ReaderOptions.defaults().withIndexPackFolder(packs);
    long start = System.nanoTime();
    open(mapped).close();
    results.put("packSeconds", (System.nanoTime() - start) / 1e9);
    Path pack;
    try (Stream<Path> files = Files.list(packs)) {
      pack = files.filter(file -> file.toString().endsWith(".pack")).findFirst().orElseThrow();
    }
    results.put("packBytes", Files.size(pack));

    results.put("openMicros", median(() -> open(mapped)));
    results.put("openWithoutPackMicros", median(() -> open(ReaderOptions.defaults())));
    results.put("mapPackMicros", median(() -> MappedIndexPack.open(pack)));
    List<ContainerSummary> containers;
    try (FoldedDataset dataset = open(mapped)) {
      containers = dataset.containers();
    }
    results.put("mapPackAndEachBlockMicros", median(() -> {
      MappedIndexPack all = MappedIndexPack.open(pack);
      List<IndexBlock> blocks = new ArrayList<>();
      for (ContainerSummary container : containers) {
        blocks.add(all.block(
                container.id(), container.length(), container.indexOffset(), IndexBlock.Spare.NONE)
            .orElseThrow());
      }
      return () -> {
        blocks.forEach(IndexBlock::close);
        all.close();
      };
    }));
    firstUses(mapped);
    try (FoldedDataset dataset = open(mapped)) {
      results.put("lookupMicros", lookups(dataset));
      results.put("warmPageMicros", median(() -> page(dataset)));
      results.put("listEntriesPerSecond", sweep(dataset));
      results.put("indexLoads", dataset.statistics().indexLoads());
    }
  }

  /** What the first call after an open costs: it checks the pieces of the pack that it needs. */
  private void firstUses(ReaderOptions options) throws IOException {
    double[] lookup = new double[runs];
    double[] page = new double[runs];
    for (int i = -WARM_UPS; i < runs; i++) {
      try (FoldedDataset dataset = open(options)) {
        long start = System.nanoTime();
        require(dataset.locate(path(entries / 2)).isPresent());
        lookup[Math.max(i, 0)] = micros(start);
      }
      try (FoldedDataset dataset = open(options)) {
        long start = System.nanoTime();
        page(dataset);
        page[Math.max(i, 0)] = micros(start);
      }
    }
    results.put("firstLookupMicros", median(lookup));
    results.put("firstPageMicros", median(page));
  }

  private AutoCloseable page(FoldedDataset dataset) throws IOException {
    try (Stream<ListedItem> items = dataset.list(LogicalPath.of("large"))) {
      Iterator<ListedItem> page = items.iterator();
      for (int i = 0; i < 1000; i++) {
        require(page.next().path().utf8().length > 0);
      }
    }
    return () -> {};
  }

  private double lookups(FoldedDataset dataset) throws IOException {
    int count = 100_000;
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      List<LogicalPath> paths = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        paths.add(path((int) ((i + round) * 2_654_435_761L % entries)));
      }
      long start = System.nanoTime();
      for (LogicalPath path : paths) {
        require(dataset.locate(path).isPresent());
      }
      best = Math.min(best, micros(start) / count);
    }
    return best;
  }

  private double sweep(FoldedDataset dataset) throws IOException {
    double best = 0;
    for (int round = 0; round < 3; round++) {
      long start = System.nanoTime();
      long files;
      try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
        files = items.filter(item -> !item.isDirectory()).count();
      }
      require(files == entries);
      best = Math.max(best, files / (micros(start) / 1e6));
    }
    return best;
  }

  private interface Opening {
    AutoCloseable open() throws IOException;
  }

  private double median(Opening opening) throws IOException {
    double[] times = new double[runs];
    for (int i = -WARM_UPS; i < runs; i++) {
      long start = System.nanoTime();
      AutoCloseable opened = opening.open();
      if (i >= 0) {
        times[i] = micros(start);
      }
      try {
        opened.close();
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
    return median(times);
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  private static double micros(long start) {
    return (System.nanoTime() - start) / 1e3;
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalStateException("the dataset does not show what was written");
    }
  }

  private static FileReference nothing(Store store) throws IOException {
    LogicalPath path = LogicalPath.of("catalog/files/" + UUID.randomUUID() + ".parquet");
    byte[] content = "no rows".getBytes(US_ASCII);
    try (ByteSink sink = store.create(path)) {
      sink.write(ByteBuffer.wrap(content));
      sink.finish();
    }
    return new FileReference(path, content.length, 0);
  }

  private static final class NoCatalog implements CatalogWriter {
    @Override
    public FileReference writeContainers(Store dataset, List<ContainerSummary> containers)
        throws IOException {
      return nothing(dataset);
    }

    @Override
    public FileReference writeDeadRows(
        Store dataset, List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead)
        throws IOException {
      return nothing(dataset);
    }
  }
}
