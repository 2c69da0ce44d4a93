package io.pleat.torture;

import io.pleat.dataset.parquet.ParquetCatalogReader;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.maintain.RepairListener;
import io.pleat.maintain.RepairReport;
import io.pleat.maintain.RepairRequest;
import io.pleat.maintain.Repairer;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Looks for damage: there is none, whatever was killed when. */
final class RepairOperation implements TortureOperation {
  @Override
  public String name() {
    return "repair";
  }

  @Override
  public int weight() {
    return 1;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    StringBuilder damage = new StringBuilder();
    try (TaskEngine engine = settings.taskEngine()) {
      RepairReport report = Repairer.repair(
          new RepairRequest(settings.dataset(), settings.stores(), Set.of(), false, false),
          engine,
          new ParquetCatalogWriter(),
          new ParquetCatalogReader(),
          ParquetEntryCatalog::new,
          new RepairListener() {
            @Override
            public void damaged(String what) {
              damage.append(' ').append(what);
            }
          });
      if (report.damaged() > 0 || report.catalogFiles() > 0) {
        throw new WrongException("repair met damage: " + report + damage);
      }
      return report.checked() + " containers are sound";
    }
  }
}
