package io.pleat.torture;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.maintain.CompactListener;
import io.pleat.maintain.CompactReport;
import io.pleat.maintain.CompactRequest;
import io.pleat.maintain.CompactionRules;
import io.pleat.maintain.Compactor;
import java.util.List;
import java.util.SplittableRandom;

/** Compacts eagerly: a fifth of a container dead, or two small ones, are enough. */
final class CompactOperation implements TortureOperation {
  private static final CompactionRules RULES = CompactionRules.defaults()
      .withContainerBytes(FoldOperation.CONTAINER_SIZE)
      .withMinDeadShare(0.2)
      .withMinSmall(2);

  @Override
  public String name() {
    return "compact";
  }

  @Override
  public int weight() {
    return 1;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    try (TaskEngine engine = settings.taskEngine()) {
      CompactReport report = Compactor.compact(
          new CompactRequest(settings.dataset(), settings.stores(), RULES, false),
          engine,
          new ParquetCatalogWriter(),
          ParquetEntryCatalog::new,
          new CompactListener() {});
      if (!report.isSound()) {
        throw new WrongException("compaction met damage: " + report);
      }
      return report.removed() + " containers became " + report.added();
    }
  }
}
