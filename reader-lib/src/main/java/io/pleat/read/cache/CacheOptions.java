package io.pleat.read.cache;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * Where and how much of remote containers is kept on a local disk. Immutable.
 *
 * @param folder a folder of a local disk, shared by any number of datasets and processes; made if it is absent, then for its owner alone, since whoever reads
 *     in it reads the files
 * @param bytes how much all datasets together may take there, at least {@link #LEAST_BYTES}. Processes that say different amounts each keep to their own
 * @param share how much of it one dataset may take, above 0, at most 1
 */
public record CacheOptions(Path folder, long bytes, double share) {
  /** Least size of a cache, in bytes. */
  public static final long LEAST_BYTES = 16L << 20;

  public CacheOptions {
    requireNonNull(folder, "folder is null");
    checkArgument(
        bytes >= LEAST_BYTES, "a cache of %s bytes; at least %s are needed", bytes, LEAST_BYTES);
    checkArgument(share > 0 && share <= 1, "share is above 0 and at most 1, not %s", share);
  }

  /** A cache that one dataset may fill. */
  public static CacheOptions of(Path folder, long bytes) {
    return new CacheOptions(folder, bytes, 1);
  }

  /** The same with another share. */
  public CacheOptions withShare(double part) {
    return new CacheOptions(folder, bytes, part);
  }

  /** How many bytes one dataset may take. */
  public long datasetBytes() {
    return Math.max(2 * ChunkFile.fileLength(ChunkFile.DATA_LENGTH), (long) (bytes * share));
  }

  /** How many bytes of containers one dataset can have here without an eviction that takes some of them. */
  public long lastingBytes() {
    long free = (long) (datasetBytes() * CacheEviction.FREE);
    double overhead = (double) ChunkFile.DATA_LENGTH / ChunkFile.fileLength(ChunkFile.DATA_LENGTH);
    return (long) ((datasetBytes() - free) * overhead) - ChunkFile.DATA_LENGTH;
  }
}
