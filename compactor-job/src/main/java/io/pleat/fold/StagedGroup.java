package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.LooseList;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What a task made of one group: durable and checked, but not yet visible.
 *
 * @param containers the container; none if nothing came to stand in it
 * @param dead serialized RoaringBitmaps of the base's rows that it replaces, by the container's index in the base's list
 * @param uncounted likewise, those of them that {@code counted} leaves out: directories, and what lay below a directory that is a file
 *     now
 * @param counted totals of the others
 * @param newFiles files that it folded or passed through
 * @param newBytes payload bytes that it folded
 * @param looseLists where it listed the files that it left loose; none if there are none
 * @param peakBufferedBytes most bytes that its reads held at once
 */
public record StagedGroup(
    List<ContainerSummary> containers,
    Map<Integer, byte[]> dead,
    Map<Integer, byte[]> uncounted,
    DeadTotals counted,
    long newFiles,
    long newBytes,
    ListingTotals.LooseTally loose,
    List<LooseList> looseLists,
    long peakBufferedBytes)
    implements Serializable {

  /** Totals of rows that die. */
  record DeadTotals(
      long folded,
      long passThroughs,
      long payloadBytes,
      long storedBytes,
      long passThroughBytes,
      long directories)
      implements Serializable {
    static final DeadTotals ZERO = new DeadTotals(0, 0, 0, 0, 0, 0);

    DeadTotals plus(DeadTotals other) {
      return new DeadTotals(
          folded + other.folded,
          passThroughs + other.passThroughs,
          payloadBytes + other.payloadBytes,
          storedBytes + other.storedBytes,
          passThroughBytes + other.passThroughBytes,
          directories + other.directories);
    }
  }
}
