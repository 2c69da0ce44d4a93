package io.pleat.fold;

import java.io.Serializable;

/**
 * How a task keeps reads in flight.
 *
 * @param threads reads at once
 * @param filesPerRead small files that one thread reads in turn before it reports: many where a read costs microseconds, one where it
 *     costs a round trip
 * @param maxBytes bound on buffered bytes of one task; a single larger file is read alone
 */
record ReadAhead(int threads, int filesPerRead, long maxBytes) implements Serializable {
  private static final long MAX_BYTES = 32L << 20;

  /** What suits a kind of store, see {@link io.pleat.store.StoreTraits#kind()}. */
  static ReadAhead of(String kind) {
    return switch (kind) {
      case "local" -> new ReadAhead(2, 32, MAX_BYTES);
      case "hdfs" -> new ReadAhead(16, 1, MAX_BYTES);
      default -> new ReadAhead(64, 1, MAX_BYTES);
    };
  }
}
