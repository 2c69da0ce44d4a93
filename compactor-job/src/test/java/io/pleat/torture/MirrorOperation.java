package io.pleat.torture;

import io.pleat.fold.FoldReport;
import io.pleat.fold.MirrorDeletes;
import java.util.List;
import java.util.SplittableRandom;

/** Folds, and marks dead what vanished from the source. */
final class MirrorOperation implements TortureOperation {
  @Override
  public String name() {
    return "mirror";
  }

  @Override
  public int weight() {
    return 1;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    FoldReport report = settings.fold(FoldOperation.options().withMirror(MirrorDeletes.CAREFUL));
    return "version " + report.version();
  }
}
