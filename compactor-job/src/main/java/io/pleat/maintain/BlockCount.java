package io.pleat.maintain;

import io.pleat.store.Store;

/** How many blocks files take at a name node; where there is none, as many as one would have. Immutable. */
final class BlockCount {
  /** Length of a block where there is no name node to ask: HDFS's own default. */
  private static final long LIKELY_BLOCK_BYTES = 128L << 20;

  /** Files up to this length are asked about once for all of them, if they take one block. */
  private static final long SMALL_BYTES = 1L << 20;

  private final Store store;
  private final boolean hasNameNode;
  private final boolean smallIsOneBlock;

  BlockCount(Store store) {
    this.store = store;
    this.hasNameNode = store.blocksOf(1) > 0;
    this.smallIsOneBlock = !hasNameNode || store.blocksOf(SMALL_BYTES) == 1;
  }

  /** Whether the store has a name node. */
  boolean hasNameNode() {
    return hasNameNode;
  }

  /** The blocks of a file of {@code length} bytes. */
  long of(long length) {
    if (smallIsOneBlock && length <= SMALL_BYTES) {
      return length == 0 ? 0 : 1;
    }
    return hasNameNode
        ? store.blocksOf(length)
        : (length + LIKELY_BLOCK_BYTES - 1) / LIKELY_BLOCK_BYTES;
  }
}
