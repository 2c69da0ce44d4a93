package io.pleat.fold;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.Serializable;

/**
 * What becomes one container: a contiguous run of the sorted plan.
 *
 * @param firstPartition partition that it starts in
 * @param firstBlock block of that partition that it starts at
 * @param lastPartition partition that it ends in
 * @param endBlock block of that partition that it ends before
 * @param files files to fold or pass through
 * @param bytes payload bytes, expected
 * @param vanished files of the base that are not at the source any more
 */
public record FoldGroup(
    int firstPartition,
    int firstBlock,
    int lastPartition,
    int endBlock,
    long files,
    long bytes,
    long vanished)
    implements Serializable {
  public FoldGroup {
    checkArgument(firstPartition <= lastPartition, "group ends before it starts");
  }

  /** Whether the group holds block {@code block} of partition {@code partition}. */
  public boolean holds(int partition, int block) {
    return (partition > firstPartition || (partition == firstPartition && block >= firstBlock))
        && (partition < lastPartition || (partition == lastPartition && block < endBlock));
  }
}
