package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.pleat.dataset.Snapshot;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadCodec;
import io.pleat.format.PayloadExtent;
import io.pleat.format.zstd.ZstdCodec;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TestFoldedDataset {
  private final MemoryStore store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");

  private FoldedDataset open() throws IOException {
    return open(ReaderOptions.defaults());
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(store, Map.of(), options);
  }

  @Test
  void fileIsLocatedAndRead() throws IOException {
    ContainerId id = builder.add(new Content().file("a/b", "bytes").file("c", ""));
    builder.commit();
    try (FoldedDataset dataset = open()) {
      assertThat(dataset.locate(path("a/b"))).hasValueSatisfying(location -> {
        assertThat(location.entry().path()).isEqualTo(path("a/b"));
        assertThat(location.entry().extent().container()).isEqualTo(id);
        assertThat(location.entry().extent().length()).isEqualTo(5);
      });
      assertThat(text(dataset.read(path("a/b")))).isEqualTo("bytes");
      assertThat(text(dataset.read(path("c")))).isEmpty();
      assertThat(dataset.snapshot().version()).isEqualTo(1);
      assertThat(dataset.containers()).hasSize(1);
      assertThat(dataset.statistics().filesRead()).isEqualTo(2);
      assertThat(dataset.statistics().bytesRead()).isEqualTo(5);
      assertThat(dataset.statistics().indexLoads()).isEqualTo(1);
      assertThat(dataset.statistics().containerOpens()).isEqualTo(1);
    }
  }

  @Test
  void payloadLeavesItsResultToTheCollectorAndNothingElse() throws IOException {
    List<LogicalPath> present = new ArrayList<>();
    List<LogicalPath> absent = new ArrayList<>();
    for (int container = 0; container < 5; container++) {
      Content content = new Content();
      for (int i = 0; i < 200; i++) {
        String name = String.format("c%d/%03d.jpeg", container, i);
        content.file(name, name);
        present.add(path(name));
        absent.add(path(name + "~"));
      }
      builder.add(content);
    }
    builder.commit();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (FoldedDataset dataset = open()) {
      PayloadExtent some = dataset.payload(present.get(0)).orElseThrow();
      Optional<PayloadExtent> kept = Optional.empty();
      long results = 0;
      long lookups = 0;
      long nothing = 0;
      for (int round = 0; round < 3; round++) { // all is loaded in the last one
        long start = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < present.size(); i++) {
          kept = Optional.of(new PayloadExtent(
              i,
              some.kind(),
              some.length(),
              new Extent(some.extent().container(), i, 0),
              0,
              0,
              0,
              false));
        }
        long made = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < present.size(); i++) {
          kept = dataset.payload(present.get(i));
        }
        long found = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < absent.size(); i++) {
          dataset.payload(absent.get(i));
        }
        nothing = threads.getCurrentThreadAllocatedBytes() - found;
        lookups = found - made;
        results = made - start;
      }
      assertThat(kept).isPresent();
      assertThat(results).isGreaterThan(32L * present.size());
      assertThat(lookups).isEqualTo(results);
      assertThat(nothing).isLessThan(absent.size()); // what asking for the count takes
    }
  }

  @Test
  void readCostsOnePositionalReadOfTheStoredBytes() throws IOException {
    builder.add(new Content().file("a", "12345").file("b", "67"));
    builder.commit();
    try (FoldedDataset dataset = open()) {
      dataset.read(path("b"));
      long reads = dataset.statistics().storeReads();
      long bytes = dataset.statistics().storeBytes();
      dataset.read(path("a"));
      assertThat(dataset.statistics().storeReads() - reads).isEqualTo(1);
      assertThat(dataset.statistics().storeBytes() - bytes).isEqualTo(5);
    }
  }

  @Test
  void absentPathsAreNotFound() throws IOException {
    builder.add(new Content().file("a/b", "1").file("a/d", "2"));
    builder.commit();
    try (FoldedDataset dataset = open()) {
      for (String absent : List.of("", "a", "b", "a/c", "a/b/c", "a/z", "zz/y")) {
        assertThat(dataset.locate(path(absent))).as(absent).isEmpty();
      }
      assertThatThrownBy(() -> dataset.read(path("a/c")))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessage("a/c: no such file in snapshot 1");
      assertThatThrownBy(() -> dataset.read(path("a")))
          .isInstanceOf(FileSystemException.class)
          .hasMessage("a: is a directory");
      assertThatThrownBy(() -> dataset.open(path("x"))).isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void newestLiveEntrySpeaksWhereContainersOverlap() throws IOException {
    builder.add(new Content().file("a/1", "old 1").file("a/2", "old 2").file("z", "z"));
    builder.commit();
    builder.add(new Content().file("a/1", "new 1").file("y", "y"));
    builder.commit();
    builder.add(new Content().file("a/1", "newest 1").file("x/x", "x"));
    builder.removeFile("a/2");
    builder.commit();
    try (FoldedDataset dataset = open()) {
      assertThat(text(dataset.read(path("a/1")))).isEqualTo("newest 1");
      assertThat(dataset.locate(path("a/2"))).isEmpty();
      assertThat(text(dataset.read(path("z")))).isEqualTo("z");
      assertShowsTree(dataset);
    }
  }

  @Test
  void openedSnapshotStaysPinned() throws IOException {
    builder.add(new Content().file("a", "old"));
    Snapshot first = builder.commit();
    try (FoldedDataset pinned = open()) {
      builder.add(new Content().file("a", "new"));
      builder.commit();
      assertThat(text(pinned.read(path("a")))).isEqualTo("old");
      try (FoldedDataset newest = open();
          FoldedDataset older =
              FoldedDataset.open(store, first, Map.of(), ReaderOptions.defaults())) {
        assertThat(text(newest.read(path("a")))).isEqualTo("new");
        assertThat(newest.snapshot().version()).isEqualTo(2);
        assertThat(text(older.read(path("a")))).isEqualTo("old");
      }
    }
  }

  @Test
  void listingShowsFilesThenDirectories() throws IOException {
    Attributes old = new Attributes(1, 0, 0700, "old", "g", "");
    Attributes fresh = new Attributes(2, 0, 0755, "new", "g", "");
    builder.add(new Content()
        .directory("", old)
        .directory("b", old)
        .directory("empty", old)
        .file("z", "z")
        .file("b/1", "1")
        .file("c/d/e", "e"));
    builder.commit();
    builder.add(new Content().directory("b", fresh).file("a", "a").file("b/0", "0"));
    builder.commit();
    try (FoldedDataset dataset = open();
        Stream<ListedItem> items = dataset.list(LogicalPath.ROOT)) {
      List<ListedItem> listed = items.toList();
      assertThat(listed)
          .extracting(item -> item.path().toString())
          .containsExactly("a", "z", "b", "c", "empty");
      assertThat(listed)
          .extracting(ListedItem::isDirectory)
          .containsExactly(false, false, true, true, true);
      assertThat(listed.get(2).directoryAttributes()).contains(fresh);
      assertThat(listed.get(3).directoryAttributes()).isEmpty();
      assertThat(listed.get(4).directoryAttributes()).contains(old);
      assertThat(names(dataset.list(path("b")))).containsExactly("b/0", "b/1");
      assertThat(names(dataset.list(path("empty")))).isEmpty();
      assertThat(names(dataset.listRecursively(path("c")))).containsExactly("c", "c/d", "c/d/e");
      assertThat(dataset.find(LogicalPath.ROOT))
          .hasValueSatisfying(root -> assertThat(root.directoryAttributes()).contains(old));
    }
  }

  @Test
  void listingOfNoDirectoryIsRefused() throws IOException {
    builder.add(new Content().file("a/b", "1"));
    builder.commit();
    try (FoldedDataset dataset = open()) {
      assertThatThrownBy(() -> dataset.list(path("a/b")))
          .isInstanceOf(NotDirectoryException.class)
          .hasMessage("a/b");
      assertThatThrownBy(() -> dataset.listRecursively(path("x")))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessage("x: no such directory in snapshot 1");
      assertThatThrownBy(() -> dataset.list(path("a/b/c"))).isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void directoryShowsAsLongAsAnythingLiveIsBelow() throws IOException {
    builder.add(new Content()
        .directory("a")
        .file("a/b/c/1", "1")
        .file("a/b/c/2", "2")
        .directory("p/q/r")
        .file("x", "x"));
    builder.commit();
    builder.removeFile("a/b/c/1").removeDirectory("a").commit();
    try (FoldedDataset dataset = open()) {
      assertShowsTree(dataset);
      assertThat(names(dataset.listRecursively(path("a"))))
          .containsExactly("a", "a/b", "a/b/c", "a/b/c/2");
    }
    builder.removeFile("a/b/c/2").commit();
    try (FoldedDataset dataset = open()) {
      assertShowsTree(dataset);
      assertThat(dataset.find(path("a"))).isEmpty();
      assertThat(names(dataset.list(LogicalPath.ROOT))).containsExactly("x", "p");
    }
    builder.removeDirectory("p/q/r").removeFile("x").commit();
    try (FoldedDataset dataset = open()) {
      assertThat(names(dataset.listRecursively(LogicalPath.ROOT))).containsExactly("");
    }
  }

  @Test
  void olderDirectoryRowSpeaksWhenTheNewestIsDead() throws IOException {
    Attributes old = new Attributes(1, 0, 0700, "old", "g", "");
    Attributes fresh = new Attributes(2, 0, 0755, "new", "g", "");
    builder.add(new Content().directory("d", old).file("d/1", "1"));
    builder.commit();
    builder.add(new Content().directory("d", fresh).file("d/2", "2"));
    builder.commit();
    DatasetBuilder.LiveDirectory newest = builder.directories().get(path("d")).get(1);
    builder.kill(newest.container(), newest.row()).commit();
    try (FoldedDataset dataset = open()) {
      assertThat(dataset.find(path("d")).flatMap(ListedItem::attributes)).contains(old);
    }
  }

  @Test
  void brokenInvariantsCrashNothing() throws IOException {
    builder.add(new Content().file("a", "file").file("t", "first"));
    builder.commit();
    ContainerId first = builder.files().get(path("t")).container();
    builder.files().remove(path("t")); // so that the next one does not kill it
    builder.add(new Content().file("a/b", "below").directory("t").file("t/u", "u"));
    builder.commit();
    builder.add(new Content().file("a", "file again").file("s", "s"));
    builder.commit();
    try (FoldedDataset dataset = open()) {
      assertThat(dataset.locate(path("t")))
          .hasValueSatisfying(
              location -> assertThat(location.entry().extent().container()).isEqualTo(first));
      assertThat(names(dataset.listRecursively(LogicalPath.ROOT)))
          .containsExactly("", "a", "s", "t", "a", "a/b", "t", "t/u");
      assertThat(text(dataset.read(path("a/b")))).isEqualTo("below");
      assertThat(text(dataset.read(path("a")))).isEqualTo("file again");
    }
  }

  @Test
  void weirdNamesSurvive() throws IOException {
    List<String> weird = List.of(
        " ",
        "a b",
        "line\nbreak",
        "100%",
        "#hash",
        "c:olon",
        "back\\slash",
        "*?[x]",
        "\uD83D\uDE00",
        "e\u0301",
        "\u00e9",
        "x".repeat(255),
        "\u00e9".repeat(127) + "x",
        ".hidden",
        "_under",
        "-dash",
        "\u0001",
        "tab\t",
        "~",
        "a.b",
        "a-b",
        "...");
    Content content = new Content();
    for (String name : weird) {
      content.file(name + "/" + name, "1 " + name).file("flat/" + name, "2 " + name);
    }
    content.file("deep/" + "d/".repeat(500) + "file", "deep");
    builder.add(content);
    builder.commit();
    try (FoldedDataset dataset = open()) {
      assertShowsTree(dataset);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void everyViewAgreesWithModel(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> names = List.of("a", "a-b", "a.b", "a b", "b", "\u00e9", "a\u0001");
    for (int commit = 0; commit < 1 + random.nextInt(6); commit++) {
      for (int container = 0; container < random.nextInt(3); container++) {
        Content content = new Content();
        Set<String> files = new HashSet<>();
        for (int i = 0; i < 1 + random.nextInt(40); i++) {
          StringBuilder path = new StringBuilder(names.get(random.nextInt(names.size())));
          for (int depth = random.nextInt(4); depth > 0; depth--) {
            path.append('/').append(names.get(random.nextInt(names.size())));
          }
          String chosen = path.toString();
          if (files.stream()
              .anyMatch(f -> isAbove(f, chosen) || isAbove(chosen, f) || f.equals(chosen))) {
            continue;
          }
          if (random.nextInt(4) == 0) {
            if (container == 0) { // two rows of one sequence would speak at once
              removeFilesAtOrAbove(chosen);
              content.directory(chosen, new Attributes(commit, i, 0755, "u", "g", ""));
            }
            files.add(chosen + "/"); // nothing else at this path
          } else {
            removeEverythingInTheWayOf(chosen);
            byte[] bytes = new byte[random.nextInt(2000)];
            random.nextBytes(bytes);
            content.file(chosen, bytes, new Attributes(commit, i, 0644, "u", "g", ""));
            files.add(chosen);
          }
        }
        if (!files.stream().allMatch(f -> f.endsWith("/")) || container == 0) {
          addUnlessEmpty(content);
        }
      }
      builder.add(new Content().file("n" + commit, "never nothing"));
      for (LogicalPath path : List.copyOf(builder.files().keySet())) {
        if (random.nextInt(5) == 0) {
          builder.removeFile(path.toString());
        }
      }
      for (LogicalPath path : List.copyOf(builder.directories().keySet())) {
        if (random.nextInt(5) == 0) {
          builder.removeDirectory(path.toString());
        }
      }
      builder.commit();
    }
    for (long bound : new long[] {0, 1 << 20}) {
      try (FoldedDataset dataset = open(ReaderOptions.defaults().withIndexCacheBytes(bound))) {
        assertShowsTree(dataset);
      }
    }
  }

  private void addUnlessEmpty(Content content) throws IOException {
    try {
      builder.add(content);
    } catch (java.util.NoSuchElementException e) {
      // no rows
    }
  }

  private void removeFilesAtOrAbove(String path) {
    for (String above = path; ; above = above.substring(0, above.lastIndexOf('/'))) {
      builder.removeFile(above);
      if (above.indexOf('/') < 0) {
        return;
      }
    }
  }

  private void removeEverythingInTheWayOf(String path) {
    removeFilesAtOrAbove(path);
    LogicalPath top = path(path);
    for (LogicalPath file : List.copyOf(builder.files().keySet())) {
      if (file.startsWith(top)) {
        builder.removeFile(file.toString());
      }
    }
    for (LogicalPath directory : List.copyOf(builder.directories().keySet())) {
      if (directory.startsWith(top)) {
        builder.removeDirectory(directory.toString());
      }
    }
  }

  private static boolean isAbove(String above, String path) {
    return path.startsWith(above.endsWith("/") ? above : above + "/") && !above.endsWith("/");
  }

  /** Compares every view of the dataset with what the builder says. */
  private void assertShowsTree(FoldedDataset dataset) throws IOException {
    Map<LogicalPath, DatasetBuilder.Expected> tree = builder.tree();
    List<ListedItem> listed;
    try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
      listed = items.toList();
    }
    assertThat(listed).extracting(ListedItem::path).containsExactlyElementsOf(tree.keySet());
    Map<LogicalPath, List<LogicalPath>> children = new LinkedHashMap<>();
    List<LogicalPath> files = new ArrayList<>();
    for (ListedItem item : listed) {
      DatasetBuilder.Expected expected = tree.get(item.path());
      assertThat(item.isDirectory()).as("%s", item).isEqualTo(expected.file().isEmpty());
      assertThat(item.attributes()).as("%s", item).isEqualTo(expected.attributes());
      assertThat(dataset.find(item.path())).contains(item);
      if (item.isDirectory()) {
        children.put(item.path(), new ArrayList<>());
        assertThat(dataset.locate(item.path())).isEmpty();
      } else {
        files.add(item.path());
        assertThat(dataset.locate(item.path()).map(Location::entry)).isEqualTo(item.file());
        assertThat(bytes(dataset.read(item.path())))
            .isEqualTo(expected.file().get().bytes());
      }
      assertThat(dataset.find(item.path().resolve("nothing"))).isEmpty();
    }
    tree.forEach((path, expected) -> {
      if (!path.isRoot()) {
        children.get(path.parent()).add(path);
      }
    });
    for (LogicalPath directory : children.keySet()) {
      List<LogicalPath> expected = new ArrayList<>(children.get(directory));
      expected.sort((one, other) -> Arrays.compareUnsigned(key(one, tree), key(other, tree)));
      try (Stream<ListedItem> items = dataset.list(directory)) {
        assertThat(items.map(ListedItem::path))
            .as("'%s'", directory)
            .containsExactlyElementsOf(expected);
      }
    }
    Collections.shuffle(files, new Random(7));
    List<byte[]> all = dataset.readAll(files).map(TestFoldedDataset::bytes).toList();
    assertThat(all).hasSameSizeAs(files);
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i)).isEqualTo(tree.get(files.get(i)).file().get().bytes());
    }
  }

  private static byte[] key(LogicalPath path, Map<LogicalPath, DatasetBuilder.Expected> tree) {
    return tree.get(path).file().isPresent() ? path.fileKey() : path.directoryKey();
  }

  @Test
  void listingTouchesOnlyWhatItShows() throws IOException {
    for (int directory = 0; directory < 4; directory++) {
      for (int part = 0; part < 10; part++) {
        Content content = new Content();
        for (int i = 0; i < 5; i++) {
          content.file("d" + directory + "/p" + part + "/" + i, "x");
        }
        if (part == 0) {
          content.directory("d" + directory);
        }
        builder.add(content);
      }
    }
    builder.commit();
    try (FoldedDataset dataset = open()) {
      assertThat(names(dataset.list(LogicalPath.ROOT))).containsExactly("d0", "d1", "d2", "d3");
      assertThat(dataset.statistics().indexLoads()).isLessThanOrEqualTo(8);
      Iterator<ListedItem> lazily = dataset.listRecursively(path("d3")).iterator();
      for (int i = 0; i < 4; i++) {
        lazily.next();
      }
      assertThat(dataset.statistics().indexLoads()).isLessThanOrEqualTo(10);
    }
  }

  @Test
  void batchAnswersInOrderFromFewReads() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    for (int container = 0; container < 3; container++) {
      Content content = new Content();
      for (int i = 0; i < 200; i++) {
        String name = "c" + container + "/" + i;
        contents.put(name, "content of " + name);
        content.file(name, contents.get(name));
      }
      builder.add(content);
    }
    builder.commit();
    List<String> names = new ArrayList<>(contents.keySet());
    names.addAll(names.subList(0, 50)); // asked for twice
    Collections.shuffle(names, new Random(1));
    List<LogicalPath> paths = names.stream().map(LogicalPath::of).toList();
    try (FoldedDataset dataset = open()) {
      assertThat(dataset.readAll(paths).map(TestFoldedDataset::text))
          .containsExactlyElementsOf(names.stream().map(contents::get).toList());
      assertThat(dataset.statistics().indexLoads()).isEqualTo(3);
      long before = dataset.statistics().storeReads();
      assertThat(dataset.readAll(paths).count()).isEqualTo(paths.size());
      dataset.readAll(paths).forEach(bytes -> {});
      assertThat(dataset.statistics().storeReads() - before).isLessThanOrEqualTo(6);
      assertThat(dataset.readAll(List.of())).isEmpty();
    }
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withBatchBytes(1))) {
      assertThat(dataset.readAll(paths).map(TestFoldedDataset::text))
          .containsExactlyElementsOf(names.stream().map(contents::get).toList());
    }
  }

  @Test
  void compressedPayloadsAreDecoded() throws IOException {
    byte[] dictionary =
        "the quick brown fox jumps over the lazy dog; ".repeat(20).getBytes(UTF_8);
    List<LogicalPath> paths = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    try (ZstdCodec plain = ZstdCodec.of(3);
        ZstdCodec trained = ZstdCodec.withDictionary(3, dictionary)) {
      for (ZstdCodec codec : List.of(plain, trained)) {
        Content content = new Content();
        codec.dictionary().ifPresent(content::dictionary);
        for (int i = 0; i < 40; i++) {
          String text = ("the lazy dog " + i + " jumps over the quick brown fox; ").repeat(i);
          LogicalPath path = path("d" + paths.size() % 3 + "/" + paths.size());
          byte[] bytes = text.getBytes(UTF_8);
          content.file(
              path.toString(), bytes, codec.encode(ByteBuffer.wrap(bytes)), DatasetBuilder.PLAIN);
          paths.add(path);
          texts.add(text);
        }
        builder.add(content);
      }
    }
    builder.commit();
    try (FoldedDataset dataset = open()) {
      Set<Integer> codecs = new HashSet<>();
      for (int i = 0; i < paths.size(); i++) {
        codecs.add(dataset.locate(paths.get(i)).orElseThrow().entry().codec());
        assertThat(text(dataset.read(paths.get(i)))).isEqualTo(texts.get(i));
      }
      assertThat(codecs)
          .containsExactlyInAnyOrder(
              PayloadCodec.RAW, PayloadCodec.ZSTD, PayloadCodec.ZSTD_DICTIONARY);
      assertThat(dataset.readAll(paths).map(TestFoldedDataset::text))
          .containsExactlyElementsOf(texts);
      assertShowsTree(dataset);
    }
  }

  @Test
  void batchFailsAtTheFileThatFailsAndGoesOn() throws IOException {
    builder.add(new Content().file("a", "1").file("b", "2"));
    builder.commit();
    try (FoldedDataset dataset = open()) {
      Iterator<ByteBuffer> all =
          dataset.readAll(List.of(path("a"), path("no"), path("b"))).iterator();
      assertThat(text(all.next())).isEqualTo("1");
      assertThatThrownBy(all::next)
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(NoSuchFileException.class);
      assertThat(text(all.next())).isEqualTo("2");
      assertThat(all.hasNext()).isFalse();
    }
  }

  @Test
  void openedFileIsReadByPosition() throws IOException {
    builder.add(new Content().file("a", "0123456789").file("empty", ""));
    builder.commit();
    try (FoldedDataset dataset = open();
        ByteSource file = dataset.open(path("a"));
        ByteSource empty = dataset.open(path("empty"))) {
      assertThat(file.length()).isEqualTo(10);
      ByteBuffer target = ByteBuffer.allocate(4);
      file.readFully(5, target);
      assertThat(text(target.flip())).isEqualTo("5678");
      file.readFully(10, ByteBuffer.allocate(0));
      assertThatThrownBy(() -> file.readFully(7, ByteBuffer.allocate(4)))
          .isInstanceOf(EOFException.class)
          .hasMessage("cannot read 4 bytes at offset 7 of 10: a");
      assertThatThrownBy(() -> file.readFully(Long.MAX_VALUE, ByteBuffer.allocate(1)))
          .isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> file.readFully(-1, ByteBuffer.allocate(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("negative position: -1");
      assertThat(dataset.statistics().filesRead()).isEqualTo(1);
      assertThat(empty.length()).isZero();
      assertThatThrownBy(() -> empty.readFully(0, ByteBuffer.allocate(1)))
          .isInstanceOf(EOFException.class);
      file.close();
      assertThatThrownBy(() -> file.readFully(0, target.clear()))
          .isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void missingDatasetIsOneClearLine(@TempDir Path directory) throws IOException {
    Path nowhere = directory.resolve("nowhere");
    String location;
    try (Store root = Stores.open(nowhere.toString(), Map.of())) {
      location = root.location();
    }
    assertThatThrownBy(
            () -> FoldedDataset.open(nowhere.toString(), Map.of(), ReaderOptions.defaults()))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(location + ": no dataset is here: there is no snapshot under _pleat/snapshots");
    assertThatThrownBy(() -> open()).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void closedDatasetLendsNoMore() throws IOException {
    builder.add(new Content().file("a", "1"));
    builder.commit();
    FoldedDataset dataset = open();
    dataset.read(path("a"));
    dataset.close();
    dataset.close();
    assertThatThrownBy(() -> dataset.read(path("a")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the dataset was closed");
  }

  @Test
  void openContainersAreBounded() throws IOException {
    List<LogicalPath> paths = new ArrayList<>();
    for (int container = 0; container < 10; container++) {
      builder.add(new Content().file("f" + container, "x"));
      paths.add(path("f" + container));
    }
    builder.commit();
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withOpenContainers(3))) {
      for (int round = 0; round < 3; round++) {
        for (LogicalPath path : paths) {
          dataset.read(path);
        }
      }
      assertThat(dataset.openContainers()).isEqualTo(3);
    }
    try (FoldedDataset dataset = open()) {
      for (int round = 0; round < 3; round++) {
        for (LogicalPath path : paths) {
          dataset.read(path);
        }
      }
      assertThat(dataset.statistics().containerOpens()).isEqualTo(10);
    }
  }

  @Test
  void indexBlocksAreBoundedInBytes() throws IOException {
    for (int container = 0; container < 6; container++) {
      Content content = new Content();
      for (int i = 0; i < 300; i++) {
        content.file("c" + container + "/" + i, "x");
      }
      builder.add(content);
    }
    builder.commit();
    long one;
    try (FoldedDataset dataset = open()) {
      dataset.read(path("c0/0"));
      one = dataset.residentIndexBytes();
    }
    assertThat(one).isPositive();
    try (FoldedDataset dataset =
        open(ReaderOptions.defaults().withIndexCacheBytes(2 * one + one / 2))) {
      for (int container = 0; container < 6; container++) {
        dataset.read(path("c" + container + "/7"));
      }
      assertThat(dataset.residentIndexBytes()).isBetween(one, 2 * one + one / 2);
      assertThat(dataset.statistics().indexEvictions()).isEqualTo(4);
    }
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withIndexCacheBytes(0))) {
      for (int container = 0; container < 6; container++) {
        dataset.read(path("c" + container + "/7"));
        dataset.read(path("c" + container + "/8"));
      }
      assertThat(dataset.statistics().indexLoads()).isEqualTo(6);
      assertThat(dataset.statistics().indexEvictions()).isEqualTo(5);
    }
  }

  private static LogicalPath path(String path) {
    return LogicalPath.of(path);
  }

  private static List<String> names(Stream<ListedItem> items) {
    try (items) {
      return items.map(item -> item.path().toString()).toList();
    }
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static String text(ByteBuffer buffer) {
    return new String(bytes(buffer), UTF_8);
  }
}
