package io.pleat.read;

/** {@link ReadStatistics} of one open dataset, as JMX shows them. Latencies are in microseconds. */
public interface ReadStatisticsMXBean {
  /** Where the dataset is. */
  String getLocation();

  /** The pinned snapshot. */
  long getSnapshot();

  /** Paths looked up. */
  long getLookups();

  /** Uses of an index block that was in memory. */
  long getIndexHits();

  /** Uses of an index block that had to be loaded. */
  long getIndexMisses();

  /** Files handed out. */
  long getFilesRead();

  /** Their original bytes. */
  long getBytesRead();

  /** Pass-through files read or opened. */
  long getPassThroughReads();

  /** Reads of containers that were repeated. */
  long getRetries();

  /** Folded files that came from their originals. */
  long getFallbackReads();

  /** Their bytes. */
  long getFallbackBytes();

  /** Originals that could not stand in. */
  long getFailedFallbacks();

  /** Containers that are avoided now. */
  long getAvoidedContainers();

  /** Uses of cached chunks that were there. */
  long getCacheHits();

  /** Uses of chunks that were fetched. */
  long getCacheMisses();

  /** Bytes from chunks that were there. */
  long getCacheHitBytes();

  /** Bytes put in the cache. */
  long getCacheStoredBytes();

  /** Cached chunks that were damaged, and fetched anew. */
  long getCacheDamagedChunks();

  /** Cached chunks deleted to make room. */
  long getCacheEvictedChunks();

  /** Chunks that could not be put in the cache. */
  long getCacheUnstoredChunks();

  /** Positional reads of containers. */
  long getStoreReads();

  /** Bytes that these fetched. */
  long getStoreBytes();

  /** Reads that answered more than one file. */
  long getJoinedReads();

  /** Files that these answered. */
  long getJoinedFiles();

  /** Bytes between them, fetched for nothing. */
  long getGapBytes();

  /** Pooled buffers that are out. */
  long getPooledBuffersOut();

  /** Median time of a single read by path. */
  double getReadMedianMicros();

  /** 99th percentile of it. */
  double getRead99PercentMicros();

  /** Median time of a positional read of a container. */
  double getStoreReadMedianMicros();

  /** 99th percentile of it. */
  double getStoreRead99PercentMicros();
}
