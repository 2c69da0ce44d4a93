package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.roaringbitmap.RoaringBitmap;

/**
 * What a rewrite made: durable and checked, but not yet visible.
 *
 * @param added the new containers; none if no row was left to carry over
 * @param moves where rows went
 * @param dropped rows of the old containers that need not live on: attributes of directories that a later container records, too
 * @param leftBehind files that stay in their old container
 * @param rescued files whose bytes came from elsewhere than their container
 * @param storedBytesGrowth by how many stored bytes the rows that moved are larger now; negative if smaller
 */
record Rewritten(
    List<ContainerSummary> added,
    RowMoves moves,
    Map<ContainerId, RoaringBitmap> dropped,
    List<LeftBehind> leftBehind,
    long rescued,
    long storedBytesGrowth)
    implements Serializable {

  Rewritten withLeftBehind(List<LeftBehind> files) {
    return new Rewritten(added, moves, dropped, List.copyOf(files), rescued, storedBytesGrowth);
  }
}
