package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestCommitRace {
  @Test
  void ofTwoWritersOneWinsEachVersionAndTheOtherIsTold() throws Exception {
    race(new MemoryStore(), 200);
  }

  @Test
  void ofTwoWritersToOneDirectoryOneWinsEachVersion(@TempDir Path directory) throws Exception {
    try (Store store = Stores.open(directory.toString(), Map.of())) {
      race(store, 40);
    }
  }

  static void race(Store store, int rounds) throws Exception {
    DatasetLog log = log(store);
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Optional<Snapshot> base = Optional.empty();
      for (int round = 0; round < rounds; round++) {
        List<Future<Optional<Snapshot>>> writers = new ArrayList<>();
        Optional<Snapshot> common = base;
        for (int writer = 0; writer < 2; writer++) {
          int container = 2 * round + writer;
          writers.add(threads.submit(() -> {
            start.await(30, TimeUnit.SECONDS);
            return commit(log(store), common, container);
          }));
        }
        Optional<Snapshot> first = writers.get(0).get(30, TimeUnit.SECONDS);
        Optional<Snapshot> second = writers.get(1).get(30, TimeUnit.SECONDS);
        assertThat(first.isPresent()).as("round %s", round).isNotEqualTo(second.isPresent());
        base = first.or(() -> second);
        assertThat(log.current()).isEqualTo(base);
      }
      assertThat(log.containers(base.orElseThrow())).hasSize(rounds);
      TestCommitFaults.assertWhole("after the race", store, base.orElseThrow());
    } finally {
      threads.shutdownNow();
    }
  }

  private static DatasetLog log(Store store) {
    return DatasetLog.open(store, Clock.systemUTC(), time -> {});
  }

  private static Optional<Snapshot> commit(DatasetLog log, Optional<Snapshot> base, int container)
      throws IOException {
    try {
      return Optional.of(log.commit(base, Samples.add(container), new TextCatalog()));
    } catch (CommitConflictException e) {
      assertThat(e.winner().version()).isEqualTo(base.map(Snapshot::version).orElse(0L) + 1);
      return Optional.empty();
    }
  }

  @Test
  void writersThatRetryLoseNothingAndUseEachVersionOnce() throws Exception {
    DatasetLog log = log(new MemoryStore());
    int writers = 4;
    int commits = 40;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Future<List<Long>>> results = new ArrayList<>();
      for (int writer = 0; writer < writers; writer++) {
        int first = writer * commits;
        results.add(threads.submit(() -> {
          List<Long> versions = new ArrayList<>();
          while (versions.size() < commits) {
            Optional<Snapshot> committed = commit(log, log.current(), first + versions.size());
            committed.ifPresent(snapshot -> versions.add(snapshot.version()));
          }
          return versions;
        }));
      }
      List<Long> versions = new ArrayList<>();
      for (Future<List<Long>> result : results) {
        versions.addAll(result.get(60, TimeUnit.SECONDS));
      }
      long total = (long) writers * commits;
      assertThat(versions)
          .containsExactlyInAnyOrderElementsOf(
              LongStream.rangeClosed(1, total).boxed().toList());
      Snapshot head = log.current().orElseThrow();
      assertThat(head.version()).isEqualTo(total);
      assertThat(log.containers(head)).hasSize((int) total);
      assertThat(head.statistics().files()).isEqualTo(100 * total);
    } finally {
      threads.shutdownNow();
    }
  }
}
