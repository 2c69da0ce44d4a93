package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.CondemnedException;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotExpiredException;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.RegisteredStores;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.LogicalPath;
import io.pleat.store.FaultyStore;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Writers that fall asleep before one of their operations, and wake up when another has committed, their own lease is over, and all has expired that
 * could: what they started from, and what they had written themselves.
 */
class TestStaleWriters {
  /** Longer than a run takes by the store's clock, which moves a second with each change, and than a fold's lease. */
  private static final Duration GRACE = Duration.ofSeconds(2_000);

  private static final ExpireRequest EXPIRE =
      ExpireRequest.defaults().withKeep(1).withOlderThan(Duration.ZERO).withGrace(GRACE);

  private static final FoldOptions OPTIONS = FoldOptions.defaults().withAllowWiderAccess(true);

  private static final String VICTIM = "d1/f1";

  @TempDir
  private Path directory;

  private final MemoryStore memory = new MemoryStore();
  private LivingTree tree;

  private enum Writer {
    FOLD,
    MIRROR,
    RM,
    COMPACT,
    ROLLBACK
  }

  /** Three snapshots, of which the second is the one to go back to, and changes that are not folded yet. */
  @BeforeEach
  void fold() throws IOException {
    tree = new LivingTree(directory).at(RegisteredStores.register(memory));
    for (int i = 0; i < 12; i++) {
      tree.write("d" + i % 3 + "/f" + i, "content " + i);
    }
    tree.write("e/file", "below a directory");
    tree.fold(OPTIONS);
    for (int i = 0; i < 6; i++) {
      tree.write("d" + i % 3 + "/g" + i, "more " + i);
    }
    tree.fold(OPTIONS);
    tree.rm("d0/f0", "d0/f3", "d2/g5");
    tree.write("d0/f6", "changed");
    tree.write("d1/new", "new");
    tree.delete("d2/f2");
    tree.deleteTree("e");
    tree.write("e", "a file now");
    memory.advance(GRACE.plusSeconds(1));
  }

  @ParameterizedTest
  @EnumSource
  void writersThatSleepLeaveASoundDataset(Writer writer) throws IOException {
    sleepAtOperations(writer, 5);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  void writersThatSleepAnywhereLeaveASoundDataset(Writer writer) throws IOException {
    sleepAtOperations(writer, 1);
  }

  private void sleepAtOperations(Writer writer, int step) throws IOException {
    MemoryStore undisturbed = memory.copy();
    run(writer, undisturbed);
    Map<String, String> done = held(undisturbed);
    done.remove(VICTIM);
    Map<String, String> notDone = held(memory);
    notDone.remove(VICTIM);
    Set<Boolean> outcomes = new HashSet<>();
    boolean reached = true;
    for (long at = 0; reached; at += step) {
      MemoryStore store = memory.copy();
      String what = writer + " slept at operation " + at;
      FaultyStore sleeping = FaultyStore.sleepingAt(store, at, () -> othersGoOn(store));
      boolean finished = false;
      try {
        run(writer, sleeping);
        finished = true;
      } catch (CommitConflictException | CondemnedException | SnapshotExpiredException e) {
        assertThat(e.getMessage()).as(what).contains(store.location());
      } catch (IOException | RuntimeException e) {
        throw new AssertionError(
            what + " (" + sleeping.log().get((int) Math.min(at, sleeping.log().size() - 1)) + ")",
            e);
      }
      reached = sleeping.operations() > at;
      outcomes.add(finished);
      LivingTree now = tree.at(RegisteredStores.register(store));
      assertThat(now.findings()).as(what).isEmpty();
      Map<String, String> held = now.held();
      held.remove(VICTIM); // a rollback after the removal brings it back
      assertThat(held).as(what).isIn(done, notDone);
      if (finished) {
        assertThat(held).as(what).isEqualTo(done);
      }
      if (writer != Writer.ROLLBACK) {
        if (writer != Writer.RM || !finished) {
          run(writer, store);
        }
        held = now.held();
        held.remove(VICTIM);
        assertThat(held).as("%s, again", what).isEqualTo(done);
        expireAll(store);
        assertThat(now.findings()).as("%s, again", what).isEmpty();
      }
    }
    assertThat(outcomes).contains(true);
  }

  private Map<String, String> held(Store store) throws IOException {
    return new TreeMap<>(tree.at(RegisteredStores.register(store)).held());
  }

  private void run(Writer writer, Store store) throws IOException {
    LivingTree at = tree.at(RegisteredStores.register(store));
    switch (writer) {
      case FOLD -> at.fold(OPTIONS);
      case MIRROR -> at.fold(OPTIONS.withMirror(MirrorDeletes.ANYWAY));
      case RM -> remove(store, "d2/f8");
      case COMPACT -> compact(store);
      case ROLLBACK ->
        new Rollback(
                new RollbackRequest(at.dataset(), Map.of(), 2, 0, false),
                new ParquetCatalogWriter())
            .run();
    }
  }

  private void remove(Store store, String path) throws IOException {
    new Remover(tree.request(false, path), new ParquetCatalogWriter()).run(store);
  }

  private static void compact(Store store) throws IOException {
    try (LocalTaskEngine engine = new LocalTaskEngine(1)) {
      Compactor.compact(
          new CompactRequest("memory", Map.of(), CompactionRules.defaults().withMinSmall(2), false),
          () -> store,
          engine,
          new ParquetCatalogWriter(),
          ParquetEntryCatalog::new,
          CompactListener.NONE);
    }
  }

  private void othersGoOn(MemoryStore store) throws IOException {
    store.advance(GRACE.plusSeconds(1));
    if (held(store).containsKey(VICTIM)) {
      remove(store, VICTIM);
    }
    expireAll(store);
  }

  /** Condemns, deletes, and does both once more with what the lists themselves leave. */
  private static void expireAll(MemoryStore store) throws IOException {
    for (int run = 0; run < 4; run++) {
      Expirer.expire(store, EXPIRE, new ParquetCatalogWriter(), UUID.randomUUID());
      store.advance(GRACE.plusSeconds(1));
    }
  }

  @Test
  void baseOfAFoldStaysWhileItsLeaseHolds() throws IOException {
    long base = tree.head().version();
    ExpireRequest atOnce = EXPIRE.withGrace(Duration.ZERO);
    tree.fold(OPTIONS, new ProgressListener() {
      @Override
      public void phase(String name, long files, long bytes) {
        if (name.equals("plan")) {
          try {
            remove(memory, VICTIM);
            for (int run = 0; run < 3; run++) {
              Expirer.expire(memory, atOnce, new ParquetCatalogWriter(), UUID.randomUUID());
            }
            Snapshot head = tree.head();
            assertThat(head.retention().kept(head.version()).contains(base)).isTrue();
            assertThat(head.retention().kept(head.version()).contains(base - 1)).isFalse();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }
      }
    });

    assertThat(tree.held()).containsEntry("d0/f6", "changed").doesNotContainKey(VICTIM);
    assertThat(tree.findings()).isEmpty();
    assertThat(memory.files())
        .extracting(LogicalPath::toString)
        .noneMatch(path -> path.startsWith("_pleat/leases/"));
    assertThat(DatasetLog.open(memory).current()).isPresent();
  }
}
