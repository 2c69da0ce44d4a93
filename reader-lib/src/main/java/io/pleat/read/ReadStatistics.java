package io.pleat.read;

import java.util.concurrent.atomic.LongAdder;

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

  final LongAdder sharedLookups = new LongAdder();
  final LongAdder sharedSearches = new LongAdder();
  final LongAdder filterLoads = new LongAdder();
  final LongAdder damagedFilters = new LongAdder();

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

  /** Positional reads of containers, for index blocks and payloads alike. */
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

  @Override
  public String toString() {
    return "lookups=" + lookups + " filesRead=" + filesRead + " bytesRead=" + bytesRead
        + " passThroughReads=" + passThroughReads + " storeReads=" + storeReads + " storeBytes="
        + storeBytes + " containerOpens=" + containerOpens + " indexLoads=" + indexLoads
        + " indexEvictions=" + indexEvictions
        + " sharedLookups=" + sharedLookups + " sharedSearches=" + sharedSearches
        + " filterLoads=" + filterLoads + " damagedFilters=" + damagedFilters
        + " packedIndexes=" + packedIndexes + " packDamages=" + packDamages;
  }
}
