package io.pleat.maintain;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.fold.FoldAction;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.LocalFoldEngine;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** A local source tree that changes, and the dataset that follows it. */
public final class LivingTree {
  /** Larger files pass through. */
  static final int MAX_FILE_SIZE = 1000;

  private final Path source;
  private final String dataset;
  private long clock = Instant.parse("2020-01-01T00:00:00Z").getEpochSecond();

  public LivingTree(Path directory) throws IOException {
    this(
        Files.createDirectories(directory.resolve("source")),
        directory.resolve("dataset").toString());
  }

  private LivingTree(Path source, String dataset) {
    this.source = source;
    this.dataset = dataset;
  }

  /** The same source, and a copy of the dataset. */
  LivingTree copy(Path to) throws IOException {
    Path from = Path.of(dataset);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
    return new LivingTree(source, to.toString());
  }

  /** The same source, with its dataset elsewhere, in any store. */
  LivingTree at(String location) {
    LivingTree tree = new LivingTree(source, location);
    tree.clock = clock;
    return tree;
  }

  public Path source() {
    return source;
  }

  public String dataset() {
    return dataset;
  }

  /** Writes a file, one second later than the last one was written. */
  public void write(String path, String content) throws IOException {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(++clock)));
  }

  public void delete(String path) throws IOException {
    Files.delete(source.resolve(path));
  }

  void deleteTree(String path) throws IOException {
    try (Stream<Path> all = Files.walk(source.resolve(path))) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }

  /** The source's files with their contents. */
  Map<String, String> originals() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(source)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        files.put(source.relativize(each).toString(), Files.readString(each));
      }
    }
    return files;
  }

  public FoldReport fold() throws IOException {
    return fold(MirrorDeletes.OFF);
  }

  public FoldReport fold(MirrorDeletes mirror) throws IOException {
    return fold(FoldOptions.defaults().withMirror(mirror));
  }

  public FoldReport fold(FoldOptions options) throws IOException {
    return fold(options, ProgressListener.NONE);
  }

  FoldReport fold(FoldOptions options, ProgressListener progress) throws IOException {
    try (LocalFoldEngine engine = new LocalFoldEngine(1)) {
      return new FoldAction(
              new FoldRequest(
                  source.toString(),
                  dataset(),
                  Map.of(),
                  options.withMaxFileSize(MAX_FILE_SIZE).withMaxEntries(7)),
              engine,
              new ParquetCatalogWriter(),
              ParquetEntryCatalog::new,
              progress)
          .run();
    }
  }

  RemoveReport rm(String... paths) throws IOException {
    return new Remover(request(false, paths), new ParquetCatalogWriter()).run();
  }

  RemoveReport rmOnlyCopies(String... paths) throws IOException {
    return new Remover(request(true, paths), new ParquetCatalogWriter()).run();
  }

  RemoveRequest request(boolean onlyCopies, String... paths) {
    return new RemoveRequest(
        dataset(),
        Map.of(),
        Arrays.stream(paths).map(LogicalPath::of).toList(),
        true,
        onlyCopies,
        false);
  }

  /** Does to files what reclaim does in the end: they are the only copy, and their originals are gone. */
  public Snapshot reclaim(String... paths) throws IOException {
    try (Store store = Stores.open(dataset(), Map.of())) {
      DatasetLog log = DatasetLog.open(store);
      Snapshot head = log.current().orElseThrow();
      Map<io.pleat.format.ContainerId, List<Integer>> rows = new HashMap<>();
      try (FoldedDataset held =
          FoldedDataset.open(store, head, Map.of(), ReaderOptions.defaults())) {
        for (String path : paths) {
          Entry entry = held.locate(LogicalPath.of(path)).orElseThrow().entry();
          rows.computeIfAbsent(entry.extent().container(), id -> new ArrayList<>())
              .add(entry.ordinal());
        }
      }
      Map<io.pleat.format.ContainerId, ReclaimedRows> marks = new HashMap<>();
      rows.forEach((id, ordinals) -> marks.put(
          id, ReclaimedRows.of(ordinals.stream().mapToInt(Integer::intValue).toArray())));
      Snapshot next = log.commit(
          Optional.of(head),
          SnapshotChange.by("reclaim", UUID.randomUUID(), head.sourceRoot())
              .withNewlyReclaimed(marks),
          new ParquetCatalogWriter());
      for (String path : paths) {
        delete(path);
      }
      return next;
    }
  }

  public Snapshot head() throws IOException {
    try (Store store = Stores.open(dataset(), Map.of())) {
      return DatasetLog.open(store).current().orElseThrow();
    }
  }

  /** What the newest snapshot holds: contents by path, {@code /} at the end of recorded directories; of pass-through files the length. */
  public Map<String, String> held() throws IOException {
    return held(head().version());
  }

  public Map<String, String> held(long version) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Store store = Stores.open(dataset(), Map.of())) {
      Snapshot snapshot = DatasetLog.open(store).snapshot(version);
      try (FoldedDataset held =
              FoldedDataset.open(store, snapshot, Map.of(), ReaderOptions.defaults());
          Stream<ListedItem> items = held.listRecursively(LogicalPath.ROOT)) {
        for (ListedItem item : items.toList()) {
          if (item.isDirectory()) {
            continue;
          }
          String content = item.isPassThrough()
              ? "length " + item.file().get().length()
              : StandardCharsets.UTF_8.decode(held.read(item.path())).toString();
          all.put(item.path().toString(), content);
        }
      }
    }
    return all;
  }

  /** The directories that the newest snapshot shows, but the root. */
  List<String> heldDirectories() throws IOException {
    try (FoldedDataset held = FoldedDataset.open(dataset(), Map.of(), ReaderOptions.defaults());
        Stream<ListedItem> items = held.listRecursively(LogicalPath.ROOT)) {
      return items
          .filter(item -> item.isDirectory() && !item.path().isRoot())
          .map(item -> item.path().toString())
          .toList();
    }
  }

  /** What {@code verify} finds: nothing, if all is well. */
  List<String> findings() throws IOException {
    List<String> findings = new ArrayList<>();
    Verifier.verify(
        new VerifyRequest(dataset(), VerifyRequest.Level.DATA, Map.of(), 1),
        new NoCatalogReader(),
        new VerifyListener() {
          @Override
          public void found(Finding finding) {
            findings.add(finding.toString());
          }
        });
    return findings;
  }
}
