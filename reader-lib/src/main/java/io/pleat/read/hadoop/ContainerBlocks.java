package io.pleat.read.hadoop;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.PayloadCodec;
import io.pleat.store.hadoop.HadoopLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the blocks of containers are, asked once a container and again after ten minutes, for blocks move. They are advice: a store that does
 * not answer costs locality, no error. Thread-safe.
 */
final class ContainerBlocks {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerBlocks.class);
  private static final long FRESH_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final String[] HOSTS = {"localhost"};
  private static final String[] NAMES = {"localhost:9866"};

  private final FileSystem store;
  private final HadoopLocation dataset;
  private final Map<ContainerId, Blocks> known = new ConcurrentHashMap<>();

  /** @param atNanos when the store was asked */
  private record Blocks(long atNanos, List<BlockLocation> inOrder) {}

  /** @param store holds the dataset; not closed with this */
  ContainerBlocks(FileSystem store, HadoopLocation dataset) {
    this.store = store;
    this.dataset = dataset;
  }

  /** Where a file of one byte that nobody knows the place of would be. */
  static BlockLocation[] unknown(long length) {
    return new BlockLocation[] {new BlockLocation(NAMES, HOSTS, 0, length)};
  }

  /**
   * Where the bytes of a folded file from {@code start} on are, {@code length} of them or as many as there are. A compressed file is
   * one block, at the place of most of its stored bytes.
   */
  BlockLocation[] of(Entry entry, long start, long length) throws IOException {
    if (start >= entry.length() || length == 0) {
      return new BlockLocation[0];
    }
    Extent extent = entry.extent();
    List<BlockLocation> blocks = blocks(extent.container());
    boolean raw = entry.codec() == PayloadCodec.RAW;
    long from = extent.offset() + (raw ? start : 0);
    long end = extent.offset()
        + (raw ? start + Math.min(length, entry.length() - start) : extent.length());
    List<BlockLocation> found = new ArrayList<>();
    for (BlockLocation block : blocks) {
      long first = Math.max(from, block.getOffset());
      long last = Math.min(end, block.getOffset() + block.getLength());
      if (first < last) {
        found.add(with(block, first - extent.offset(), last - first));
      }
    }
    if (found.isEmpty()) {
      return unknown(entry.length());
    }
    if (!raw) {
      BlockLocation most = found.get(0);
      for (BlockLocation block : found) {
        most = block.getLength() > most.getLength() ? block : most;
      }
      found = List.of(with(most, 0, entry.length()));
    }
    return found.toArray(BlockLocation[]::new);
  }

  private static BlockLocation with(BlockLocation block, long offset, long length)
      throws IOException {
    BlockLocation part = new BlockLocation(block);
    part.setOffset(offset);
    part.setLength(length);
    return part;
  }

  private List<BlockLocation> blocks(ContainerId container) {
    long now = System.nanoTime();
    Blocks blocks = known.get(container);
    if (blocks == null || now - blocks.atNanos() > FRESH_NANOS) {
      blocks = new Blocks(now, ask(container));
      known.put(container, blocks);
    }
    return blocks.inOrder();
  }

  private List<BlockLocation> ask(ContainerId container) {
    try {
      return List.of(store.getFileBlockLocations(
          dataset.resolve(ContainerSummary.pathOf(container)), 0, Long.MAX_VALUE));
    } catch (IOException e) {
      LOG.debug("no block locations of container {} of {}", container, dataset, e);
      return List.of();
    }
  }
}
