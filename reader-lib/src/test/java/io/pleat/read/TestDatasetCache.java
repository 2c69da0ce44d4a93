package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.cache.CacheOptions;
import io.pleat.read.cache.ChunkCache;
import io.pleat.store.BrokenStore;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TestDatasetCache {
  private static final long ENOUGH = 64L << 20;

  @TempDir
  Path directory;

  private final BrokenStore store = new BrokenStore(new MemoryStore());
  private FoldedDataset dataset;

  @BeforeEach
  void fold() throws IOException {
    DatasetBuilder builder = DatasetBuilder.on(store, "/source");
    Random random = new Random(1);
    for (String top : new String[] {"a", "b", "c"}) {
      Content content = new Content();
      for (int i = 0; i < 20; i++) {
        byte[] bytes = new byte[512 << 10];
        random.nextBytes(bytes);
        content.file(top + "/" + i % 2 + "/f" + i, bytes, DatasetBuilder.PLAIN);
      }
      builder.add(content);
    }
    builder.commit();
    dataset = open(ReaderOptions.defaults().withReadThreads(3));
  }

  @AfterEach
  void close() throws IOException {
    dataset.close();
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(store, Map.of(), options);
  }

  private CacheOptions cache(long bytes) {
    return CacheOptions.of(directory.resolve("cache"), bytes);
  }

  private static long sum(Iterable<DatasetCache.Coverage> parts, boolean cached) {
    long sum = 0;
    for (DatasetCache.Coverage part : parts) {
      sum += cached ? part.cachedBytes() : part.bytes();
    }
    return sum;
  }

  private long containerBytes() {
    return dataset.containers().stream().mapToLong(each -> each.length()).sum();
  }

  @Test
  void wholeDatasetIsLoadedOnceAndThenReadWithoutTheStore() throws IOException {
    AtomicLong last = new AtomicLong();
    try (DatasetCache held = dataset.cacheIn(cache(ENOUGH))) {
      assertThat(sum(held.coverage(LogicalPath.ROOT), true)).isZero();
      DatasetCache.Warmed warmed = held.warm(LogicalPath.ROOT, (bytes, missing) -> {
        assertThat(missing).isEqualTo(containerBytes());
        last.accumulateAndGet(bytes, Math::max);
      });
      assertThat(warmed.bytes()).isEqualTo(containerBytes());
      assertThat(warmed.loadedBytes()).isEqualTo(containerBytes());
      assertThat(warmed.presentBytes()).isZero();
      assertThat(warmed.isTooLarge()).isFalse();
      assertThat(last.get()).isEqualTo(containerBytes());
      assertThat(sum(held.coverage(LogicalPath.ROOT), true)).isEqualTo(containerBytes());
      assertThat(held.warm(LogicalPath.ROOT, (bytes, missing) -> {}).presentBytes())
          .isEqualTo(containerBytes());
    }
    store.breakDown(
        path -> path.toString().startsWith("containers"), path -> new IOException("away"));
    try (FoldedDataset cached = open(ReaderOptions.defaults().withCache(cache(ENOUGH)))) {
      assertThat(cached.read(LogicalPath.of("b/1/f3")).remaining()).isEqualTo(512 << 10);
      assertThat(cached.statistics().storeReads()).isZero();
    }
  }

  @Test
  void directoryOrFileIsLoadedAndLetGoAlone() throws IOException {
    LogicalPath part = LogicalPath.of("b/1");
    try (DatasetCache held = dataset.cacheIn(cache(ENOUGH))) {
      DatasetCache.Warmed warmed = held.warm(part, (bytes, missing) -> {});
      assertThat(warmed.bytes()).isBetween(5L << 20, 8L << 20).isEqualTo(warmed.loadedBytes());
      assertThat(held.coverage(part)).singleElement().satisfies(coverage -> {
        assertThat(coverage.files()).isEqualTo(10);
        assertThat(coverage.cachedBytes()).isEqualTo(coverage.bytes());
      });
      DatasetCache.Coverage file = held.coverage(LogicalPath.of("b/1/f3")).get(0);
      assertThat(file.files()).isOne();
      assertThat(file.bytes()).isEqualTo(file.cachedBytes()).isLessThan(4L << 20);
      assertThat(held.coverage(LogicalPath.of("b/1/f"))).isEmpty();
      assertThat(sum(held.coverage(LogicalPath.of("a")), true)).isZero();
      assertThat(held.evict(LogicalPath.of("a"))).isZero();
      assertThat(held.evict(part)).isGreaterThan(5L << 20);
      assertThat(sum(held.coverage(LogicalPath.ROOT), true)).isZero();
    }
  }

  @Test
  void whatDoesNotFitIsSaidAndNotLoaded() throws IOException {
    try (DatasetCache held = dataset.cacheIn(cache(CacheOptions.LEAST_BYTES))) {
      DatasetCache.Warmed warmed = held.warm(LogicalPath.ROOT, (bytes, missing) -> {});
      assertThat(warmed.isTooLarge()).isTrue();
      assertThat(warmed.lastingBytes()).isBetween(12L << 20, 15L << 20);
      assertThat(warmed.loadedBytes()).isBetween(5L << 20, warmed.lastingBytes());
      assertThat(sum(held.coverage(LogicalPath.ROOT), true)).isEqualTo(warmed.loadedBytes());
    }
  }

  @Test
  void whatIsWantedPushesOutWhatIsOlder() throws IOException {
    try (DatasetCache held = dataset.cacheIn(cache(CacheOptions.LEAST_BYTES))) {
      assertThat(held.warm(LogicalPath.of("a"), (bytes, missing) -> {}).missingBytes())
          .isZero();
      assertThat(held.warm(LogicalPath.of("c"), (bytes, missing) -> {}).missingBytes())
          .isZero();
      assertThat(sum(held.coverage(LogicalPath.of("c")), true))
          .isEqualTo(sum(held.coverage(LogicalPath.of("c")), false));
    }
  }

  @Test
  void storeThatFailsEndsTheLoading() throws IOException {
    try (DatasetCache held = dataset.cacheIn(cache(ENOUGH))) {
      store.breakDown(
          path -> path.toString().startsWith("containers"), path -> new IOException("away"));
      assertThatThrownBy(() -> held.warm(LogicalPath.ROOT, (bytes, missing) -> {}))
          .hasMessage("away");
    }
  }

  @Test
  void foldersOfDatasetsAreListedAndCleared() throws IOException {
    try (DatasetCache held = dataset.cacheIn(cache(ENOUGH))) {
      held.warm(LogicalPath.ROOT, (bytes, missing) -> {});
    }
    Path folder = directory.resolve("cache");
    assertThat(ChunkCache.datasets(folder)).singleElement().satisfies(found -> {
      assertThat(found.location()).isEqualTo(store.location());
      assertThat(found.bytes()).isEqualTo(containerBytes() + 512 * found.chunks());
    });
    assertThat(ChunkCache.evictAll(folder, "memory:/other")).isZero();
    assertThat(ChunkCache.evictAll(folder, store.location())).isGreaterThan(containerBytes());
    assertThat(ChunkCache.datasets(folder)).isEmpty();
  }

  @Test
  void datasetOnALocalDiskHasNone() throws IOException {
    try (Store local = Stores.open(directory.resolve("local").toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(local, "/source");
      builder.add(new Content().file("x", "x"));
      builder.commit();
    }
    try (FoldedDataset opened = FoldedDataset.open(
        directory.resolve("local").toString(), Map.of(), ReaderOptions.defaults())) {
      assertThatThrownBy(() -> opened.cacheIn(cache(ENOUGH)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is on a local disk");
    }
  }
}
