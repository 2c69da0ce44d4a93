package io.pleat.torture;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.maintain.ExpireReport;
import io.pleat.maintain.ExpireRequest;
import io.pleat.maintain.Expirer;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/** Lets all but the newest snapshots go, with a grace period that is over before the torture is. */
final class ExpireOperation implements TortureOperation {
  /** Longer than an operation takes on a busy machine, and than a round. */
  static final Duration GRACE = Duration.ofSeconds(20L * Integer.getInteger("torture.slower", 1));

  private static final ExpireRequest REQUEST =
      ExpireRequest.defaults().withKeep(2).withOlderThan(Duration.ZERO).withGrace(GRACE);

  @Override
  public String name() {
    return "expire";
  }

  @Override
  public int weight() {
    return 2;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    try (Store dataset = Stores.open(settings.dataset(), settings.stores())) {
      ExpireReport report =
          Expirer.expire(dataset, REQUEST, new ParquetCatalogWriter(), UUID.randomUUID());
      return report.condemnedFiles() + " condemned, " + report.deletedFiles() + " deleted";
    }
  }
}
