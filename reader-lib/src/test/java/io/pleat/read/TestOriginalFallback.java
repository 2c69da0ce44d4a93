package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.IndexPackFiles;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.IndexPackWriter;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochFile;
import io.pleat.read.epoch.EpochOptions;
import io.pleat.store.BrokenStore;
import io.pleat.store.FileInfo;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class TestOriginalFallback {
  private static final int FILES = 120;
  private static final long AVOIDED = Duration.ofMinutes(1).toNanos();

  @TempDir
  Path directory;

  private final MemoryStore memory = new MemoryStore();
  private final BrokenStore store = new BrokenStore(memory);
  private final AtomicLong clock = new AtomicLong();
  private final List<LogicalPath> paths = new ArrayList<>();
  private final CapturedLog log = CapturedLog.of(OriginalFallback.class.getName());
  private Path source;
  private String container;
  private FoldedDataset dataset;

  @BeforeEach
  void fold() throws IOException {
    source = Files.createDirectories(directory.resolve("source"));
    for (int i = 0; i < FILES; i++) {
      LogicalPath path = LogicalPath.of("d" + i % 3 + "/f" + i);
      Path file = source.resolve(path.toString());
      Files.createDirectories(file.getParent());
      Files.writeString(file, content(path));
      paths.add(path);
    }
    Collections.sort(paths);
    try (Store tree = Stores.open(source.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(memory, tree.location());
      Content content = new Content().directory("");
      for (LogicalPath path : paths) {
        FileInfo listed = tree.stat(path).orElseThrow();
        content.file(path.toString(), content(path).getBytes(UTF_8), listed.attributes());
      }
      ContainerId id = builder.add(content);
      builder.commit();
      container = ContainerSummary.pathOf(id).toString();
    }
    dataset = open(options());
    dataset.locate(paths.get(0)); // its index block is there
  }

  @AfterEach
  void close() throws IOException {
    log.close();
    dataset.close();
  }

  private static String content(LogicalPath path) {
    return ("content of " + path + "\n").repeat(1000);
  }

  private ReaderOptions options() {
    return ReaderOptions.defaults()
        .withAllowedSourceRoots(Set.of(source.toString()))
        .withReadThreads(2);
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(store, Map.of(), options, clock::get);
  }

  private void assertContent(LogicalPath path, ByteBuffer bytes) {
    assertThat(UTF_8.decode(bytes.duplicate()).toString()).isEqualTo(content(path));
  }

  /** What may happen to a container. */
  private enum Harm {
    MISSING {
      @Override
      void to(TestOriginalFallback test) {
        test.store.breakDown(test::isContainer, path -> new NoSuchFileException(path.toString()));
      }
    },
    TRUNCATED {
      @Override
      void to(TestOriginalFallback test) throws IOException {
        test.memory.put(
            test.container, Arrays.copyOf(test.memory.get(test.container), HEADER_BYTES));
      }
    },
    PAYLOADS_DAMAGED {
      @Override
      void to(TestOriginalFallback test) throws IOException {
        byte[] bytes = test.memory.get(test.container);
        for (LogicalPath path : test.paths) {
          bytes[(int) test.dataset.payload(path).orElseThrow().extent().offset() + 3] ^= 4;
        }
        test.memory.put(test.container, bytes);
      }
    },
    UNREADABLE {
      @Override
      void to(TestOriginalFallback test) {
        test.store.breakDown(test::isContainer, path -> new IOException("no data node has it"));
      }
    },
    TOO_SLOW {
      @Override
      void to(TestOriginalFallback test) {
        test.store.breakDown(test::isContainer, path -> new SocketTimeoutException("timed out"));
      }
    };

    private static final int HEADER_BYTES = 64;

    abstract void to(TestOriginalFallback test) throws IOException;
  }

  private boolean isContainer(LogicalPath path) {
    return path.toString().equals(container);
  }

  @ParameterizedTest
  @EnumSource(Harm.class)
  void everyWayToReadGivesTheOriginal(Harm harm) throws Exception {
    harm.to(this);
    LogicalPath path = paths.get(7);
    assertContent(path, dataset.read(path));
    assertContent(path, dataset.read(path)); // avoided now
    try (PooledBytes bytes = dataset.readPooled(path)) {
      assertContent(path, bytes.buffer());
    }
    assertThat(UTF_8.decode(dataset.read(path, 8, 5)).toString())
        .isEqualTo(content(path).substring(8, 13));
    try (ByteSource file = dataset.open(path)) {
      ByteBuffer part = ByteBuffer.allocate(5);
      file.readFully(8, part);
      assertThat(UTF_8.decode(part.flip()).toString()).isEqualTo(content(path).substring(8, 13));
    }
    try (SeekableByteChannel channel = dataset.openChannel(path).position(8)) {
      ByteBuffer rest = ByteBuffer.allocate(100_000);
      channel.read(rest);
      assertThat(UTF_8.decode(rest.flip()).toString()).isEqualTo(content(path).substring(8));
    }
    List<ByteBuffer> all = dataset.readAll(paths).toList();
    for (int i = 0; i < FILES; i++) {
      assertContent(paths.get(i), all.get(i));
    }
    try (PooledReads reads = dataset.readAllPooled(paths)) {
      for (LogicalPath each : paths) {
        try (PooledBytes bytes = reads.next()) {
          assertContent(each, bytes.buffer());
        }
      }
    }
    try (PooledBatch batch = dataset.readAllAsync(paths).get()) {
      for (int i = 0; i < FILES; i++) {
        assertContent(paths.get(i), batch.get(i).buffer());
      }
    }
    try (Epoch epoch = dataset.epoch(EpochOptions.of(1, 0).withoutLease())) {
      readToEnd(epoch);
    }
    assertThat(dataset.statistics().fallbackReads()).isEqualTo(6 + 4 * FILES);
    assertThat(dataset.statistics().failedFallbacks()).isZero();
    assertThat(dataset.statistics().avoidedContainers()).isOne();
    assertThat(dataset.statistics().pooledBuffersOut()).isZero();
  }

  private void readToEnd(Epoch epoch) {
    int seen = 0;
    while (epoch.hasNext()) {
      try (EpochFile file = epoch.next()) {
        assertContent(file.path(), file.buffer());
        seen++;
      }
    }
    assertThat(seen).isEqualTo(FILES);
  }

  @ParameterizedTest
  @EnumSource(Harm.class)
  void runningStreamFallsBackAndComesBack(Harm harm) throws IOException {
    byte[] sound = memory.get(container);
    FoldedDataset small = open(options().withBatchBytes(1).withReadThreads(1));
    try (small) {
      Iterator<ByteBuffer> reads = small.readAll(paths).iterator();
      for (int i = 0; i < FILES; i++) {
        if (i == 40) {
          assertThat(small.statistics().fallbackReads()).isZero();
          harm.to(this);
        } else if (i == 80) {
          assertThat(small.statistics().fallbackReads()).isEqualTo(40);
          store.mend();
          memory.put(container, sound);
          clock.addAndGet(AVOIDED);
        }
        assertContent(paths.get(i), reads.next());
      }
      // Each damaged file is of interest to nobody any more, but its container as a whole is.
      assertThat(small.statistics().fallbackReads()).isEqualTo(40);
      assertThat(small.statistics().avoidedContainers()).isZero();
    }
    assertThat(log.lines()).last().asString().startsWith("INFO container can be read again");
    assertThat(log.lines()).hasSizeBetween(2, 3);
  }

  @Test
  void channelThatRunsGoesOnWhereItStood() throws IOException {
    LogicalPath path = paths.get(5);
    try (FoldedDataset small = open(options());
        SeekableByteChannel channel = small.openChannel(path);
        SeekableByteChannel late = small.openChannel(path).position(10)) {
      ByteBuffer first = ByteBuffer.allocate(10);
      channel.read(first);
      Harm.MISSING.to(this);
      ByteBuffer rest = ByteBuffer.allocate(100_000);
      channel.read(rest);
      assertThat(UTF_8.decode(first.flip()).toString() + UTF_8.decode(rest.flip()))
          .isEqualTo(content(path));
      assertThat(small.statistics().fallbackReads()).isZero(); // it had all bytes, verified
      late.read(rest.clear());
      assertThat(UTF_8.decode(rest.flip()).toString()).isEqualTo(content(path).substring(10));
      assertThat(small.statistics().fallbackReads()).isOne();
    }
  }

  @Test
  void epochThatRunsFallsBackAndComesBack() throws IOException {
    EpochOptions options = EpochOptions.of(3, 1).withoutLease().withMemoryBytes(1 << 20);
    try (FoldedDataset running = open(options().withReadThreads(1));
        Epoch epoch = running.epoch(options)) {
      Map<LogicalPath, String> seen = new TreeMap<>();
      for (int i = 0; epoch.hasNext(); i++) {
        if (i == 30) {
          Harm.UNREADABLE.to(this);
        } else if (i == 70) {
          store.mend();
          clock.addAndGet(AVOIDED);
        }
        try (EpochFile file = epoch.next()) {
          seen.put(file.path(), UTF_8.decode(file.buffer()).toString());
        }
      }
      assertThat(seen)
          .hasSize(FILES)
          .allSatisfy((path, text) -> assertThat(text).isEqualTo(content(path)));
      assertThat(running.statistics().fallbackReads()).isBetween(1L, FILES - 31L);
      assertThat(running.statistics().avoidedContainers()).isZero();
      assertThat(epoch.skipped()).isZero();
    }
  }

  @Test
  void failureThatPassesIsRepeatedAndIsNoFallback() throws IOException {
    AtomicLong left = new AtomicLong(2);
    store.breakDown(
        path -> isContainer(path) && left.getAndDecrement() > 0, path -> new IOException("once"));
    try (FoldedDataset patient = open(options().withReadRetries(2))) {
      assertContent(paths.get(0), patient.read(paths.get(0)));
      assertThat(patient.statistics().retries()).isEqualTo(2);
      assertThat(patient.statistics().fallbackReads()).isZero();
    }
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void whatIsAvoidedIsNotTriedAndThenByOneReaderATime() throws IOException {
    Harm.UNREADABLE.to(this);
    dataset.read(paths.get(0));
    long failures = store.failures();
    assertThat(failures).isEqualTo(2); // and its repetition
    dataset.readAll(paths).forEach(bytes -> {});
    assertThat(store.failures()).isEqualTo(failures);
    clock.addAndGet(AVOIDED);
    dataset.read(paths.get(1));
    dataset.read(paths.get(2));
    assertThat(store.failures()).isEqualTo(failures + 2);
    assertThat(dataset.statistics().fallbackReads()).isEqualTo(FILES + 3);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .startsWith("WARN container cannot be read, its files come from their originals, from "
            + source.toRealPath() + "; it is tried again every 60 s: ")
        .endsWith(container + ": java.io.IOException: no data node has it");
  }

  @Test
  void damagedFileSparesTheOthersOfItsContainer() throws IOException {
    byte[] bytes = memory.get(container);
    byte[] sound = bytes.clone();
    bytes[(int) dataset.payload(paths.get(3)).orElseThrow().extent().offset()] ^= 1;
    memory.put(container, bytes);
    for (int round = 0; round < 3; round++) {
      List<ByteBuffer> all = dataset.readAll(paths).toList();
      for (int i = 0; i < FILES; i++) {
        assertContent(paths.get(i), all.get(i));
        assertContent(paths.get(i), dataset.read(paths.get(i)));
      }
    }
    assertThat(dataset.statistics().fallbackReads()).isEqualTo(6);
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("damaged files come from their originals");
    memory.put(container, sound);
    clock.addAndGet(AVOIDED);
    dataset.read(paths.get(3));
    assertThat(dataset.statistics().fallbackReads()).isEqualTo(6);
    assertThat(dataset.statistics().avoidedContainers()).isZero();
    assertThat(log.lines()).hasSize(2);
  }

  @Test
  void changedOriginalDoesNotStandIn() throws IOException {
    Harm.MISSING.to(this);
    Path longer = source.resolve(paths.get(0).toString());
    FileTime time = Files.getLastModifiedTime(longer);
    Files.writeString(longer, content(paths.get(0)) + "!");
    Files.setLastModifiedTime(longer, time);
    Path later = source.resolve(paths.get(1).toString());
    Files.setLastModifiedTime(later, FileTime.fromMillis(time.toMillis() + 5000));
    Path other = source.resolve(paths.get(2).toString());
    time = Files.getLastModifiedTime(other);
    Files.writeString(other, content(paths.get(2)).replace('c', 'k'));
    Files.setLastModifiedTime(other, time);
    Path linked = source.resolve(paths.get(3).toString());
    Files.move(linked, directory.resolve("elsewhere"));
    Files.createSymbolicLink(linked, directory.resolve("elsewhere"));
    Files.delete(source.resolve(paths.get(4).toString()));
    List<String> reasons = List.of(
        "found " + (content(paths.get(0)).length() + 1) + " bytes",
        "found " + content(paths.get(1)).length() + " bytes",
        "CRC32C of the original is 0x",
        "found a symbolic link",
        "found nothing");
    for (int i = 0; i < reasons.size(); i++) {
      String reason = reasons.get(i);
      LogicalPath path = paths.get(i);
      assertThatThrownBy(() -> dataset.read(path))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("container is missing")
          .hasMessageContaining(container)
          .satisfies(
              e -> assertThat(e.getSuppressed()).singleElement().asString().contains(reason));
    }
    assertThat(dataset.statistics().failedFallbacks()).isEqualTo(reasons.size());
    assertThat(dataset.statistics().fallbackReads()).isZero();
    assertThat(dataset.statistics().avoidedContainers()).isZero();
  }

  @Test
  void rootThatIsNotAllowedIsNotLookedAt() throws IOException {
    try (FoldedDataset strict =
        open(ReaderOptions.defaults().withAllowedSourceRoots(Set.of(directory + "/other")))) {
      strict.locate(paths.get(0));
      Harm.MISSING.to(this);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> strict.read(paths.get(0)))
            .isInstanceOf(CorruptDataException.class);
      }
      assertThat(strict.statistics().failedFallbacks()).isZero();
    }
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("source root " + source.toRealPath() + " is not allowed");
  }

  @Test
  void fileWithoutOriginalComesFromAnAvoidedContainerThatIsBack() throws IOException {
    Harm.UNREADABLE.to(this);
    dataset.read(paths.get(0));
    Files.delete(source.resolve(paths.get(1).toString()));
    assertThatThrownBy(() -> dataset.read(paths.get(1))).hasMessage("no data node has it");
    store.mend();
    assertContent(paths.get(1), dataset.read(paths.get(1)));
    assertThat(dataset.statistics().avoidedContainers()).isZero();
  }

  @Test
  void readerThatStartsAfterTheLossNeedsAPack() throws IOException {
    Harm.MISSING.to(this);
    try (FoldedDataset cold = open(options())) {
      assertThatThrownBy(() -> cold.read(paths.get(0)))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("container is missing");
    }
    store.mend();
    try (ByteSink sink = memory.create(IndexPackFiles.fresh(1))) {
      IndexPackCopy.copy(
          memory,
          1,
          dataset.containers(),
          new IndexPackWriter(sink, IndexPackWriter.Form.STORED),
          (summary, reason) -> {
            throw reason;
          });
    }
    Harm.MISSING.to(this);
    try (FoldedDataset cold = open(options())) {
      assertContent(paths.get(0), cold.read(paths.get(0)));
      assertThat(cold.list(LogicalPath.ROOT)).hasSize(3);
      assertThat(cold.statistics().spareIndexes()).isOne();
      store.mend();
      clock.addAndGet(AVOIDED);
      assertContent(paths.get(0), cold.read(paths.get(0)));
      assertThat(cold.statistics().fallbackReads()).isOne();
    }
  }

  @Test
  void storeThatComesAndGoesUnderManyReadersNeverGivesWrongBytes() throws Exception {
    long seed = new Random().nextLong();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    AtomicBoolean over = new AtomicBoolean();
    try (FoldedDataset shared = open(options().withAvoidance(Duration.ZERO))) {
      shared.locate(paths.get(0));
      List<Future<Long>> readers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(seed + t);
        readers.add(threads.submit(() -> {
          long count = 0;
          while (!over.get()) {
            LogicalPath path = paths.get(random.nextInt(FILES));
            try (PooledBytes bytes = shared.readPooled(path)) {
              assertContent(path, bytes.buffer());
              count++;
            }
          }
          return count;
        }));
      }
      for (int i = 0; i < 30; i++) {
        long before = shared.statistics().filesRead();
        if (i % 2 == 0) {
          Harm.UNREADABLE.to(this);
        } else {
          store.mend();
        }
        while (shared.statistics().filesRead() < before + 20
            && readers.stream().noneMatch(Future::isDone)) {
          Thread.onSpinWait();
        }
      }
      over.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get()).as("seed %s", seed).isPositive();
      }
      dataset.read(paths.get(0));
      shared.read(paths.get(0));
      assertThat(shared.statistics().avoidedContainers()).isZero();
      assertThat(shared.statistics().fallbackReads()).isPositive();
      assertThat(shared.statistics().pooledBuffersOut()).isZero();
    } finally {
      over.set(true);
      threads.shutdownNow();
    }
  }
}
