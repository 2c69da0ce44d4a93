package io.pleat.torture;

import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.maintain.OnlyCopyException;
import io.pleat.maintain.Rollback;
import io.pleat.maintain.RollbackRequest;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.SplittableRandom;

/** Goes back to one of the last snapshots, unless that would make an only copy unreachable. */
final class RollbackOperation implements TortureOperation {
  private static final int FARTHEST = 6;

  @Override
  public String name() {
    return "rollback";
  }

  @Override
  public int weight() {
    return 1;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    long version;
    try (Store store = Stores.open(settings.dataset(), settings.stores())) {
      Snapshot head = DatasetLog.open(store)
          .current()
          .orElseThrow(() -> new NoSuchFileException("no dataset is here"));
      version = head.version() - 1 - random.nextInt(FARTHEST);
    }
    if (version < 1) {
      return "nothing: there is no such snapshot";
    }
    RollbackRequest request =
        new RollbackRequest(settings.dataset(), settings.stores(), version, 0, false);
    try {
      return "version "
          + new Rollback(request, new ParquetCatalogWriter()).run().version();
    } catch (OnlyCopyException e) {
      return "nothing: only copies would become unreachable";
    }
  }
}
