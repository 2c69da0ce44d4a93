package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestContainerRoundTrip {
  private static final ContainerId ID = ContainerId.parse("00112233445566778899aabbccddeeff");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomTreeRoundTrips(long seed) throws IOException {
    Random random = new Random(seed);
    RandomTree tree = new RandomTree(random, 1 + random.nextInt(3000));
    MemoryFile.Sink sink = new MemoryFile.Sink();
    ContainerStatistics statistics = tree.write(sink, ID);
    byte[] file = sink.bytes();
    assertThat(sink.isFinished()).isTrue();
    assertThat(statistics.length()).isEqualTo(file.length);
    CRC32C crc = new CRC32C();
    crc.update(file);
    assertThat(statistics.crc32c()).isEqualTo((int) crc.getValue());

    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
      tree.check(reader);
      assertThat(reader.statistics(statistics.crc32c())).isEqualTo(statistics);
      List<CorruptDataException> findings = new ArrayList<>();
      assertThat(reader.verify(findings::add)).isEqualTo(statistics.crc32c());
      assertThat(findings).as("seed %s", seed).isEmpty();
    }
    try (IndexBlock index =
        IndexBlock.open(MemoryFile.source(file), statistics.indexOffset(), ID)) {
      assertThat(index.entryCount()).isEqualTo(statistics.entries());
    }
  }

  @Test
  void emptyContainerIsLegal() throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      writer.finish();
    }
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(sink.bytes()), ID)) {
      assertThat(reader.index().entryCount()).isZero();
      assertThat(reader.index().directoryCount()).isZero();
      assertThat(reader.index().find(new byte[] {97})).isEqualTo(-1);
      assertThat(reader.index().ceiling(new byte[] {0})).isZero();
      assertThat(reader.index().findDirectory(new byte[0])).isEqualTo(-1);
      reader.verify(damage -> {
        throw new AssertionError(damage);
      });
    }
  }

  @Test
  void checkingHeadersPassesOverLongPayloads() throws IOException {
    int length = 100_000;
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (String name : List.of("a", "b", "c")) {
        Payload payload = Payload.raw(ByteBuffer.allocate(length));
        Attributes attributes = new Attributes(1, 2, 0644, "o", "g", "");
        writer.addFile(LogicalPath.of(name), attributes, payload, false);
      }
      writer.finish();
    }
    long[] bytesRead = {0};
    ByteSource file = MemoryFile.source(sink.bytes());
    ByteSource counted = new ByteSource() {
      @Override
      public long length() {
        return file.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        bytesRead[0] += target.remaining();
        file.readFully(position, target);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
    try (ContainerReader reader = ContainerReader.open(counted, ID)) {
      bytesRead[0] = 0;
      reader.verifyHeaders(length, TestContainerRoundTrip::fail);
      assertThat(bytesRead[0]).isBetween(1L, 20_000L);
      bytesRead[0] = 0;
      reader.verifyHeaders(length + 1, TestContainerRoundTrip::fail);
      assertThat(bytesRead[0]).isBetween(2L * length, reader.index().indexOffset());
    }
  }

  private static void fail(CorruptDataException damage) {
    throw new AssertionError(damage);
  }

  @Test
  void fileBelowAFileIsRefused() throws IOException {
    Attributes attributes = new Attributes(1, 2, 0644, "o", "g", "");
    try (ContainerWriter writer = ContainerWriter.create(new MemoryFile.Sink(), ID)) {
      Payload empty = Payload.raw(ByteBuffer.allocate(0));
      for (String name : List.of("d/a", "d/b", "d/c")) {
        writer.addFile(LogicalPath.of(name), attributes, empty, false);
      }
      writer.addFile(LogicalPath.of("d/a-b/x"), attributes, empty, false);
      assertThatThrownBy(() -> writer.addFile(LogicalPath.of("d/b/x"), attributes, empty, false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("'d/b/x' lies below 'd/b', which is a file of the same container");
      assertThatThrownBy(() -> writer.addDirectory(LogicalPath.of("d/c"), attributes))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.addDirectory(LogicalPath.of("d/c/e/f"), attributes))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(writer.addFile(LogicalPath.of("d/e/x"), attributes, empty, false))
          .isEqualTo(4);
      assertThat(writer.finish().entries()).isEqualTo(5);
    }
  }

  @Test
  void rowsOutOfOrderAreRefused() throws IOException {
    Attributes attributes = new Attributes(1, 2, 0644, "o", "g", "");
    try (ContainerWriter writer = ContainerWriter.create(new MemoryFile.Sink(), ID)) {
      Payload empty = Payload.raw(ByteBuffer.allocate(0));
      writer.addFile(LogicalPath.of("d/b"), attributes, empty, false);
      for (String name : List.of("d/b", "d/a", "z")) {
        assertThatThrownBy(() -> writer.addFile(LogicalPath.of(name), attributes, empty, false))
            .as(name)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("is not above that of 'd/b'");
      }
      assertThatThrownBy(() -> writer.addDirectory(LogicalPath.of("d"), attributes))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void closeAloneLeavesNoContainer() throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      writer.addDirectory(LogicalPath.ROOT, new Attributes(1, 2, 0755, "o", "g", ""));
    }
    assertThat(sink.isFinished()).isFalse();
    assertThatThrownBy(() -> ContainerReader.open(MemoryFile.source(sink.bytes()), ID))
        .isInstanceOf(CorruptDataException.class);
  }

  /** A tree with awkward names, some of its directories recorded, some files pass-through. */
  private static final class RandomTree {
    private static final String[] NAMES = {
      "a",
      "a-b",
      "a.b",
      "a b",
      "b",
      "x\ny",
      "%41",
      "#",
      ":",
      "*",
      "\\",
      "é",
      "e\u0301",
      "😀",
      "-",
      "~",
      "\u0001",
      "\uFFFD",
      ".hidden",
      "_x",
      "n".repeat(255),
      "...",
      "日本"
    };

    private final Random random;
    private final Map<LogicalPath, Attributes> recorded = new HashMap<>();
    private final Map<LogicalPath, Attributes> files = new HashMap<>();
    private final Map<LogicalPath, byte[]> contents = new HashMap<>();
    private final TreeSet<byte[]> keys = new TreeSet<>(java.util.Arrays::compareUnsigned);

    RandomTree(Random random, int count) {
      this.random = random;
      List<LogicalPath> directories = new ArrayList<>(List.of(LogicalPath.ROOT));
      Map<LogicalPath, Boolean> taken = new HashMap<>();
      taken.put(LogicalPath.ROOT, true);
      for (int i = 0; i < count; i++) {
        LogicalPath parent = directories.get(random.nextInt(directories.size()));
        String name = NAMES[random.nextInt(NAMES.length)];
        if (random.nextBoolean()) {
          name += random.nextInt(50);
        }
        LogicalPath path = parent.resolve(name);
        if (path.length() > 5000 || taken.putIfAbsent(path, true) != null) {
          continue;
        }
        if (random.nextInt(4) == 0) {
          directories.add(path);
          if (random.nextBoolean()) {
            recorded.put(path, attributes());
            keys.add(path.directoryKey());
          }
        } else {
          files.put(path, attributes());
          keys.add(path.fileKey());
          if (random.nextInt(10) > 0) {
            byte[] content = new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(300)];
            random.nextBytes(content);
            contents.put(path, content);
          }
        }
      }
      if (random.nextBoolean()) {
        recorded.put(LogicalPath.ROOT, attributes());
        keys.add(LogicalPath.ROOT.directoryKey());
      }
    }

    private Attributes attributes() {
      return new Attributes(
          random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(),
          random.nextInt(1_000_000_000),
          random.nextInt(5) == 0 ? Attributes.UNKNOWN_MODE : random.nextInt(010000),
          random.nextInt(3) == 0 ? "" : "owner" + random.nextInt(3),
          "grüppe" + random.nextInt(400),
          random.nextInt(3) == 0 ? "" : "e".repeat(random.nextInt(256)));
    }

    ContainerStatistics write(ByteSink sink, ContainerId id) throws IOException {
      try (ContainerWriter writer = ContainerWriter.create(sink, id)) {
        int ordinal = 0;
        for (byte[] key : keys) {
          LogicalPath path = LogicalPath.ofUtf8(SortKey.toPath(key));
          if (SortKey.isDirectory(key)) {
            writer.addDirectory(path, recorded.get(path));
            continue;
          }
          byte[] content = contents.get(path);
          int given = content == null
              ? writer.addPassThrough(path, files.get(path), 1L << 40)
              : writer.addFile(
                  path,
                  files.get(path),
                  Payload.raw(ByteBuffer.wrap(content)),
                  content.length % 7 == 1);
          assertThat(given).isEqualTo(ordinal++);
        }
        return writer.finish();
      }
    }

    void check(ContainerReader reader) throws IOException {
      IndexBlock index = reader.index();
      assertThat(index.entryCount()).isEqualTo(files.size());
      int ordinal = 0;
      int directory = 0;
      LogicalPath lastDirectory = null;
      for (byte[] key : keys) {
        LogicalPath path = LogicalPath.ofUtf8(SortKey.toPath(key));
        if (SortKey.isDirectory(key)) {
          int found = index.findDirectory(path.utf8());
          assertThat(found).isGreaterThanOrEqualTo(directory);
          directory = found;
          assertThat(index.directory(found).attributes()).contains(recorded.get(path));
          assertThat(index.directory(found).path()).isEqualTo(path);
          assertThat(index.find(path.utf8())).isEqualTo(-1);
          continue;
        }
        Entry entry = index.entry(ordinal);
        assertThat(entry.path()).isEqualTo(path);
        assertThat(index.path(ordinal)).isEqualTo(path);
        assertThat(index.extent(ordinal)).isEqualTo(entry.extent());
        assertThat(index.payload(ordinal)).isEqualTo(entry.payload());
        assertThat(entry.attributes()).isEqualTo(files.get(path));
        assertThat(index.find(path.utf8())).isEqualTo(ordinal);
        assertThat(index.ceiling(key)).isEqualTo(ordinal);
        byte[] content = contents.get(path);
        if (content == null) {
          assertThat(entry.kind()).isEqualTo(Entry.Kind.PASS_THROUGH);
          assertThat(entry.length()).isEqualTo(1L << 40);
          assertThat(entry.extent().length()).isZero();
        } else {
          assertThat(reader.read(entry)).isEqualTo(ByteBuffer.wrap(content));
          assertThat(entry.racy()).isEqualTo(content.length % 7 == 1);
        }
        LogicalPath parent = path.parent();
        DirectoryEntry row = index.directory(index.findDirectory(parent.utf8()));
        assertThat(ordinal).isBetween(row.firstEntry(), row.endEntry() - 1);
        if (!parent.equals(lastDirectory)) {
          assertThat(row.attributes()).isEqualTo(Optional.ofNullable(recorded.get(parent)));
          checkSubtree(index, row);
          lastDirectory = parent;
        }
        assertThat(index.find(path.resolve("x").utf8())).isEqualTo(-1);
        assertThat(index.find((path + "x~").getBytes(java.nio.charset.StandardCharsets.UTF_8)))
            .isEqualTo(-1);
        ordinal++;
      }
    }

    private static void checkSubtree(IndexBlock index, DirectoryEntry row) throws IOException {
      for (int i = row.firstEntry(); i < row.subtreeEndEntry(); i++) {
        assertThat(index.path(i).startsWith(row.path())).isTrue();
      }
      if (row.firstEntry() > 0) {
        assertThat(index.path(row.firstEntry() - 1).startsWith(row.path()))
            .isEqualTo(row.path().isRoot());
      }
      if (row.subtreeEndEntry() < index.entryCount()) {
        assertThat(index.path(row.subtreeEndEntry()).startsWith(row.path())).isFalse();
      }
      for (int i = row.index(); i < row.subtreeEndIndex(); i++) {
        assertThat(index.directory(i).path().startsWith(row.path())).isTrue();
      }
      if (row.subtreeEndIndex() < index.directoryCount()) {
        assertThat(index.directory(row.subtreeEndIndex()).path().startsWith(row.path()))
            .isFalse();
      }
    }
  }
}
