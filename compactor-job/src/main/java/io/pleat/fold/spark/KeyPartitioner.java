package io.pleat.fold.spark;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.Partitioner;

/** Sends rows to partitions by ranges of sort keys. */
final class KeyPartitioner extends Partitioner {
  private static final long serialVersionUID = 1;

  private final byte[][] cuts;

  /** @param cuts first key of each partition but the first, ascending */
  KeyPartitioner(List<byte[]> cuts) {
    this.cuts = cuts.toArray(byte[][]::new);
  }

  @Override
  public int numPartitions() {
    return cuts.length + 1;
  }

  @Override
  public int getPartition(Object key) {
    int index = Arrays.binarySearch(cuts, (byte[]) key, Arrays::compareUnsigned);
    return index >= 0 ? index + 1 : -index - 1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyPartitioner partitioner && Arrays.deepEquals(cuts, partitioner.cuts);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(cuts);
  }
}
