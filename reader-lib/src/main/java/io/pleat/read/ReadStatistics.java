package io.pleat.read;

import io.pleat.read.cache.CacheStatistics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What a {@link FoldedDataset} did since it was opened. Counters only grow; each is exact once the threads that count rest. */
public final class ReadStatistics {
  final LongAdder lookups = new LongAdder();
  final LongAdder filesRead = new LongAdder();
  final LongAdder bytesRead = new LongAdder();
  final LongAdder passThroughReads = new LongAdder();
  final LongAdder storeReads = new LongAdder();
  final LongAdder storeBytes = new LongAdder();
  final LongAdder containerOpens = new LongAdder();
  final LongAdder indexLoads = new LongAdder();
  final LongAdder indexEvictions = new LongAdder();
  final LongAdder packedIndexes = new LongAdder();
  final LongAdder packDamages = new LongAdder();

  final LongAdder retries = new LongAdder();
  final LongAdder spareIndexes = new LongAdder();
  final LongAdder fallbackReads = new LongAdder();
  final LongAdder fallbackBytes = new LongAdder();
  final LongAdder failedFallbacks = new LongAdder();
  final LongAdder avoidedContainers = new LongAdder();

  final CacheStatistics cache = new CacheStatistics();

  final LongAdder sharedLookups = new LongAdder();
  final LongAdder sharedSearches = new LongAdder();
  final LongAdder filterLoads = new LongAdder();
  final LongAdder damagedFilters = new LongAdder();

  final LongAdder indexMisses = new LongAdder();
  final LongAdder joinedReads = new LongAdder();
  final LongAdder joinedFiles = new LongAdder();
  final LongAdder gapBytes = new LongAdder();
  final LongAdder pooledBuffersTaken = new LongAdder();
  final LongAdder pooledBuffersReleased = new LongAdder();
  final Latencies readLatency = new Latencies();
  final Latencies storeReadLatency = new Latencies();

  ReadStatistics() {}

  /** Paths looked up, found or not. */
  public long lookups() {
    return lookups.sum();
  }

  /** Files whose bytes were handed out whole, pass-through ones included. */
  public long filesRead() {
    return filesRead.sum();
  }

  /** Their original bytes. */
  public long bytesRead() {
    return bytesRead.sum();
  }

  /** Pass-through files that were read or opened at their original place. */
  public long passThroughReads() {
    return passThroughReads.sum();
  }

  /** Positional reads of containers at their store, for index blocks and payloads alike. */
  public long storeReads() {
    return storeReads.sum();
  }

  /** Bytes that these reads asked for. */
  public long storeBytes() {
    return storeBytes.sum();
  }

  /** Containers opened at the store. */
  public long containerOpens() {
    return containerOpens.sum();
  }

  /** Index blocks loaded. */
  public long indexLoads() {
    return indexLoads.sum();
  }

  /** Index blocks that had to make room for others. */
  public long indexEvictions() {
    return indexEvictions.sum();
  }

  /** Lookups of paths in the key ranges of more than one container. */
  public long sharedLookups() {
    return sharedLookups.sum();
  }

  /** Index blocks that these lookups searched, those left out that a filter ruled out. */
  public long sharedSearches() {
    return sharedSearches.sum();
  }

  /** Filters loaded. */
  public long filterLoads() {
    return filterLoads.sum();
  }

  /** Filters found damaged; lookups go on without them. */
  public long damagedFilters() {
    return damagedFilters.sum();
  }

  /** Index blocks used from the index pack. */
  public long packedIndexes() {
    return packedIndexes.sum();
  }

  /** Index blocks of the index pack that turned out to be damaged, and were loaded from their containers. */
  public long packDamages() {
    return packDamages.sum();
  }

  /** Reads of containers that failed and were repeated. */
  public long retries() {
    return retries.sum();
  }

  /** Index blocks that could not be read from their containers, and were taken from an index pack of the dataset. */
  public long spareIndexes() {
    return spareIndexes.sum();
  }

  /** Folded files whose bytes came from their originals, because their containers could not be read. */
  public long fallbackReads() {
    return fallbackReads.sum();
  }

  /** Their bytes. */
  public long fallbackBytes() {
    return fallbackBytes.sum();
  }

  /** Times that an original could not stand in: gone, changed, or not to be read. */
  public long failedFallbacks() {
    return failedFallbacks.sum();
  }

  /** Containers that are avoided now, as a whole or for some of their files. */
  public long avoidedContainers() {
    return Math.max(0, avoidedContainers.sum());
  }

  /** What the cache of remote containers did; all zero if there is none. */
  public CacheStatistics cache() {
    return cache;
  }

  /** Uses of an index block that found it in memory: lookups, less those that had to wait for a block. */
  public long indexHits() {
    return Math.max(0, lookups() - indexMisses.sum());
  }

  /** Uses of an index block that had to load it, or wait for whoever did. */
  public long indexMisses() {
    return indexMisses.sum();
  }

  /** Reads of containers that answered more than one file. */
  public long joinedReads() {
    return joinedReads.sum();
  }

  /** Files that these reads answered. */
  public long joinedFiles() {
    return joinedFiles.sum();
  }

  /** Bytes between files that these reads fetched for nothing. */
  public long gapBytes() {
    return gapBytes.sum();
  }

  /** Pooled buffers that were handed out and not released yet, or never will be; several {@link PooledBytes} may share one. */
  public long pooledBuffersOut() {
    return Math.max(0, pooledBuffersTaken.sum() - pooledBuffersReleased.sum());
  }

  /** How long single reads by path took, lookup included. */
  public Latencies readLatency() {
    return readLatency;
  }

  /** How long positional reads of containers took. */
  public Latencies storeReadLatency() {
    return storeReadLatency;
  }

  /**
   * All numbers by name, in one order always: what {@link #toString} prints but for latencies. They only grow, but for {@code avoidedContainers} and {@code
   * pooledBuffersOut}.
   */
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("lookups", lookups());
    counters.put("filesRead", filesRead());
    counters.put("bytesRead", bytesRead());
    counters.put("passThroughReads", passThroughReads());
    counters.put("storeReads", storeReads());
    counters.put("storeBytes", storeBytes());
    counters.put("containerOpens", containerOpens());
    counters.put("indexLoads", indexLoads());
    counters.put("indexEvictions", indexEvictions());
    counters.put("indexHits", indexHits());
    counters.put("indexMisses", indexMisses());
    counters.put("sharedLookups", sharedLookups());
    counters.put("sharedSearches", sharedSearches());
    counters.put("filterLoads", filterLoads());
    counters.put("damagedFilters", damagedFilters());
    counters.put("packedIndexes", packedIndexes());
    counters.put("packDamages", packDamages());
    counters.put("joinedReads", joinedReads());
    counters.put("joinedFiles", joinedFiles());
    counters.put("gapBytes", gapBytes());
    counters.put("retries", retries());
    counters.put("spareIndexes", spareIndexes());
    counters.put("fallbackReads", fallbackReads());
    counters.put("fallbackBytes", fallbackBytes());
    counters.put("failedFallbacks", failedFallbacks());
    counters.put("avoidedContainers", avoidedContainers());
    counters.put("cacheHits", cache.hits());
    counters.put("cacheMisses", cache.misses());
    counters.put("cacheHitBytes", cache.hitBytes());
    counters.put("cacheStoredChunks", cache.storedChunks());
    counters.put("cacheStoredBytes", cache.storedBytes());
    counters.put("cacheDamagedChunks", cache.damagedChunks());
    counters.put("cacheEvictedChunks", cache.evictedChunks());
    counters.put("cacheUnstoredChunks", cache.unstoredChunks());
    counters.put("pooledBuffersOut", pooledBuffersOut());
    return counters;
  }

  @Override
  public String toString() {
    return counters().entrySet().stream().map(Object::toString).collect(Collectors.joining(" "))
        + " reads: " + readLatency + ", store reads: " + storeReadLatency;
  }
}
