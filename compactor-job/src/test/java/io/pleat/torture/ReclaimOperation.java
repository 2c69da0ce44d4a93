package io.pleat.torture;

import io.pleat.dataset.parquet.ParquetAuditLog;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.ProgressListener;
import io.pleat.maintain.ReclaimOptions;
import io.pleat.maintain.ReclaimReport;
import io.pleat.maintain.ReclaimRequest;
import io.pleat.maintain.Reclaimer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** Deletes originals that the dataset holds, however young, and at times the directories that this empties. */
final class ReclaimOperation implements TortureOperation {
  /** For how long one waits for another that was killed. */
  static final Duration TURN = Duration.ofSeconds(4);

  /** Older than anything here. */
  private static final Duration NOTHING_NEW = Duration.ofDays(1);

  @Override
  public String name() {
    return "reclaim";
  }

  @Override
  public int weight() {
    return 2;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    ReclaimOptions options = ReclaimOptions.defaults()
        .withGrace(Duration.ZERO)
        .withEmptyDirectories(random.nextBoolean());
    try (TaskEngine engine = settings.taskEngine()) {
      return reclaim(settings, options, engine).outcomes().toString();
    }
  }

  /** Finishes what killed runs began, and begins nothing. */
  static void settle(TortureSettings settings, TaskEngine engine)
      throws IOException, WrongException {
    reclaim(settings, ReclaimOptions.defaults().withGrace(NOTHING_NEW), engine);
  }

  private static ReclaimReport reclaim(
      TortureSettings settings, ReclaimOptions options, TaskEngine engine)
      throws IOException, WrongException {
    ReclaimReport report = Reclaimer.reclaim(
        new ReclaimRequest(
            settings.source(),
            settings.dataset(),
            settings.stores(),
            options.withTrash(false).withTurn(TURN)),
        engine,
        new ParquetCatalogWriter(),
        new ParquetAuditLog(),
        ProgressListener.NONE);
    if (!report.failures().isEmpty() || !report.keptAside().isEmpty()) {
      throw new WrongException("reclaim needs somebody: " + report);
    }
    return report;
  }
}
