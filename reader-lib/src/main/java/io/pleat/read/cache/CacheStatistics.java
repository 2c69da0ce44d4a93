package io.pleat.read.cache;

import java.util.concurrent.atomic.LongAdder;

/** What a {@link ChunkCache} did since it was opened. Counters only grow; each is exact once the threads that count rest. */
public final class CacheStatistics {
  final LongAdder hits = new LongAdder();
  final LongAdder misses = new LongAdder();
  final LongAdder hitBytes = new LongAdder();
  final LongAdder storedChunks = new LongAdder();
  final LongAdder storedBytes = new LongAdder();
  final LongAdder damagedChunks = new LongAdder();
  final LongAdder evictedChunks = new LongAdder();
  final LongAdder unstoredChunks = new LongAdder();

  /** All zero. */
  public CacheStatistics() {}

  /** Uses of a chunk that was there, or that another thread was just fetching. */
  public long hits() {
    return hits.sum();
  }

  /** Uses of a chunk that had to be fetched from the store. */
  public long misses() {
    return misses.sum();
  }

  /** Bytes handed out from chunks that were there. */
  public long hitBytes() {
    return hitBytes.sum();
  }

  /** Chunks that were put in the cache. */
  public long storedChunks() {
    return storedChunks.sum();
  }

  /** Their bytes. */
  public long storedBytes() {
    return storedBytes.sum();
  }

  /** Chunks that were not what had been stored, and were fetched anew. */
  public long damagedChunks() {
    return damagedChunks.sum();
  }

  /** Chunks that this process deleted to make room. */
  public long evictedChunks() {
    return evictedChunks.sum();
  }

  /** Chunks that were fetched and could not be put in the cache: no room could be made, or the disk is full or cannot be written. */
  public long unstoredChunks() {
    return unstoredChunks.sum();
  }

  @Override
  public String toString() {
    return "cacheHits=" + hits + " cacheMisses=" + misses + " cacheHitBytes=" + hitBytes
        + " cacheStoredChunks=" + storedChunks + " cacheStoredBytes=" + storedBytes
        + " cacheDamagedChunks=" + damagedChunks + " cacheEvictedChunks=" + evictedChunks
        + " cacheUnstoredChunks=" + unstoredChunks;
  }
}
