package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;

/** What a dataset's own files add up to, found by listing them, and what that saves. Immutable once made. */
public final class DatasetTotals {
  private final SnapshotStatistics statistics;
  private final SizeClasses sizes = new SizeClasses();
  private long containers;
  private long containerStoredBytes;
  private long indexBytes;
  private long files;
  private long directories = 1;
  private long bytes;
  private long blocks;
  private long likelyBlocks;
  private long passThroughBlocks;

  private DatasetTotals(SnapshotStatistics statistics) {
    this.statistics = statistics;
  }

  /** Lists the dataset at {@code store}, which {@code dataset} has a snapshot of. */
  public static DatasetTotals of(FoldedDataset dataset, Store store) throws IOException {
    DatasetTotals totals = new DatasetTotals(dataset.snapshot().statistics());
    for (ContainerSummary container : dataset.containers()) {
      totals.containers++;
      totals.containerStoredBytes += container.storedBytes();
      totals.indexBytes += container.indexBytes();
    }
    totals.passThroughBlocks = store.blocksOf(totals.statistics.passThroughBytes());
    store.listRecursively(LogicalPath.ROOT, totals.new Listing(store));
    return totals;
  }

  private final class Listing implements ListingVisitor {
    private final Store store;
    private final BlockCount blockCount;

    Listing(Store store) {
      this.store = store;
      this.blockCount = new BlockCount(store);
    }

    @Override
    public void visit(FileInfo file) {
      if (file.kind() == FileInfo.Kind.DIRECTORY) {
        directories++;
      } else {
        files++;
        bytes += file.length();
        blocks += store.blocksOf(file.length());
        likelyBlocks += blockCount.of(file.length());
        sizes.add(file.length());
      }
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason) {
      files++;
    }
  }

  /** Containers of the snapshot. */
  public long containers() {
    return containers;
  }

  /** All files of the dataset, whether a snapshot refers to them or not. */
  public long files() {
    return files;
  }

  /** Their bytes. */
  public long bytes() {
    return bytes;
  }

  /** Its directories, the root included. */
  public long directories() {
    return directories;
  }

  /** Blocks of all files; where there is no name node, as many as one would have. */
  public long likelyBlocks() {
    return likelyBlocks;
  }

  /** Their lengths. */
  public SizeClasses sizes() {
    return sizes;
  }

  /** Bytes that are neither payload nor index. */
  public long metadataBytes() {
    return Math.max(0, bytes - containerStoredBytes - indexBytes);
  }

  /** Stored bytes in the snapshot's containers that belong to no live file. */
  public long deadBytes() {
    return containerStoredBytes - statistics.storedBytes();
  }

  /** Files of source and dataset while all originals are there. */
  public long objectsNow() {
    return statistics.sourceFiles() + files;
  }

  /** Files of the dataset, and those that stay at the source once the folded ones were reclaimed. */
  public long objectsAfter() {
    return files + statistics.passThroughFiles() + statistics.looseFiles();
  }

  /** The share of the source's files that is saved by then: 0 to 1. */
  public double objectReduction() {
    return statistics.sourceFiles() == 0
        ? 0
        : Math.max(0, 1 - (double) objectsAfter() / statistics.sourceFiles());
  }

  /** Inodes and blocks of the source, as the last fold found it; without blocks where there is no name node. */
  public long nameNodeObjectsBefore() {
    return statistics.sourceFiles() + statistics.sourceDirectories() + statistics.sourceBlocks();
  }

  /**
   * Inodes and blocks once the originals were reclaimed. Directories of the source stay, for reclaim deletes files; a block for each file that
   * stays, where there are blocks.
   */
  public long nameNodeObjectsAfter() {
    long stay = statistics.passThroughFiles() + statistics.looseFiles();
    long blocksThatStay = statistics.sourceBlocks() == 0
        ? 0
        : statistics.looseFiles()
            + passThroughBlocks
            + Math.max(0, statistics.passThroughFiles() - 1);
    return files + directories + blocks + stay + statistics.sourceDirectories() + blocksThatStay;
  }
}
