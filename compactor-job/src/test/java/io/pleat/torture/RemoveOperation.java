package io.pleat.torture;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.maintain.OnlyCopyException;
import io.pleat.maintain.RemoveReport;
import io.pleat.maintain.RemoveRequest;
import io.pleat.maintain.Remover;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/** Removes a file for good, unless it is the only copy. */
final class RemoveOperation implements TortureOperation {
  private static final String ABSENT = "holds no file";

  @Override
  public String name() {
    return "rm";
  }

  @Override
  public int weight() {
    return 5;
  }

  @Override
  public List<Integer> draw(SplittableRandom random, TortureFiles files) {
    return List.of(random.nextInt(files.count()));
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    RemoveRequest request = new RemoveRequest(
        settings.dataset(),
        settings.stores(),
        List.of(settings.files().path(files.get(0))),
        false,
        false,
        false);
    try {
      RemoveReport report = new Remover(request, new ParquetCatalogWriter()).run();
      return "version " + report.version();
    } catch (OnlyCopyException e) {
      return "nothing: it is the only copy";
    } catch (IOException e) {
      if (e.getMessage() != null && e.getMessage().contains(ABSENT)) {
        return "nothing: it is not there";
      }
      throw e;
    }
  }
}
