package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TestReadersAtOnce {
  private static final int CONTAINERS = 12;
  private static final int FILES = 60;
  private static final int THREADS = 6;
  private static final int ROUNDS = 2000;

  @TempDir
  Path directory;

  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
  private final List<LogicalPath> paths = new ArrayList<>();

  @BeforeEach
  void build() throws IOException {
    try (Store store = Stores.open(directory.toString(), Map.of())) {
      DatasetBuilder builder = DatasetBuilder.on(store, "/source");
      for (int container = 0; container < CONTAINERS; container++) {
        Content content = new Content();
        for (int i = 0; i < FILES; i++) {
          String path = "d" + i % 7 + "/c" + container + "-" + i; // all containers overlap
          content.file(path, "content of " + path);
          paths.add(LogicalPath.of(path));
        }
        builder.add(content);
        builder.commit();
      }
    }
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private FoldedDataset open(ReaderOptions options) throws IOException {
    return FoldedDataset.open(directory.toString(), Map.of(), options);
  }

  @Test
  void coldBlocksLoadOnceHoweverManyAsk() throws Exception {
    try (FoldedDataset dataset = open(ReaderOptions.defaults())) {
      run(THREADS, random -> {
        for (LogicalPath path : paths) {
          check(dataset, path);
        }
        return null;
      });
      assertThat(dataset.statistics().indexLoads()).isEqualTo(CONTAINERS);
      assertThat(dataset.statistics().containerOpens()).isEqualTo(CONTAINERS);
      assertThat(dataset.statistics().filesRead()).isEqualTo((long) THREADS * paths.size());
    }
  }

  @Test
  void lookupsStayExactWhileBlocksAreEvicted() throws Exception {
    try (FoldedDataset dataset = open(ReaderOptions.defaults().withIndexCacheBytes(1))) {
      run(THREADS, random -> {
        for (int i = 0; i < ROUNDS; i++) {
          LogicalPath path = paths.get(random.nextInt(paths.size()));
          assertThat(dataset.payload(path)).isPresent();
          assertThat(dataset.payload(path).get().length())
              .isEqualTo("content of ".length() + path.length());
          assertThat(dataset.locate(path).orElseThrow().entry().path()).isEqualTo(path);
          assertThat(dataset.payload(LogicalPath.of(path + "x"))).isEmpty();
        }
        return null;
      });
      assertThat(dataset.statistics().indexEvictions()).isPositive();
    }
  }

  @Test
  void evictionBreaksNobody() throws Exception {
    ReaderOptions tight =
        ReaderOptions.defaults().withIndexCacheBytes(0).withOpenContainers(1).withBatchBytes(100);
    try (FoldedDataset dataset = open(tight)) {
      run(THREADS, random -> {
        for (int i = 0; i < ROUNDS / 10; i++) {
          check(dataset, paths.get(random.nextInt(paths.size())));
          if (i % 50 == 0) {
            try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
              assertThat(items.filter(item -> !item.isDirectory()).count()).isEqualTo(paths.size());
            }
          }
          if (i % 20 == 0) {
            List<LogicalPath> some =
                random.ints(10, 0, paths.size()).mapToObj(paths::get).toList();
            assertThat(dataset.readAll(some).map(bytes -> UTF_8.decode(bytes).toString()))
                .containsExactlyElementsOf(
                    some.stream().map(path -> "content of " + path).toList());
          }
        }
        return null;
      });
      assertThat(dataset.statistics().indexEvictions()).isPositive();
      assertThat(dataset.openContainers()).isEqualTo(1);
    }
  }

  @Test
  void interruptedReaderHurtsOnlyItself() throws Exception {
    try (FoldedDataset dataset = open(ReaderOptions.defaults())) {
      AtomicBoolean done = new AtomicBoolean();
      Future<?> interrupted = threads.submit(() -> {
        Random random = new Random(99);
        while (!done.get()) {
          Thread.currentThread().interrupt();
          try {
            check(dataset, paths.get(random.nextInt(paths.size())));
          } catch (ClosedByInterruptException e) {
            assertThat(Thread.interrupted()).isTrue();
          }
          Thread.interrupted();
        }
        return null;
      });
      run(THREADS - 1, random -> {
        for (int i = 0; i < ROUNDS; i++) {
          check(dataset, paths.get(random.nextInt(paths.size())));
        }
        return null;
      });
      done.set(true);
      interrupted.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void closeUnderLoadEndsReadersCleanly() throws Exception {
    for (int round = 0; round < 10; round++) {
      FoldedDataset dataset = open(ReaderOptions.defaults());
      List<Future<Long>> readers = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(thread);
        readers.add(threads.submit(() -> {
          for (long reads = 0; ; reads++) {
            try {
              check(dataset, paths.get(random.nextInt(paths.size())));
            } catch (IllegalStateException e) {
              assertThat(e).hasMessage("the dataset was closed");
              return reads;
            }
          }
        }));
      }
      while (dataset.statistics().filesRead() < 50) {
        Thread.onSpinWait();
      }
      dataset.close();
      for (Future<Long> reader : readers) {
        reader.get(30, TimeUnit.SECONDS);
      }
    }
  }

  private interface Work {
    Void run(Random random) throws Exception;
  }

  private void run(int count, Work work) throws Exception {
    List<Callable<Void>> all = new ArrayList<>();
    for (int thread = 0; thread < count; thread++) {
      Random random = new Random(thread);
      all.add(() -> work.run(random));
    }
    for (Future<Void> done : threads.invokeAll(all)) {
      done.get();
    }
  }

  private static void check(FoldedDataset dataset, LogicalPath path) throws IOException {
    ByteBuffer bytes = dataset.read(path);
    assertThat(UTF_8.decode(bytes).toString()).isEqualTo("content of " + path);
  }
}
