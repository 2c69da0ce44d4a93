package io.pleat.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.ContainerWriter;
import io.pleat.format.LogicalPath;
import io.pleat.format.Payload;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A dataset of many containers on any store, and how long it takes from opening it to the first byte of a file. Arguments: {@code build DATASET CONTAINERS
 * FILES_OF_EACH CONFIGURATION}, which also removes the second file of every container in a second snapshot, or {@code read DATASET CONTAINERS FILES_OF_EACH
 * CONFIGURATION RUNS VERSION}; CONFIGURATION is JSON, VERSION 1 or 2. The latter prints the first time of the JVM and the median of RUNS more as JSON.
 */
public final class FirstByte {
  private static final int THREADS = 16;
  private static final byte[] CONTENT = {42};

  private final String location;
  private final int containers;
  private final int files;
  private final Map<String, String> configuration;

  private FirstByte(String[] args) throws IOException {
    this.location = args[1];
    this.containers = Integer.parseInt(args[2]);
    this.files = Integer.parseInt(args[3]);
    this.configuration =
        new ObjectMapper().readValue(args[4], new TypeReference<Map<String, String>>() {});
  }

  public static void main(String[] args) throws Exception {
    FirstByte bench = new FirstByte(args);
    if (args[0].equals("build")) {
      bench.build();
    } else {
      bench.read(Integer.parseInt(args[5]), Long.parseLong(args[6]));
    }
  }

  private static LogicalPath path(int container, int file) {
    return LogicalPath.of(String.format("class-%06d/%06d.bin", container, file));
  }

  private void build() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Store store = Stores.open(location, configuration)) {
      List<Future<ContainerSummary>> writing = new ArrayList<>();
      for (int i = 0; i < containers; i++) {
        int number = i;
        writing.add(threads.submit(() -> write(store, number)));
      }
      List<ContainerSummary> written = new ArrayList<>();
      Map<ContainerId, DeletionVector> dead = new TreeMap<>();
      for (Future<ContainerSummary> each : writing) {
        written.add(each.get());
        dead.put(each.get().id(), DeletionVector.of(1));
      }
      DatasetLog log = DatasetLog.open(store);
      Snapshot first = log.commit(
          Optional.empty(), change(written, Map.of(), (long) containers * files), new NoCatalog());
      if (files > 1) {
        log.commit(Optional.of(first), change(List.of(), dead, -containers), new NoCatalog());
      }
    } finally {
      threads.shutdown();
    }
  }

  private static SnapshotChange change(
      List<ContainerSummary> added, Map<ContainerId, DeletionVector> dead, long live) {
    return new SnapshotChange(
        "fold",
        UUID.randomUUID(),
        "/nowhere",
        added,
        dead,
        new SnapshotStatistics(live, live, 0, 0, live, live, 0, 0, 0, 0, 0, 0));
  }

  private ContainerSummary write(Store store, int number) throws IOException {
    Attributes attributes = new Attributes(1_700_000_000, 0, 0644, "user", "group", "");
    ContainerId id = ContainerId.random();
    ContainerStatistics written;
    try (ByteSink sink = store.create(ContainerSummary.pathOf(id));
        ContainerWriter out = ContainerWriter.create(sink, id)) {
      for (int i = 0; i < files; i++) {
        out.addFile(path(number, i), attributes, Payload.raw(ByteBuffer.wrap(CONTENT)), false);
      }
      written = out.finish();
    }
    return new ContainerSummary(
        id,
        written.length(),
        written.crc32c(),
        written.indexOffset(),
        written.entries(),
        0,
        0,
        files,
        files,
        0,
        new KeyRange(path(number, 0).fileKey(), path(number, files - 1).fileKey()),
        0,
        NoCatalog.NO_ROWS,
        written.filter());
  }

  private void read(int runs, long version) throws IOException {
    double first = once(version, 0);
    double[] more = new double[runs];
    for (int i = 0; i < runs; i++) {
      more[i] = once(version, (int) ((i + 1) * 2_654_435_761L % containers));
    }
    Arrays.sort(more);
    System.out.printf(
        "{\"first\": %.4f, \"median\": %.4f, \"longest\": %.4f}%n",
        first, more[runs / 2], more[runs - 1]);
  }

  private double once(long version, int container) throws IOException {
    long start = System.nanoTime();
    try (FoldedDataset dataset =
        FoldedDataset.open(location, version, configuration, ReaderOptions.defaults())) {
      ByteBuffer bytes = dataset.read(path(container, 0));
      double seconds = (System.nanoTime() - start) / 1e9;
      if (!bytes.equals(ByteBuffer.wrap(CONTENT)) || dataset.statistics().indexLoads() != 1) {
        throw new IllegalStateException(bytes + ", " + dataset.statistics());
      }
      return seconds;
    }
  }

  private static final class NoCatalog implements CatalogWriter {
    private static final FileReference NO_ROWS =
        new FileReference(LogicalPath.of("catalog/files/none.parquet"), 0, 0);

    @Override
    public FileReference writeContainers(Store dataset, List<ContainerSummary> containers) {
      return new FileReference(LogicalPath.of("catalog/containers/none.parquet"), 0, 0);
    }

    @Override
    public FileReference writeDeadRows(
        Store dataset, List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead) {
      return new FileReference(LogicalPath.of("catalog/dead/none.parquet"), 0, 0);
    }
  }
}
