package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TestIndexBlock {
  private static final ContainerId ID = new ContainerId(5, 6);
  private static final Attributes ATTRIBUTES = new Attributes(1, 2, 0644, "o", "g", "");
  private static final Payload EMPTY = Payload.raw(ByteBuffer.allocate(0));

  private static byte[] numbered(int count) throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (int i = 0; i < count; i++) {
        writer.addFile(LogicalPath.of(String.format("d/%08d", i)), ATTRIBUTES, EMPTY, false);
      }
      writer.finish();
    }
    return sink.bytes();
  }

  @Test
  void closedIndexBlockRefuses() throws IOException {
    IndexBlock index = IndexBlock.open(MemoryFile.source(numbered(20)), ID);
    assertThat(index.entry(3).attributes()).isEqualTo(ATTRIBUTES);
    assertThat(index.residentBytes()).isPositive();
    index.close();
    index.close();
    assertThatThrownBy(() -> index.find(new byte[] {'a'}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("index block is closed");
    assertThatThrownBy(() -> index.entry(3)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> index.directory(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void lookupsThatRunWhenItClosesFinish() throws Exception {
    byte[] file = numbered(3000);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        IndexBlock index = IndexBlock.open(MemoryFile.source(file), ID);
        CountDownLatch running = new CountDownLatch(4);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          all.add(threads.submit(() -> lookUpUntilClosed(index, running)));
        }
        running.await();
        index.close();
        for (Future<?> each : all) {
          assertThat(each.get()).isEqualTo("closed");
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static String lookUpUntilClosed(IndexBlock index, CountDownLatch running)
      throws IOException {
    for (int i = 0; ; i++) {
      int ordinal = i % 3000;
      try {
        byte[] path = String.format("d/%08d", ordinal).getBytes(StandardCharsets.UTF_8);
        assertThat(index.find(path)).isEqualTo(ordinal);
        assertThat(index.entry(ordinal).path().utf8()).isEqualTo(path);
      } catch (IllegalStateException e) {
        return "closed";
      }
      if (i == 50) {
        running.countDown();
      }
    }
  }

  @Test
  void longestAndDeepestPathsRoundTrip() throws IOException {
    LogicalPath deep = LogicalPath.of("a/".repeat(3_000) + "a");
    LogicalPath longest = LogicalPath.of("n".repeat(65_535));
    LogicalPath slashes = LogicalPath.of("b/" + "c".repeat(65_533));
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (LogicalPath path : List.of(longest, deep, slashes)) {
        writer.addFile(path, ATTRIBUTES, EMPTY, false);
      }
      writer.finish();
    }
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(sink.bytes()), ID)) {
      int ordinal = 0;
      for (LogicalPath path : List.of(longest, deep, slashes)) {
        assertThat(reader.index().find(path.utf8())).isEqualTo(ordinal);
        assertThat(reader.index().path(ordinal++)).isEqualTo(path);
      }
      assertThat(reader.index().directoryCount()).isEqualTo(3_002);
      reader.verify(damage -> {
        throw new AssertionError(damage);
      });
    }
  }

  @Test
  void indexOffsetThatIsNotTheFooterIsRefused() throws IOException {
    byte[] file = numbered(20);
    long offset;
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(file), ID)) {
      offset = index.indexOffset();
    }
    for (long wrong :
        new long[] {Long.MIN_VALUE, -1, 0, 39, offset - 1, offset + 1, file.length, Long.MAX_VALUE
        }) {
      assertThatThrownBy(() -> IndexBlock.open(MemoryFile.source(file), wrong, ID))
          .as("offset %s", wrong)
          .isInstanceOf(CorruptDataException.class);
    }
  }

  @Test
  void ordinalsOutOfRangeAreMisuse() throws IOException {
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(numbered(20)), ID)) {
      for (int ordinal : new int[] {-1, 20, Integer.MAX_VALUE}) {
        assertThatThrownBy(() -> index.entry(ordinal)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.path(ordinal)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.payload(ordinal))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  @Tag("slow")
  void containerIsFullAtItsEntryLimit() throws IOException {
    try (ContainerWriter writer = ContainerWriter.create(new MemoryFile.Sink(), ID)) {
      for (int i = 0; i < ContainerWriter.MAX_ENTRIES; i++) {
        assertThat(writer.isFull()).isFalse();
        writer.addFile(LogicalPath.of(String.format("d/%08d", i)), ATTRIBUTES, EMPTY, false);
      }
      assertThat(writer.isFull()).isTrue();
      assertThatThrownBy(() -> writer.addFile(LogicalPath.of("e"), ATTRIBUTES, EMPTY, false))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.addFile(LogicalPath.of("d/x"), ATTRIBUTES, EMPTY, false))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("container is full: 1048576 entries");
      assertThat(writer.finish().entries()).isEqualTo(ContainerWriter.MAX_ENTRIES);
    }
  }

  /** Many pages: the writer keeps them in several pieces, and stores them as columns. */
  @Test
  void readsBackWhatManyPagesHold() throws IOException {
    int count = 70_000;
    byte[] file = numbered(count);
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(file), ID)) {
      assertThat(index.table().find(SectionTable.ENTRIES).encoding())
          .isEqualTo(SectionTable.ZSTD_COLUMNS);
      assertThat(index.entryCount()).isEqualTo(count);
      List<Entry> all = index.entries(0, count);
      for (int ordinal = 0; ordinal < count; ordinal += 7) {
        Entry entry = all.get(ordinal);
        assertThat(index.locate(entry.path().utf8())).contains(entry.payload());
        assertThat(index.entry(ordinal)).isEqualTo(entry);
      }
    }
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
      reader.verify(damage -> {
        throw new AssertionError(damage);
      });
    }
  }
}
