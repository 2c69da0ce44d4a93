package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.fold.RunContainers;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.CorruptDataException;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.Payload;
import io.pleat.format.PayloadCodec;
import io.pleat.format.zstd.ZstdCodec;
import io.pleat.maintain.ContainerRewriter.Shape;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

class TestContainerRewriter {
  private static final Shape SHAPE = new Shape(1 << 20, 1000, true);

  private MemoryStore store = new MemoryStore();
  private DatasetBuilder builder = DatasetBuilder.on(store, "/source");
  private Optional<Snapshot> committed = Optional.empty();

  @Test
  void liveRowsOfOverlappingContainersComeOutInOne() throws IOException {
    builder.add(new Content()
        .directory("a")
        .directory("empty")
        .file("a/1", "one")
        .file("a/3", "three")
        .passThrough("large", 5_000_000_000L, DatasetBuilder.PLAIN));
    builder.add(new Content().file("a/2", "two").file("z", "").directory("z-dir"));
    builder.commit();
    builder.removeFile("a/3");

    Rewritten rewritten = rewrite(SHAPE);

    assertThat(rewritten.added()).hasSize(1);
    assertThat(rewritten.added().get(0).filter().isPresent()).isTrue();
    assertHoldsWhatIsLive(rewritten);
  }

  @Test
  void containersAreCutAtTheTarget() throws IOException {
    Content content = new Content();
    for (int i = 0; i < 100; i++) {
      content.file(String.format("f%03d", i), "0123456789");
    }
    builder.add(content);

    assertThat(rewrite(new Shape(250, 1000, false)).added())
        .extracting(ContainerSummary::entries)
        .containsExactly(25, 25, 25, 25);
    Rewritten byEntries = rewrite(new Shape(1 << 20, 40, false));
    assertThat(byEntries.added()).extracting(ContainerSummary::entries).containsExactly(40, 40, 20);
    assertThat(byEntries.added().get(0).filter().isPresent()).isFalse();
    assertHoldsWhatIsLive(byEntries);
  }

  @Test
  void storedBytesAndChecksumsAreCarriedOverAsTheyAre() throws IOException {
    byte[] dictionary =
        "words that occur again and again in these files ".repeat(9).getBytes(UTF_8);
    try (ZstdCodec plain = ZstdCodec.of(3);
        ZstdCodec trained = ZstdCodec.withDictionary(3, dictionary)) {
      Content content = new Content().dictionary(dictionary);
      encoded(content, "a", "again and again in these files, words that occur", trained);
      encoded(content, "b", "x".repeat(1000), plain);
      content.file("c", "raw");
      ContainerId id = builder.add(content);

      Rewritten rewritten = rewrite(SHAPE);

      assertThat(rewritten.storedBytesGrowth()).isZero();
      Map<LogicalPath, Entry> before = entries(id);
      Map<LogicalPath, Entry> after = entries(rewritten.added().get(0).id());
      assertThat(after.keySet()).isEqualTo(before.keySet());
      before.forEach((path, entry) -> {
        assertThat(after.get(path).codec()).isEqualTo(entry.codec());
        assertThat(after.get(path).storedCrc32c()).isEqualTo(entry.storedCrc32c());
        assertThat(after.get(path).crc32c()).isEqualTo(entry.crc32c());
        assertThat(after.get(path).extent().length()).isEqualTo(entry.extent().length());
      });
      assertThat(before.get(LogicalPath.of("a")).codec()).isEqualTo(PayloadCodec.ZSTD_DICTIONARY);
      assertHoldsWhatIsLive(rewritten);
    }
  }

  @Test
  void payloadsOfAnotherDictionaryAreEncodedAnew() throws IOException {
    byte[] large = "the dictionary of the larger container, about apples and pears "
        .repeat(9)
        .getBytes(UTF_8);
    byte[] other =
        "something else altogether: nuts, bolts, washers, screws ".repeat(9).getBytes(UTF_8);
    try (ZstdCodec first = ZstdCodec.withDictionary(3, large);
        ZstdCodec second = ZstdCodec.withDictionary(3, other)) {
      Content one = new Content().dictionary(large);
      for (int i = 0; i < 30; i++) {
        encoded(one, "f" + i, "about apples and pears, of the larger container " + i, first);
      }
      Content two = new Content().dictionary(other);
      encoded(two, "f7a", "screws, nuts, bolts, washers: something else altogether", second);
      builder.add(one);
      builder.add(two);

      Rewritten rewritten = rewrite(SHAPE);

      assertThat(rewritten.added()).hasSize(1);
      assertHoldsWhatIsLive(rewritten);
      long storedBefore = rewritten.added().get(0).storedBytes() - rewritten.storedBytesGrowth();
      assertThat(storedBefore)
          .isEqualTo(
              containers().stream().mapToLong(ContainerSummary::storedBytes).sum());
    }
  }

  @Test
  void damagedFileStaysBehindAndTheOthersMove() throws IOException {
    Content content = new Content();
    for (int i = 0; i < 20; i++) {
      content.file("f" + i, "content of file " + i);
    }
    ContainerId id = builder.add(content);
    Entry damaged = entries(id).get(LogicalPath.of("f7"));
    flip(id, damaged.extent().offset());

    Rewritten rewritten = rewrite(SHAPE);

    assertThat(rewritten.leftBehind()).singleElement().satisfies(left -> {
      assertThat(left.container()).isEqualTo(id);
      assertThat(left.row()).isEqualTo(damaged.ordinal());
      assertThat(left.path()).isEqualTo(LogicalPath.of("f7"));
      assertThat(left.reason())
          .startsWith("CRC32C of stored bytes of 'f7' is 0x")
          .endsWith("at offset " + damaged.extent().offset());
    });
    assertThat(rewritten.moves().movedFrom(id).contains(damaged.ordinal())).isFalse();
    builder.files().remove(LogicalPath.of("f7"));
    assertHoldsWhatIsLive(rewritten);
  }

  @Test
  void damagedFileIsRescuedWithTheBytesThatWereFolded() throws IOException {
    byte[] bytes = "content".getBytes(UTF_8);
    ContainerId id = builder.add(new Content().file("f", bytes, DatasetBuilder.PLAIN));
    flip(id, entries(id).get(LogicalPath.of("f")).extent().offset());

    Rewritten rewritten = rewrite(SHAPE, row -> Optional.of(Payload.raw(ByteBuffer.wrap(bytes))));

    assertThat(rewritten.leftBehind()).isEmpty();
    assertThat(rewritten.rescued()).isEqualTo(1);
    assertHoldsWhatIsLive(rewritten);
  }

  @Test
  void filesBehindTheEndOfATruncatedContainerStayBehind() throws IOException {
    // The index block is at the end: what is lost here are bytes in the middle that read as an
    // early end.
    Content content = new Content();
    for (int i = 0; i < 5; i++) {
      content.file("f" + i, "content of file " + i);
    }
    ContainerId id = builder.add(content);
    long from = entries(id).get(LogicalPath.of("f3")).extent().offset();
    UnreadableRange unreadable = new UnreadableRange(store, id, from, from + 1);

    Rewritten rewritten = new ContainerRewriter(
            unreadable, new TextEntryCatalog(), RunContainers.random(), Rescue.NONE)
        .rewrite(containers(), Map.of(), Map.of(), SHAPE, opener(unreadable));

    assertThat(rewritten.leftBehind())
        .extracting(LeftBehind::path)
        .containsExactly(LogicalPath.of("f3"));
    assertThat(rewritten.added().get(0).entries()).isEqualTo(4);
  }

  @Test
  void pathThatIsLiveTwiceEndsTheRewriteAndLeavesNothing() throws IOException {
    builder.add(new Content().file("same", "one"));
    builder.commit();
    builder.add(new Content().file("same", "two"));
    List<ContainerSummary> containers = containers();
    assertThat(containers).hasSize(2);
    int before = store.files().size();

    assertThatThrownBy(() -> rewriteAll(Map.of()))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageMatching("'same' is live in containers/.*, too: containers/.* at offset 0");
    assertThat(store.files()).hasSize(before);
  }

  @Test
  void fileAboveAnotherEndsTheRewrite() throws IOException {
    builder.add(new Content().file("a", "file"));
    builder.add(new Content().file("a/b", "below it"));

    assertThatThrownBy(() -> rewriteAll(Map.of()))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("row 0, 'a/b', cannot stand beside what is live");
  }

  @Test
  void olderAttributesOfADirectoryAreDropped() throws IOException {
    Attributes old = new Attributes(1, 0, 0700, "u", "g", "");
    builder.add(new Content().directory("d", old).file("d/1", "1"));
    builder.commit();
    builder.add(new Content().directory("d", DatasetBuilder.PLAIN).file("d/2", "2"));

    Rewritten rewritten = rewrite(SHAPE);

    assertHoldsWhatIsLive(rewritten);
    assertThat(rewritten.dropped()).hasSize(1);
  }

  @Test
  void attributesThatAContainerOutsideSpeaksForAreDropped() throws IOException {
    ContainerId first = builder.add(new Content().directory("d").directory("e").file("d/1", "1"));
    builder.commit();
    builder.add(new Content().directory("d").file("d/2", "2"));
    Snapshot head = builder.commit();

    DirectoryPrecedence precedence = new DirectoryPrecedence(store, id -> new RoaringBitmap());
    List<ContainerSummary> all = DatasetLog.open(store).containers(head);
    List<ContainerSummary> one = all.stream().filter(c -> c.id().equals(first)).toList();
    assertThat(precedence.superseded(one, all)).containsOnlyKeys(first);
    assertThat(precedence.superseded(one, all).get(first))
        .isEqualTo(RoaringBitmap.bitmapOf(1 + 1)); // entries, then root, d, e
    assertThat(precedence.superseded(one, List.of())).isEmpty();
  }

  @Test
  void randomContainersKeepWhatIsLive() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    System.out.println("seed " + seed);
    for (int round = 0; round < 30; round++) {
      store = new MemoryStore();
      builder = DatasetBuilder.on(store, "/source");
      committed = Optional.empty();
      int containers = 1 + random.nextInt(5);
      for (int i = 0; i < containers; i++) {
        Content content = new Content();
        int files = 1 + random.nextInt(60);
        for (int f = 0; f < files; f++) {
          byte[] bytes = new byte[random.nextInt(random.nextInt(20) == 0 ? 100_000 : 300)];
          random.nextBytes(bytes);
          String path =
              "d" + random.nextInt(6) + "/" + "s" + random.nextInt(3) + "/f" + random.nextInt(200);
          Attributes attributes =
              new Attributes(random.nextInt(), random.nextInt(1000), 0644, "u", "g", "");
          if (random.nextInt(20) == 0) {
            content.passThrough(path + "-large", 5_000_000, attributes);
          } else {
            content.file(path, bytes, attributes);
          }
        }
        content.directory("d" + random.nextInt(6), DatasetBuilder.PLAIN);
        builder.add(content);
        if (i + 1 < containers) {
          builder.commit();
        }
      }
      for (LogicalPath path : List.copyOf(builder.files().keySet())) {
        if (random.nextInt(3) == 0) {
          builder.removeFile(path.toString());
        }
      }
      Shape shape = new Shape(1 + random.nextInt(20_000), 1 + random.nextInt(100), true);
      assertHoldsWhatIsLive(rewrite(shape));
    }
  }

  private Rewritten rewrite(Shape shape) throws IOException {
    return rewrite(shape, Rescue.NONE);
  }

  /** Commits what the builder staged, then rewrites everything that is live. */
  private Rewritten rewrite(Shape shape, Rescue rescue) throws IOException {
    Snapshot head = head();
    DatasetLog log = DatasetLog.open(store);
    List<ContainerSummary> containers = log.containers(head);
    Map<ContainerId, RoaringBitmap> dead = new HashMap<>();
    for (ContainerSummary container : containers) {
      dead.put(container.id(), log.deletionVector(head, container.id()).toBitmap());
    }
    Map<ContainerId, RoaringBitmap> dropped =
        new DirectoryPrecedence(store, dead::get).superseded(containers, List.of());
    return new ContainerRewriter(store, new TextEntryCatalog(), RunContainers.random(), rescue)
        .rewrite(containers, dead, dropped, shape, opener(store));
  }

  private Rewritten rewriteAll(Map<ContainerId, RoaringBitmap> dead) throws IOException {
    return new ContainerRewriter(store, new TextEntryCatalog(), RunContainers.random(), Rescue.NONE)
        .rewrite(containers(), dead, Map.of(), SHAPE, opener(store));
  }

  private static ContainerRewriter.RowOpener opener(io.pleat.store.Store store) {
    return (container, dead, stretch) -> IndexedRows.open(store, container, dead, stretch);
  }

  private Snapshot head() throws IOException {
    if (committed.isEmpty()) {
      committed = Optional.of(builder.commit());
    }
    return committed.get();
  }

  private List<ContainerSummary> containers() throws IOException {
    return DatasetLog.open(store).containers(head());
  }

  private static void encoded(Content content, String path, String text, ZstdCodec codec) {
    byte[] bytes = text.getBytes(UTF_8);
    content.file(path, bytes, codec.encode(ByteBuffer.wrap(bytes)), DatasetBuilder.PLAIN);
  }

  private void flip(ContainerId id, long offset) throws IOException {
    head();
    Bytes.flip(store, ContainerSummary.pathOf(id), offset);
  }

  private Map<LogicalPath, Entry> entries(ContainerId id) throws IOException {
    Map<LogicalPath, Entry> entries = new TreeMap<>();
    try (ByteSource source = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(source, id)) {
      for (int i = 0; i < reader.index().entryCount(); i++) {
        Entry entry = reader.index().entry(i);
        entries.put(entry.path(), entry);
      }
    }
    return entries;
  }

  /** Files, bytes, attributes and directories are what the builder says, and each row is where the moves say. */
  private void assertHoldsWhatIsLive(Rewritten rewritten) throws IOException {
    Map<LogicalPath, Attributes> directories = new HashMap<>();
    List<LogicalPath> files = new ArrayList<>();
    for (ContainerSummary container : rewritten.added()) {
      try (ByteSource source = store.open(container.path());
          ContainerReader reader = ContainerReader.open(source, container.id())) {
        assertThat(reader.verify(damage -> {
              throw new AssertionError(damage);
            }))
            .isEqualTo(container.crc32c());
        for (int i = 0; i < reader.index().entryCount(); i++) {
          Entry entry = reader.index().entry(i);
          files.add(entry.path());
          assertThat(container.range().contains(entry.path().fileKey())).isTrue();
          DatasetBuilder.LiveFile expected = builder.files().get(entry.path());
          assertThat(expected).as("%s", entry.path()).isNotNull();
          assertThat(entry.attributes()).isEqualTo(expected.attributes());
          assertThat(entry.length()).isEqualTo(expected.length());
          if (expected.bytes() != null) {
            assertThat(reader.read(entry)).isEqualTo(ByteBuffer.wrap(expected.bytes()));
          }
          Map<ContainerId, RoaringBitmap> moved = rewritten
              .moves()
              .translate(expected.container(), RoaringBitmap.bitmapOf(expected.row()));
          assertThat(moved)
              .isEqualTo(Map.of(container.id(), RoaringBitmap.bitmapOf(entry.ordinal())));
        }
        for (int i = 0; i < reader.index().directoryCount(); i++) {
          DirectoryEntry directory = reader.index().directory(i);
          if (directory.attributes().isPresent()) {
            directories.put(directory.path(), directory.attributes().get());
            List<DatasetBuilder.LiveDirectory> rows = builder.directories().get(directory.path());
            DatasetBuilder.LiveDirectory newest = rows.get(rows.size() - 1);
            assertThat(rewritten
                    .moves()
                    .translate(newest.container(), RoaringBitmap.bitmapOf(newest.row())))
                .isEqualTo(Map.of(
                    container.id(), RoaringBitmap.bitmapOf(reader.index().entryCount() + i)));
          }
        }
      }
    }
    assertThat(files).containsExactlyInAnyOrderElementsOf(builder.files().keySet());
    Map<LogicalPath, Attributes> expected = new HashMap<>();
    builder
        .directories()
        .forEach((path, rows) -> expected.put(path, rows.get(rows.size() - 1).attributes()));
    assertThat(directories).isEqualTo(expected);
  }
}
