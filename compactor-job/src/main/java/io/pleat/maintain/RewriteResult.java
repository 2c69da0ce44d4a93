package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/** What came of one rewriting task. */
sealed interface RewriteResult extends Serializable {
  /** The task's number. */
  int number();

  /** Containers that were left out because they cannot be walked. */
  List<BrokenContainer> broken();

  /**
   * Rows were carried over, durable but not yet visible.
   *
   * @param containers those that were rewritten
   * @param dead what was dead in them
   */
  record Done(
      int number,
      List<BrokenContainer> broken,
      List<ContainerSummary> containers,
      Map<ContainerId, RoaringBitmap> dead,
      Rewritten rewritten)
      implements RewriteResult {}

  /**
   * Nothing was carried over, and nothing is left of the attempt.
   *
   * @param reason empty if there was nothing to carry over
   */
  record Failed(int number, List<BrokenContainer> broken, String reason) implements RewriteResult {}
}
