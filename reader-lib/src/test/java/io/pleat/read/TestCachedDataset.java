package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.cache.CacheOptions;
import io.pleat.read.epoch.Epoch;
import io.pleat.read.epoch.EpochFile;
import io.pleat.read.epoch.EpochOptions;
import io.pleat.store.BrokenStore;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TestCachedDataset {
  private static final int FILES = 300;

  @TempDir
  Path directory;

  private final MemoryStore memory = new MemoryStore();
  private final BrokenStore store = new BrokenStore(memory);
  private final List<LogicalPath> paths = new ArrayList<>();
  private String container;

  @BeforeEach
  void fold() throws IOException {
    try (FoldedDataset dataset = build(memory)) {
      container = ContainerSummary.pathOf(dataset.containers().get(0).id()).toString();
    }
  }

  private FoldedDataset build(Store target) throws IOException {
    DatasetBuilder builder = DatasetBuilder.on(target, "/source");
    Content content = new Content().directory("");
    paths.clear();
    for (int i = 0; i < FILES; i++) {
      LogicalPath path = LogicalPath.of("d" + i % 3 + "/f" + i);
      content.file(path.toString(), content(path));
      paths.add(path);
    }
    builder.add(content);
    builder.commit();
    return FoldedDataset.open(target, Map.of(), ReaderOptions.defaults());
  }

  private static String content(LogicalPath path) {
    return ("content of " + path + "\n").repeat(800);
  }

  private Path folder() {
    return directory.resolve("cache");
  }

  private FoldedDataset open() throws IOException {
    return FoldedDataset.open(
        store, Map.of(), ReaderOptions.defaults().withCache(CacheOptions.of(folder(), 1 << 28)));
  }

  private void readEverything(FoldedDataset dataset) throws IOException {
    List<ByteBuffer> all = dataset.readAll(paths).toList();
    for (int i = 0; i < FILES; i++) {
      assertThat(UTF_8.decode(all.get(i)).toString()).isEqualTo(content(paths.get(i)));
      assertThat(UTF_8.decode(dataset.read(paths.get(i))).toString())
          .isEqualTo(content(paths.get(i)));
    }
    try (Epoch epoch = dataset.epoch(EpochOptions.of(1, 1).withoutLease())) {
      while (epoch.hasNext()) {
        try (EpochFile file = epoch.next()) {
          assertThat(UTF_8.decode(file.buffer()).toString()).isEqualTo(content(file.path()));
        }
      }
    }
  }

  @Test
  void everyWayToReadGoesThroughTheCache() throws IOException {
    try (FoldedDataset dataset = open()) {
      readEverything(dataset);
      long chunks = (dataset.containers().get(0).length() + (1 << 20) - 1) >> 20;
      assertThat(dataset.statistics().cache().misses()).isEqualTo(chunks);
      assertThat(dataset.statistics().cache().storedChunks()).isEqualTo(chunks);
      assertThat(dataset.statistics().storeBytes())
          .isEqualTo(dataset.containers().get(0).length());
    }
    store.breakDown(path -> path.toString().equals(container), path -> new IOException("gone"));
    try (FoldedDataset next = open()) { // its container cannot even be opened
      readEverything(next);
      assertThat(next.statistics().storeReads()).isZero();
      assertThat(next.statistics().containerOpens()).isZero();
      assertThat(next.statistics().cache().misses()).isZero();
      assertThat(next.statistics().cache().hitBytes()).isPositive();
      assertThat(next.statistics().toString()).contains("cacheHits=");
    }
  }

  @Test
  void wrongBytesFromTheStoreDoNotStay() throws IOException {
    byte[] sound = memory.get(container);
    byte[] wrong = sound.clone();
    for (int at = 100; at < wrong.length; at += 7000) {
      wrong[at] ^= 1;
    }
    memory.put(container, wrong);
    try (FoldedDataset dataset = open()) {
      for (LogicalPath path : paths.subList(0, 10)) {
        try {
          dataset.read(path);
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("CRC32C");
        }
      }
      memory.put(container, sound);
      readEverything(dataset);
      assertThat(dataset.statistics().cache().damagedChunks()).isPositive();
    }
  }

  @Test
  void datasetOnALocalDiskIsNotCached() throws IOException {
    try (Store local = Stores.open(directory.resolve("local.pleat").toString(), Map.of())) {
      build(local).close();
    }
    try (FoldedDataset dataset = FoldedDataset.open(
        directory.resolve("local.pleat").toString(),
        Map.of(),
        ReaderOptions.defaults().withCache(CacheOptions.of(folder(), 1 << 28)))) {
      readEverything(dataset);
      assertThat(dataset.statistics().cache().misses()).isZero();
    }
    assertThat(Files.exists(folder())).isFalse();
  }
}
