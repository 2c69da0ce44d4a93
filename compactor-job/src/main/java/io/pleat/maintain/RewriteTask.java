package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.RunContainers;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** Rewrites the containers of one group. What is wrong with one of them is in the result; a store that fails ends the run. */
final class RewriteTask implements TaskEngine.Task<RewriteInput, RewriteResult> {
  private static final long serialVersionUID = 1;
  private static final int LOOK = 64 << 10;

  private final StoreOpener store;
  private final EntryCatalogFactory catalog;
  private final RunContainers ids;

  RewriteTask(StoreOpener store, EntryCatalogFactory catalog, RunContainers ids) {
    this.store = store;
    this.catalog = catalog;
    this.ids = ids;
  }

  @Override
  public RewriteResult run(RewriteInput input) throws IOException {
    try (Store dataset = store.open()) {
      DatasetLog log = DatasetLog.open(dataset);
      Snapshot base = log.snapshot(input.baseVersion());
      Map<ContainerId, RoaringBitmap> dead = new HashMap<>();
      List<BrokenContainer> broken = new ArrayList<>();
      List<ContainerSummary> sound = new ArrayList<>();
      for (ContainerSummary container : input.containers()) {
        try {
          RoaringBitmap rows = log.deletionVector(base, container.id()).toBitmap();
          IndexedRows.open(dataset, container, rows, LOOK).close();
          dead.put(container.id(), rows);
          sound.add(container);
        } catch (CorruptDataException | UnsupportedFormatException | NoSuchFileException e) {
          broken.add(new BrokenContainer(container.id(), describe(container, e)));
        }
      }
      if (sound.isEmpty()) {
        return new RewriteResult.Failed(input.number(), broken, "");
      }
      try {
        DirectoryPrecedence precedence =
            new DirectoryPrecedence(dataset, id -> log.deletionVector(base, id).toBitmap());
        Rewritten rewritten = new ContainerRewriter(dataset, catalog.create(), ids, Rescue.NONE)
            .rewrite(
                sound,
                dead,
                precedence.superseded(sound, input.others()),
                input.shape(),
                (container, rows, length) -> IndexedRows.open(dataset, container, rows, length));
        return new RewriteResult.Done(input.number(), broken, sound, dead, rewritten);
      } catch (CorruptDataException | UnsupportedFormatException e) {
        return new RewriteResult.Failed(input.number(), broken, e.getMessage());
      }
    }
  }

  static String describe(ContainerSummary container, IOException failure) {
    return failure instanceof NoSuchFileException
        ? container.path() + " is missing"
        : failure.getMessage();
  }
}
