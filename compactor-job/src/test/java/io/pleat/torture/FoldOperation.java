package io.pleat.torture;

import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import java.util.List;
import java.util.SplittableRandom;

/** Folds, with small containers, so that there are many. */
final class FoldOperation implements TortureOperation {
  static final long CONTAINER_SIZE = 128 << 10;
  private static final long MAX_FILE_SIZE = 15 << 10;

  @Override
  public String name() {
    return "fold";
  }

  @Override
  public int weight() {
    return 6;
  }

  @Override
  public String run(TortureSettings settings, List<Integer> files, SplittableRandom random)
      throws Exception {
    CodecChoice codec = CodecChoice.parse(random.nextInt(4) == 0 ? "zstd:1" : "none");
    FoldReport report = settings.fold(options().withCodec(codec));
    return (report.committed().isPresent() ? "commit " : "nothing at ") + report.version();
  }

  static FoldOptions options() {
    return FoldOptions.defaults().withContainerSize(CONTAINER_SIZE).withMaxFileSize(MAX_FILE_SIZE);
  }
}
