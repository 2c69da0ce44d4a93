package io.pleat.fold.spark;

import io.pleat.fold.FoldGroup;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.rdd.PartitionCoalescer;
import org.apache.spark.rdd.PartitionGroup;
import org.apache.spark.rdd.RDD;
import scala.Option;

/** Gives each group's task the sorted partitions that the group touches; neighbours may share one. */
final class GroupCoalescer implements PartitionCoalescer, Serializable {
  private static final long serialVersionUID = 1;

  /** Used on the driver alone; null in tasks, which get this with the RDD's lineage. */
  private final transient List<FoldGroup> groups;

  GroupCoalescer(List<FoldGroup> groups) {
    this.groups = groups;
  }

  @Override
  public PartitionGroup[] coalesce(int maxPartitions, RDD<?> parent) {
    Partition[] partitions = parent.partitions();
    PartitionGroup[] coalesced = new PartitionGroup[groups.size()];
    for (int i = 0; i < coalesced.length; i++) {
      FoldGroup group = groups.get(i);
      coalesced[i] = new PartitionGroup(Option.empty());
      for (int p = group.firstPartition(); p <= group.lastPartition(); p++) {
        coalesced[i].partitions().addOne(partitions[p]);
      }
    }
    return coalesced;
  }
}
