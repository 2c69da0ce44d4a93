package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** Weighs containers in which rows are dead. */
final class WeighTask implements TaskEngine.Task<WeighInput, WeighTask.Weighed> {
  private static final long serialVersionUID = 1;

  private final StoreOpener store;

  WeighTask(StoreOpener store) {
    this.store = store;
  }

  /** What they weigh, and which of them could not be looked at. */
  record Weighed(List<ContainerWeight> weights, List<BrokenContainer> broken)
      implements Serializable {}

  @Override
  public Weighed run(WeighInput input) throws IOException {
    List<ContainerWeight> weights = new ArrayList<>();
    List<BrokenContainer> broken = new ArrayList<>();
    try (Store dataset = store.open()) {
      DatasetLog log = DatasetLog.open(dataset);
      Snapshot snapshot = log.snapshot(input.version());
      for (ContainerSummary container : input.containers()) {
        try {
          weights.add(ContainerWeight.measure(
              dataset, container, log.deletionVector(snapshot, container.id()).toBitmap()));
        } catch (CorruptDataException | UnsupportedFormatException | NoSuchFileException e) {
          broken.add(new BrokenContainer(container.id(), RewriteTask.describe(container, e)));
        }
      }
    }
    return new Weighed(weights, broken);
  }
}
