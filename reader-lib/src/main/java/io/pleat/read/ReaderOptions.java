package io.pleat.read;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.read.cache.CacheOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How a dataset is read. Immutable.
 *
 * @param indexCacheBytes bound on resident index blocks, in bytes; at least one block stays whatever its size.
 *     Filters of overlapping containers may take a quarter as much beside them
 * @param allowedSourceRoots locations under which originals may be read: pass-through files, and files whose containers cannot be read. A
 *     dataset whose source root is none of them gives its pass-through files no bytes, whatever it says
 * @param openContainers how many containers are kept open at the store between reads, at least 1
 * @param batchBytes bound on the original bytes that {@link FoldedDataset#readAll} and {@link FoldedDataset#readAllPooled} hold ready, at least 1; a
 *     single larger file still goes through
 * @param readThreads how many reads of one batch or epoch run at once, at least 1: with 1 all in the calling thread
 * @param pooledBytes bound on the direct memory that lies idle between pooled reads, in bytes
 * @param indexPackFolder a folder on a local disk of this machine, shared by any number of processes: the first that opens a snapshot
 *     puts the index blocks of all its containers there, in one file that all of them map. They then take no heap and are not counted
 *     among the resident index blocks. What cannot be had there is loaded as if there were no folder. Nobody else writes in it; it
 *     may be emptied when nobody starts
 * @param readRetries how often a read of a container that fails is repeated, with the container opened anew, at least 0. The stores' clients repeat
 *     and wait by settings of their own before
 * @param avoidance for how long a container that could not be read is not tried again while its files come from their originals; with zero every
 *     read tries the container first. Originals are read only below an allowed source root, and only if they are still what was folded
 * @param cache where chunks of containers are kept on a local disk; of no effect for datasets that are on one
 */
public record ReaderOptions(
    long indexCacheBytes,
    Set<String> allowedSourceRoots,
    int openContainers,
    long batchBytes,
    int readThreads,
    long pooledBytes,
    Optional<Path> indexPackFolder,
    int readRetries,
    Duration avoidance,
    Optional<CacheOptions> cache) {
  public ReaderOptions {
    checkArgument(indexCacheBytes >= 0, "negative index cache size: %s", indexCacheBytes);
    checkArgument(openContainers >= 1, "less than one open container: %s", openContainers);
    checkArgument(batchBytes >= 1, "batch of less than one byte: %s", batchBytes);
    checkArgument(readThreads >= 1, "less than one read thread: %s", readThreads);
    checkArgument(pooledBytes >= 0, "negative size of idle pooled memory: %s", pooledBytes);
    checkArgument(readRetries >= 0, "negative number of retries: %s", readRetries);
    checkArgument(!avoidance.isNegative(), "negative time to avoid a container: %s", avoidance);
    allowedSourceRoots = Set.copyOf(allowedSourceRoots);
  }

  /**
   * 256 MiB of index blocks, 64 open containers, batches of 32 MiB read by 8 threads, 64 MiB of idle pooled memory; no source root is
   * allowed, and there is no index pack and no cache. A failed read is repeated once, and a container avoided for a minute.
   */
  public static ReaderOptions defaults() {
    return new ReaderOptions(
        256L << 20,
        Set.of(),
        64,
        32L << 20,
        8,
        64L << 20,
        Optional.empty(),
        1,
        Duration.ofMinutes(1),
        Optional.empty());
  }

  /** The same with another bound on resident index blocks, in bytes. */
  public ReaderOptions withIndexCacheBytes(long bytes) {
    return new ReaderOptions(
        bytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        readRetries,
        avoidance,
        cache);
  }

  /** The same with these source roots allowed. */
  public ReaderOptions withAllowedSourceRoots(Set<String> roots) {
    return new ReaderOptions(
        indexCacheBytes,
        roots,
        openContainers,
        batchBytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        readRetries,
        avoidance,
        cache);
  }

  /** The same with another number of containers kept open. */
  public ReaderOptions withOpenContainers(int count) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        count,
        batchBytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        readRetries,
        avoidance,
        cache);
  }

  /** The same with another bound on the bytes that a batch holds ready. */
  public ReaderOptions withBatchBytes(long bytes) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        bytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        readRetries,
        avoidance,
        cache);
  }

  /** The same with another number of reads at once. */
  public ReaderOptions withReadThreads(int count) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        count,
        pooledBytes,
        indexPackFolder,
        readRetries,
        avoidance,
        cache);
  }

  /** The same with another bound on idle pooled memory, in bytes. */
  public ReaderOptions withPooledBytes(long bytes) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        readThreads,
        bytes,
        indexPackFolder,
        readRetries,
        avoidance,
        cache);
  }

  /** The same with the index blocks of all containers in one file of this folder, mapped. */
  public ReaderOptions withIndexPackFolder(Path folder) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        readThreads,
        pooledBytes,
        Optional.of(folder),
        readRetries,
        avoidance,
        cache);
  }

  /** The same with another number of repetitions of a read that fails. */
  public ReaderOptions withReadRetries(int count) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        count,
        avoidance,
        cache);
  }

  /** The same with another time for which a container that could not be read is not tried again. */
  public ReaderOptions withAvoidance(Duration time) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        readRetries,
        time,
        cache);
  }

  /** The same with chunks of containers kept on a local disk, if the dataset is not on one itself. */
  public ReaderOptions withCache(CacheOptions wanted) {
    return new ReaderOptions(
        indexCacheBytes,
        allowedSourceRoots,
        openContainers,
        batchBytes,
        readThreads,
        pooledBytes,
        indexPackFolder,
        readRetries,
        avoidance,
        Optional.of(wanted));
  }
}
