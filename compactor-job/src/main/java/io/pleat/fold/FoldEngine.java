package io.pleat.fold;

import io.pleat.dataset.LooseList;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** Runs the steps of one fold where they run best. The calls are made once each, in this order. */
public interface FoldEngine extends Closeable {
  /** Tasks that it runs at once. */
  int concurrentTasks();

  /** Lists the source. */
  ListingTotals inventory(FoldSteps steps) throws IOException;

  /**
   * Compares the inventory with the base snapshot and says what is to be done.
   *
   * @param baseVersion the base snapshot, if there is one
   * @param base its containers and tombstones
   * @return each partition's {@link FoldSteps#slices}, in key order
   */
  List<byte[]> plan(FoldSteps steps, OptionalLong baseVersion, List<HeldContainer> base)
      throws IOException;

  /** Files and original bytes in groups that {@link #write} has finished so far, as far as this process has heard. */
  record Written(long files, long bytes) {}

  /** How far {@link #write} is; asked from another thread. */
  Written written();

  /** Writes the groups. */
  List<StagedGroup> write(FoldSteps steps, List<FoldGroup> groups) throws IOException;

  /** Writes the list of the files that the inventory left loose. */
  List<LooseList> writeLoose(FoldSteps steps) throws IOException;

  /** Lets go of what the steps left in the engine; the engine's session stays. */
  @Override
  void close();
}
