package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.zstd.ZstdCodec;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.MemoryStore;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TestBatchReads {
  private static final int CONTAINERS = 5;
  private static final int FILES = 120;

  private final MemoryStore store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");
  private final List<LogicalPath> paths = new ArrayList<>();
  private ContainerId first;

  @BeforeEach
  void build() throws IOException {
    Random random = new Random(5);
    try (ZstdCodec codec = ZstdCodec.of(3)) {
      for (int container = 0; container < CONTAINERS; container++) {
        Content content = new Content();
        for (int i = 0; i < FILES; i++) {
          String path = "c" + container + "/d" + i % 3 + "/" + i;
          byte[] bytes = (path + ";").repeat(random.nextInt(300)).getBytes(UTF_8);
          if (i % 4 == 0) {
            content.file(path, bytes, codec.encode(ByteBuffer.wrap(bytes)), DatasetBuilder.PLAIN);
          } else {
            content.file(path, bytes, DatasetBuilder.PLAIN);
          }
          paths.add(LogicalPath.of(path));
        }
        ContainerId id = builder.add(content);
        first = container == 0 ? id : first;
      }
    }
    builder.commit();
    Collections.shuffle(paths, random);
    paths.addAll(paths.subList(0, 100)); // asked for twice
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(store, Map.of(), options);
  }

  private FoldedDataset open() throws IOException {
    return open(ReaderOptions.defaults());
  }

  private byte[] expected(LogicalPath path) {
    return builder.files().get(path).bytes();
  }

  private static LogicalPath path(String text) {
    return LogicalPath.of(text);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void everyFormGivesTheSameBytesInOrder(int threads) throws Exception {
    for (long batch : new long[] {1, 5_000, 1 << 20}) {
      ReaderOptions options =
          ReaderOptions.defaults().withReadThreads(threads).withBatchBytes(batch);
      try (FoldedDataset dataset = open(options)) {
        List<ByteBuffer> plain = dataset.readAll(paths).toList();
        try (PooledReads pooled = dataset.readAllPooled(paths)) {
          for (int i = 0; i < paths.size(); i++) {
            byte[] expected = expected(paths.get(i));
            assertThat(plain.get(i)).isEqualTo(ByteBuffer.wrap(expected));
            try (PooledBytes bytes = pooled.next()) {
              assertThat(bytes.buffer()).isEqualTo(ByteBuffer.wrap(expected));
              assertThat(bytes.buffer().isDirect()).isTrue();
            }
            try (PooledBytes single = dataset.readPooled(paths.get(i))) {
              assertThat(single.toByteArray()).isEqualTo(expected);
            }
          }
          assertThat(pooled.hasNext()).isFalse();
          assertThatThrownBy(pooled::next).isInstanceOf(NoSuchElementException.class);
        }
        assertThat(dataset.statistics().pooledBuffersOut()).isZero();
      }
    }
  }

  @Test
  void asynchronousBatchesAnswerInOrder() throws Exception {
    try (FoldedDataset dataset = open()) {
      List<CompletableFuture<PooledBatch>> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        asked.add(dataset.readAllAsync(paths.subList(20 * i, 20 * i + 20)));
      }
      for (int i = 0; i < 20; i++) {
        try (PooledBatch batch = asked.get(i).get(30, TimeUnit.SECONDS)) {
          assertThat(batch.size()).isEqualTo(20);
          for (int k = 0; k < 20; k++) {
            assertThat(batch.get(k).toByteArray()).isEqualTo(expected(paths.get(20 * i + k)));
          }
          batch.close();
          assertThatThrownBy(() -> batch.get(0).buffer()).isInstanceOf(IllegalStateException.class);
        }
      }
      assertThat(dataset.statistics().pooledBuffersOut()).isZero();
    }
  }

  @Test
  void asynchronousBatchFailsPathByPathAndIsLimited() throws Exception {
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withBatchBytes(50_000))) {
      List<LogicalPath> some = List.of(paths.get(0), path("no"), path("c1"), paths.get(1));
      try (PooledBatch batch = dataset.readAllAsync(some).get(30, TimeUnit.SECONDS)) {
        assertThat(batch.get(0).toByteArray()).isEqualTo(expected(paths.get(0)));
        assertThatThrownBy(() -> batch.get(1))
            .isInstanceOf(NoSuchFileException.class)
            .hasMessage("no: no such file in snapshot 1");
        assertThatThrownBy(() -> batch.get(2))
            .isInstanceOf(FileSystemException.class)
            .hasMessage("c1: is a directory");
        assertThat(batch.get(3).toByteArray()).isEqualTo(expected(paths.get(1)));
      }
      assertThatThrownBy(() -> dataset.readAllAsync(paths).get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a batch of " + paths.size() + " files has more than 50000 bytes; ask for fewer,"
                  + " or raise ReaderOptions.withBatchBytes");
      assertThat(dataset.statistics().pooledBuffersOut()).isZero();
    }
  }

  @Test
  void nearFilesAreReadTogetherAndCounted() throws IOException {
    try (FoldedDataset dataset = open()) {
      for (ContainerSummary container : dataset.containers()) {
        dataset.payload(path("c" + dataset.containers().indexOf(container) + "/d0/0"));
      }
      long before = dataset.statistics().storeReads();
      dataset.readAll(paths).forEach(bytes -> {});
      assertThat(dataset.statistics().storeReads() - before).isLessThanOrEqualTo(2 * CONTAINERS);
      assertThat(dataset.statistics().joinedReads()).isPositive();
      assertThat(dataset.statistics().joinedFiles()).isEqualTo(paths.size());
      assertThat(dataset.statistics().storeReadLatency().histogram().getTotalCount())
          .isEqualTo(dataset.statistics().storeReads());
    }
  }

  @Test
  void blocksThatABatchNeedsAreLoadedOnceEach() throws IOException {
    try (FoldedDataset dataset = open()) {
      dataset.readAll(paths).forEach(bytes -> {});
      assertThat(dataset.statistics().indexLoads()).isEqualTo(CONTAINERS);
      dataset.readAll(paths).forEach(bytes -> {});
      assertThat(dataset.statistics().indexLoads()).isEqualTo(CONTAINERS);
      assertThat(dataset.statistics().indexHits()).isPositive();
    }
  }

  @Test
  void unfinishedReadsAreGivenBack() throws IOException {
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withBatchBytes(20_000))) {
      PooledReads reads = dataset.readAllPooled(paths);
      PooledBytes held = reads.next();
      reads.close();
      reads.close();
      assertThat(reads.hasNext()).isFalse();
      assertThatThrownBy(reads::next)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the reads were closed");
      assertThat(held.toByteArray()).isEqualTo(expected(paths.get(0)));
      held.close();
      while (dataset.statistics().pooledBuffersOut() > 0) {
        Thread.onSpinWait(); // what was being read ahead comes back when it is there
      }
    }
  }

  @Test
  void damageOfOneFileOfAJoinedReadIsItsOwn() throws Exception {
    LogicalPath hurt = path("c0/d1/1");
    Entry entry;
    try (FoldedDataset dataset = open()) {
      entry = dataset.locate(hurt).orElseThrow().entry();
    }
    String file = ContainerSummary.pathOf(first).toString();
    byte[] whole = store.get(file);
    whole[(int) entry.extent().offset()] ^= 1;
    store.put(file, whole);
    try (FoldedDataset dataset = open();
        PooledReads reads = dataset.readAllPooled(paths)) {
      int damaged = 0;
      for (LogicalPath path : paths) {
        if (path.equals(hurt)) {
          damaged++;
          assertThatThrownBy(reads::next)
              .isInstanceOf(UncheckedIOException.class)
              .hasCauseInstanceOf(CorruptDataException.class)
              .hasMessageContaining("CRC32C of stored bytes");
        } else {
          try (PooledBytes bytes = reads.next()) {
            assertThat(bytes.toByteArray()).isEqualTo(expected(path));
          }
        }
      }
      assertThat(damaged).isEqualTo(Collections.frequency(paths, hurt)).isPositive();
      assertThat(dataset.statistics().pooledBuffersOut()).isZero();
    }
  }

  @Test
  void partsAreReadAndBadOnesRefused() throws IOException {
    try (FoldedDataset dataset = open()) {
      LogicalPath path = path("c2/d1/1");
      byte[] all = expected(path);
      assertThat(all.length).isGreaterThan(20);
      assertThat(dataset.read(path, 3, 10))
          .isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(all, 3, 13)));
      assertThat(dataset.read(path, 0, all.length)).isEqualTo(ByteBuffer.wrap(all));
      assertThat(dataset.read(path, all.length, 0).remaining()).isZero();
      assertThatThrownBy(() -> dataset.read(path, all.length - 3, 4))
          .isInstanceOf(EOFException.class)
          .hasMessage("cannot read 4 bytes at offset " + (all.length - 3) + " of " + all.length
              + ": " + path);
      assertThatThrownBy(() -> dataset.read(path, Long.MAX_VALUE, 1))
          .isInstanceOf(EOFException.class);
      assertThatThrownBy(() -> dataset.read(path, -1, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("negative offset: -1");
      assertThatThrownBy(() -> dataset.read(path, 0, -4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("negative length: -4");
      assertThatThrownBy(() -> dataset.read(path("c2"), 0, 4))
          .isInstanceOf(FileSystemException.class)
          .hasMessage("c2: is a directory");
      assertThatThrownBy(() -> dataset.readPooled(path("c2/no")))
          .isInstanceOf(NoSuchFileException.class)
          .hasMessage("c2/no: no such file in snapshot 1");
      assertThat(dataset.statistics().pooledBuffersOut()).isZero();
    }
  }

  @Test
  void statisticsAreSeenByJmxUntilClosed() throws Exception {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try (FoldedDataset dataset = open()) {
      ObjectName name;
      try (JmxStatistics shown = JmxStatistics.show(dataset)) {
        name = shown.name();
        dataset.read(paths.get(0));
        assertThat(server.getAttribute(name, "FilesRead")).isEqualTo(1L);
        assertThat(server.getAttribute(name, "Location")).isEqualTo(dataset.location());
        assertThat((double) server.getAttribute(name, "ReadMedianMicros")).isPositive();
      }
      assertThat(server.isRegistered(name)).isFalse();
    }
  }

  @Test
  void channelSeeks() throws IOException {
    LogicalPath path = path("c1/d2/2");
    byte[] all = expected(path);
    try (FoldedDataset dataset = open();
        SeekableByteChannel channel = dataset.openChannel(path)) {
      assertThat(channel.size()).isEqualTo(all.length);
      ByteBuffer target = ByteBuffer.allocate(all.length + 5);
      channel.position(4);
      assertThat(channel.read(target)).isEqualTo(all.length - 4);
      assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(all, 4, all.length)));
      assertThat(channel.read(target.clear())).isEqualTo(-1);
      assertThat(channel.position()).isEqualTo(all.length);
      assertThat(channel.position(1L << 40).read(target)).isEqualTo(-1);
      assertThatThrownBy(() -> channel.position(-1)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> channel.write(target))
          .isInstanceOf(NonWritableChannelException.class);
      assertThatThrownBy(() -> channel.truncate(0)).isInstanceOf(NonWritableChannelException.class);
      channel.close();
      assertThat(channel.isOpen()).isFalse();
      assertThatThrownBy(() -> channel.read(target)).isInstanceOf(ClosedChannelException.class);
    }
  }

  @Test
  void closedDatasetSaysSo() throws IOException {
    FoldedDataset dataset = open();
    LogicalPath path = paths.get(0);
    dataset.read(path);
    PooledReads reads = dataset.readAllPooled(paths);
    dataset.close();
    for (var call : List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
        () -> dataset.read(path),
        () -> dataset.read(path, 0, 1),
        () -> dataset.readPooled(path),
        reads::next,
        () -> dataset.readAll(paths).toList(),
        () -> dataset.readAllAsync(paths))) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the dataset was closed");
    }
  }
}
