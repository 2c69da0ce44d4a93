package io.pleat.bench.index;

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
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Makes a dataset of a corpus's paths, as a fold would, of empty files; of the containers' records only holes are written. Then adds to it by increments, each
 * of one container across the whole range of keys, with a filter; the paths that those add go to {@code FOLDER.added}, for {@link Queries}. Arguments:
 * {@code CORPUS FOLDER CONTAINERS INCREMENTS ENTRIES_OF_INCREMENT SEED}.
 */
public final class DatasetBuild {
  private static final Attributes ATTRIBUTES =
      new Attributes(1_700_000_000, 0, 0644, "root", "root", "");
  private static final Payload NOTHING = Payload.raw(ByteBuffer.allocate(0));
  private static final FileReference NO_ROWS =
      new FileReference(LogicalPath.of("catalog/files/none.parquet"), 0, 0);

  private final Path folder;
  private final long seed;
  private final List<ContainerSummary> added = new ArrayList<>();
  private Optional<Snapshot> head = Optional.empty();
  private long number;

  private DatasetBuild(Path folder, long seed) {
    this.folder = folder;
    this.seed = seed;
  }

  public static void main(String[] args) throws Exception {
    Path corpus = Path.of(args[0]);
    DatasetBuild build = new DatasetBuild(Path.of(args[1]), Long.parseLong(args[5]));
    Files.createDirectories(build.folder.resolve("containers"));
    try (Store store = Stores.open(build.folder.toString(), Map.of())) {
      build.first(store, corpus, Integer.parseInt(args[2]));
      build.increments(store, corpus, Integer.parseInt(args[3]), Integer.parseInt(args[4]));
    }
    System.out.printf("{\"containers\": %d}%n", build.number);
  }

  private void first(Store store, Path corpus, int containers) throws IOException {
    long entries = CorpusFile.entries(corpus);
    long[] done = {0};
    Making[] making = {null};
    CorpusFile.read(corpus, item -> {
      if (making[0] == null) {
        making[0] = new Making();
      }
      making[0].add(LogicalPath.ofUtf8(item.pathBytes()));
      done[0]++;
      if (done[0] * containers / entries > added.size()) {
        making[0].finish();
        making[0] = null;
      }
    });
    commit(store);
  }

  /** Every increment holds drawn paths of the corpus, each with another ending. */
  private void increments(Store store, Path corpus, int increments, int entries)
      throws IOException {
    long all = CorpusFile.entries(corpus);
    SplittableRandom random = new SplittableRandom(seed);
    Path list = folder.resolveSibling(folder.getFileName() + ".added");
    try (DataOutputStream out =
        new DataOutputStream(new java.io.BufferedOutputStream(Files.newOutputStream(list)))) {
      out.writeInt(increments * entries);
      for (int increment = 0; increment < increments; increment++) {
        byte[] ending = ("." + increment).getBytes(StandardCharsets.US_ASCII);
        Making making = new Making();
        making.writer.addFilter();
        List<LogicalPath> paths = new ArrayList<>();
        long[] seen = {0};
        CorpusFile.read(corpus, item -> {
          if (random.nextLong(all - seen[0]++) < entries - paths.size()) {
            item.append(ending);
            paths.add(LogicalPath.ofUtf8(item.pathBytes()));
          }
        });
        paths.sort(null); // an ending may change places
        for (LogicalPath path : paths) {
          making.add(path);
          byte[] utf8 = path.utf8();
          out.writeInt(0);
          out.writeShort(utf8.length);
          out.write(utf8);
        }
        making.finish();
        commit(store);
      }
    }
  }

  private void commit(Store store) throws IOException {
    SnapshotChange change = new SnapshotChange(
        "fold",
        UUID.randomUUID(),
        "/source",
        added,
        Map.of(),
        new SnapshotStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    head = Optional.of(DatasetLog.open(store).commit(head, change, new NoCatalog()));
    added.clear();
  }

  /** A container in the making. */
  private final class Making {
    private final ContainerId id = new ContainerId(seed, ++number);
    private final SparseFile sink =
        new SparseFile(folder.resolve(ContainerSummary.pathOf(id).toString()));
    private final ContainerWriter writer = ContainerWriter.create(sink, id);
    private LogicalPath first;
    private LogicalPath last;

    Making() throws IOException {}

    void add(LogicalPath path) throws IOException {
      first = first == null ? path : first;
      last = path;
      writer.addFile(path, ATTRIBUTES, NOTHING, false);
    }

    void finish() throws IOException {
      sink.keeping = true;
      ContainerStatistics written = writer.finish();
      writer.close();
      added.add(new ContainerSummary(
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
          new KeyRange(first.fileKey(), last.fileKey()),
          0,
          NO_ROWS,
          written.filter()));
    }
  }

  /** A file that has holes until it is to be kept. */
  private static final class SparseFile implements ByteSink {
    private final FileChannel channel;
    private long position;
    private boolean keeping;

    SparseFile(Path file) throws IOException {
      channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }

    @Override
    public void write(ByteBuffer source) throws IOException {
      long at = position;
      position += source.remaining();
      while (keeping && source.hasRemaining()) {
        at += channel.write(source, at);
      }
      source.position(source.limit());
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void finish() throws IOException {
      channel.close();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static final class NoCatalog implements CatalogWriter {
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
