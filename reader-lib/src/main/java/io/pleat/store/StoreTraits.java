package io.pleat.store;

/**
 * What a kind of store is like.
 *
 * @param kind the short name for records: {@code local}, {@code hdfs}, {@code s3}
 * @param flat whether it is an object store, listed flat, without modes, owners or real directories
 * @param syncsDirectories whether a new name is durable only after its directory was synced; the store does so itself
 * @param mtimeGranularityNanos smallest step of a modification time, in ns, with the clock skew to allow for
 */
public record StoreTraits(
    String kind, boolean flat, boolean syncsDirectories, long mtimeGranularityNanos) {}
