package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.ContainerWriter;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.Payload;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Builds real datasets on any store without an engine: stage containers, remove paths, {@link #commit()}. As a fold does, a file that
 * is added again replaces the one that was live. {@link #files()}, {@link #directories()} say what a reader should then see.
 */
public final class DatasetBuilder {
  /** Attributes for whoever does not care. */
  public static final Attributes PLAIN =
      new Attributes(1_700_000_000, 0, 0644, "user", "group", "");

  private final Store store;
  private final String sourceRoot;
  private final Map<LogicalPath, LiveFile> files = new TreeMap<>();
  private final Map<LogicalPath, List<LiveDirectory>> directories = new HashMap<>();
  private final List<ContainerSummary> added = new ArrayList<>();
  private final List<ContainerSummary> tombstones = new ArrayList<>();
  private final Map<ContainerId, List<Integer>> newlyDead = new HashMap<>();
  private Optional<Snapshot> head = Optional.empty();
  private final Map<LogicalPath, Long> storedLengths = new java.util.HashMap<>();
  private SnapshotStatistics delta = nothing();
  private CatalogWriter catalog = new NoCatalog();

  private DatasetBuilder(Store store, String sourceRoot) {
    this.store = store;
    this.sourceRoot = sourceRoot;
  }

  /** A dataset still to be written at {@code store}, as if folded from {@code sourceRoot}. */
  public static DatasetBuilder on(Store store, String sourceRoot) {
    return new DatasetBuilder(store, sourceRoot);
  }

  /** Adds to the dataset at {@code store}; knows nothing of the files that it holds. */
  public static DatasetBuilder addingTo(Store store) throws IOException {
    Snapshot current = DatasetLog.open(store).current().orElseThrow();
    DatasetBuilder builder = new DatasetBuilder(store, current.sourceRoot());
    builder.head = Optional.of(current);
    return builder;
  }

  /** A file that is live once it was committed; {@code bytes} is null for pass-through. */
  @SuppressWarnings("ArrayRecordComponent")
  public record LiveFile(
      Attributes attributes, long length, byte[] bytes, ContainerId container, int row) {}

  /** A directory row that is live once it was committed. */
  public record LiveDirectory(Attributes attributes, ContainerId container, int row) {}

  /** What goes into one container, in any order. */
  public static final class Content {
    private final Map<LogicalPath, Attributes> directories = new HashMap<>();
    private final Map<LogicalPath, byte[]> files = new HashMap<>();
    private final Map<LogicalPath, Payload> payloads = new HashMap<>();
    private final Map<LogicalPath, Long> passThroughs = new HashMap<>();
    private final Map<LogicalPath, Attributes> attributes = new HashMap<>();
    private byte[] dictionary;
    private boolean filter;

    /** A directory row. */
    public Content directory(String path, Attributes attributes) {
      directories.put(LogicalPath.of(path), attributes);
      return this;
    }

    /** A directory row with plain attributes. */
    public Content directory(String path) {
      return directory(path, PLAIN);
    }

    /** A file with plain attributes. */
    public Content file(String path, String text) {
      return file(path, text.getBytes(UTF_8), PLAIN);
    }

    /** A file, stored raw. */
    public Content file(String path, byte[] bytes, Attributes attributes) {
      return file(path, bytes, Payload.raw(ByteBuffer.wrap(bytes)), attributes);
    }

    /** A file stored as {@code payload}, which decodes to {@code bytes}. */
    public Content file(String path, byte[] bytes, Payload payload, Attributes attributes) {
      LogicalPath logical = LogicalPath.of(path);
      files.put(logical, bytes);
      payloads.put(logical, payload);
      this.attributes.put(logical, attributes);
      return this;
    }

    /** A file that stays under the source root. */
    public Content passThrough(String path, long length, Attributes attributes) {
      passThroughs.put(LogicalPath.of(path), length);
      this.attributes.put(LogicalPath.of(path), attributes);
      return this;
    }

    /** Gives the container a filter. */
    public Content filter() {
      filter = true;
      return this;
    }

    /** The dictionary of the container. */
    public Content dictionary(byte[] dictionary) {
      this.dictionary = dictionary.clone();
      return this;
    }
  }

  /** Lets commits write a catalogue that can be read. */
  public DatasetBuilder withCatalog(CatalogWriter writer) {
    catalog = writer;
    return this;
  }

  /** Writes one container, to be committed by the next {@link #commit()}. */
  public ContainerId add(Content content) throws IOException {
    ContainerId id = ContainerId.random();
    ContainerSummary written =
        write(id, ContainerSummary.pathOf(id), reference(store, "catalog/files/"), content);
    added.add(written);
    note(id, content);
    delta = plus(
        delta,
        new SnapshotStatistics(
            0, 0, 0, 0, 0, 0, 0, written.length() - written.indexOffset(), 0, 0, 0, 0));
    return id;
  }

  /** Writes tombstones, pass-through files and directories all of them, to be committed by the next {@link #commit()}. */
  public DatasetBuilder addTombstones(Content content) throws IOException {
    ContainerId id = ContainerId.random();
    tombstones.add(write(id, ContainerSummary.tombstonePathOf(id), FileReference.NONE, content));
    return this;
  }

  private ContainerSummary write(
      ContainerId id, LogicalPath at, FileReference catalog, Content content) throws IOException {
    TreeMap<byte[], LogicalPath> rows = new TreeMap<>(Arrays::compareUnsigned);
    content.directories.keySet().forEach(path -> rows.put(path.directoryKey(), path));
    content.attributes.keySet().forEach(path -> rows.put(path.fileKey(), path));
    ContainerStatistics written;
    try (ByteSink sink = store.create(at);
        ContainerWriter out = ContainerWriter.create(sink, id)) {
      if (content.filter) {
        out.addFilter();
      }
      if (content.dictionary != null) {
        out.setDictionary(content.dictionary);
      }
      for (Map.Entry<byte[], LogicalPath> row : rows.entrySet()) {
        LogicalPath path = row.getValue();
        if (Arrays.equals(row.getKey(), path.directoryKey())) {
          out.addDirectory(path, content.directories.get(path));
        } else if (content.passThroughs.containsKey(path)) {
          out.addPassThrough(path, content.attributes.get(path), content.passThroughs.get(path));
        } else {
          out.addFile(path, content.attributes.get(path), content.payloads.get(path), false);
        }
      }
      written = out.finish();
    }
    return new ContainerSummary(
        id,
        written.length(),
        written.crc32c(),
        written.indexOffset(),
        written.entries(),
        written.passThroughs(),
        written.directories(),
        written.payloadBytes(),
        written.storedBytes(),
        written.passThroughBytes(),
        new KeyRange(rows.firstKey(), rows.lastKey()),
        0,
        catalog,
        written.filter());
  }

  private void note(ContainerId id, Content content) throws IOException {
    try (ByteSource source = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(source, id)) {
      for (int row = 0; row < reader.index().entryCount(); row++) {
        Entry entry = reader.index().entry(row);
        removeFile(entry.path().toString());
        files.put(
            entry.path(),
            new LiveFile(
                entry.attributes(), entry.length(), content.files.get(entry.path()), id, row));
        delta = plus(
            delta,
            live(
                entry.kind() == Entry.Kind.FOLDED,
                entry.length(),
                entry.extent().length(),
                1));
        storedLengths.put(entry.path(), entry.extent().length());
      }
      for (Map.Entry<LogicalPath, Attributes> directory : content.directories.entrySet()) {
        LogicalPath path = directory.getKey();
        int row = reader.index().entryCount() + reader.index().findDirectory(path.utf8());
        List<LiveDirectory> known = directories.computeIfAbsent(path, unknown -> new ArrayList<>());
        if (known.isEmpty()) {
          delta = plus(delta, new SnapshotStatistics(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        known.add(new LiveDirectory(directory.getValue(), id, row));
      }
    }
  }

  /** Marks a live file dead, if there is one. */
  public DatasetBuilder removeFile(String path) {
    LiveFile dead = files.remove(LogicalPath.of(path));
    if (dead != null) {
      newlyDead.computeIfAbsent(dead.container(), id -> new ArrayList<>()).add(dead.row());
      delta = plus(
          delta,
          live(
              dead.bytes() != null, dead.length(), storedLengths.remove(LogicalPath.of(path)), -1));
    }
    return this;
  }

  /** Marks all rows of a directory dead, if it has any. */
  public DatasetBuilder removeDirectory(String path) {
    List<LiveDirectory> dead = directories.remove(LogicalPath.of(path));
    if (dead != null) {
      dead.forEach(row -> kill(row.container(), row.row()));
      delta = plus(delta, new SnapshotStatistics(0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0));
    }
    return this;
  }

  /** Marks any row of any container dead, without accounting for it. */
  public DatasetBuilder kill(ContainerId container, int row) {
    newlyDead.computeIfAbsent(container, id -> new ArrayList<>()).add(row);
    return this;
  }

  /** What stands at a path: a file's attributes and bytes, or a directory's attributes where it has any. */
  public record Expected(Optional<LiveFile> file, Optional<Attributes> attributes) {}

  /** What a recursive listing of the root has to show once the next commit was made, by path and in key order. */
  public Map<LogicalPath, Expected> tree() {
    TreeMap<byte[], LogicalPath> keys = new TreeMap<>(Arrays::compareUnsigned);
    Map<LogicalPath, Expected> unordered = new HashMap<>();
    unordered.put(LogicalPath.ROOT, new Expected(Optional.empty(), Optional.empty()));
    for (LogicalPath path : files.keySet()) {
      addAncestors(path, unordered);
    }
    for (LogicalPath path : directories.keySet()) {
      addAncestors(path, unordered);
    }
    directories.forEach((path, rows) -> unordered.put(
        path,
        new Expected(Optional.empty(), Optional.of(rows.get(rows.size() - 1).attributes()))));
    unordered.keySet().forEach(path -> keys.put(path.directoryKey(), path));
    files.forEach((path, file) -> {
      unordered.put(path, new Expected(Optional.of(file), Optional.of(file.attributes())));
      keys.put(path.fileKey(), path);
    });
    Map<LogicalPath, Expected> ordered = new LinkedHashMap<>();
    keys.values().forEach(path -> ordered.put(path, unordered.get(path)));
    return ordered;
  }

  private static void addAncestors(LogicalPath path, Map<LogicalPath, Expected> to) {
    LogicalPath above = path;
    while (!above.isRoot()) {
      above = above.parent();
      to.put(above, new Expected(Optional.empty(), Optional.empty()));
    }
  }

  /** Commits what was staged. */
  public Snapshot commit() throws IOException {
    Map<ContainerId, DeletionVector> dead = new HashMap<>();
    newlyDead.forEach((id, rows) ->
        dead.put(id, DeletionVector.of(rows.stream().mapToInt(Integer::intValue).toArray())));
    SnapshotChange change = new SnapshotChange(
            "fold", UUID.randomUUID(), sourceRoot, added, dead, delta)
        .withTombstonesAdded(tombstones);
    head = Optional.of(DatasetLog.open(store).commit(head, change, catalog));
    added.clear();
    tombstones.clear();
    newlyDead.clear();
    delta = nothing();
    return head.get();
  }

  /** What is live once the next commit was made, by path. */
  public Map<LogicalPath, LiveFile> files() {
    return files;
  }

  /** The rows of directories that are live once the next commit was made, the newest last. */
  public Map<LogicalPath, List<LiveDirectory>> directories() {
    return directories;
  }

  private static SnapshotStatistics nothing() {
    return new SnapshotStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  private static SnapshotStatistics live(boolean folded, long length, long stored, int sign) {
    long bytes = sign * length;
    return folded
        ? new SnapshotStatistics(sign, sign, 0, 0, bytes, sign * stored, 0, 0, 0, 0, 0, 0)
        : new SnapshotStatistics(sign, 0, sign, 0, 0, 0, bytes, 0, 0, 0, 0, 0);
  }

  private static SnapshotStatistics plus(SnapshotStatistics one, SnapshotStatistics other) {
    return new SnapshotStatistics(
        one.files() + other.files(),
        one.foldedFiles() + other.foldedFiles(),
        one.passThroughFiles() + other.passThroughFiles(),
        one.directories() + other.directories(),
        one.payloadBytes() + other.payloadBytes(),
        one.storedBytes() + other.storedBytes(),
        one.passThroughBytes() + other.passThroughBytes(),
        one.indexBytes() + other.indexBytes(),
        0,
        0,
        0,
        0);
  }

  private static FileReference reference(Store store, String directory) throws IOException {
    LogicalPath path = LogicalPath.of(directory + UUID.randomUUID() + ".parquet");
    byte[] content = "no rows".getBytes(UTF_8);
    try (ByteSink sink = store.create(path)) {
      sink.write(ByteBuffer.wrap(content));
      sink.finish();
    }
    CRC32C crc = new CRC32C();
    crc.update(content);
    return new FileReference(path, content.length, (int) crc.getValue());
  }

  /** A catalogue that nobody can query. */
  private static final class NoCatalog implements CatalogWriter {
    @Override
    public FileReference writeContainers(Store dataset, List<ContainerSummary> containers)
        throws IOException {
      return reference(dataset, "catalog/containers/");
    }

    @Override
    public FileReference writeDeadRows(
        Store dataset, List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead)
        throws IOException {
      return reference(dataset, "catalog/containers/");
    }
  }
}
