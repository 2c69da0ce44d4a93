package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.TextCatalog;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldValues;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction and repair on an engine that serializes all that it is given, as Spark does. */
class TestTasksTravel {
  @TempDir
  private Path directory;

  /** Everything goes through bytes. */
  private static final class FreezingEngine implements TaskEngine {
    private final TaskEngine engine = new LocalTaskEngine(2);

    @Override
    public int concurrentTasks() {
      return engine.concurrentTasks();
    }

    @Override
    public <I extends Serializable, R extends Serializable> void run(
        String name, List<I> inputs, Task<I, R> task, Results<R> results) throws IOException {
      List<I> thawed = inputs.stream().map(FreezingEngine::through).toList();
      Task<I, R> travelled = through(task);
      engine.run(name, thawed, (Task<I, R>) input -> through(travelled.run(input)), results);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Serializable> T through(T value) {
      return (T) FoldValues.thaw(FoldValues.bytes(value), Serializable.class);
    }

    @Override
    public void close() throws IOException {
      engine.close();
    }
  }

  @Test
  void compactionAndRepair() throws IOException {
    Path source = Files.createDirectories(directory.resolve("source"));
    for (int i = 0; i < 20; i++) {
      Files.write(source.resolve("f" + i), new byte[100 + i]);
    }
    FoldedTree tree = FoldedTree.of(source, directory.resolve("dataset"), 4);
    try (FreezingEngine engine = new FreezingEngine();
        Store store = Stores.open(tree.dataset().toString(), Map.of())) {
      CompactReport compacted = Compactor.compact(
          new CompactRequest(
              tree.dataset().toString(), Map.of(), CompactionRules.defaults(), false),
          engine,
          new TextCatalog(),
          TextEntryCatalog::new,
          CompactListener.NONE);
      assertThat(compacted.removed()).isEqualTo(5);

      DatasetLog log = DatasetLog.open(store);
      Snapshot head = log.current().orElseThrow();
      ContainerSummary container = log.containers(head).get(0);
      Bytes.flip(store, container.path(), container.indexOffset() + 10);
      RepairReport repaired = Repairer.repair(
          new RepairRequest(tree.dataset().toString(), Map.of(), Set.of(), false, false),
          engine,
          new TextCatalog(),
          new NoCatalogReader(),
          TextEntryCatalog::new,
          RepairListener.NONE);
      assertThat(repaired.mended()).isEqualTo(1);
      assertThat(repaired.isSound()).isTrue();
      try (var dataset = DatasetView.open(store)) {
        assertThat(dataset.read(LogicalPath.of("f7")).remaining()).isEqualTo(107);
      }
    }
  }
}
