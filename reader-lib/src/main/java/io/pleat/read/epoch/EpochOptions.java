package io.pleat.read.epoch;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.read.FileChoice;
import io.pleat.read.FileChoice.PassThroughs;
import io.pleat.read.Globs;
import io.pleat.read.ListingFilter;
import java.time.Duration;
import java.util.List;

/**
 * Which files an epoch reads, in what order, and with how much memory. All but {@code onDamage} and {@code lease} decide the order. Immutable.
 *
 * @param seed of the order
 * @param epoch number of the epoch, at least 0
 * @param rank which reader this is, from 0
 * @param worldSize how many readers share the files
 * @param choice which files
 * @param memoryBytes bound on the direct memory of what is read ahead, in bytes: half of it is the window in which files are shuffled, and
 *     about a thousandth of it what is read at once
 * @param uneven what happens if the files cannot be shared evenly
 * @param onDamage what a damaged file does
 * @param lease for how long the snapshot stays pinned after this process has died; zero for no lease at all
 */
public record EpochOptions(
    long seed,
    long epoch,
    int rank,
    int worldSize,
    FileChoice choice,
    long memoryBytes,
    Uneven uneven,
    OnDamage onDamage,
    Duration lease) {
  private static final long LEAST_MEMORY = 1 << 20;
  private static final long LEAST_CHUNK = 64 << 10;
  private static final long MOST_CHUNK = 4 << 20;

  /** Chunks in a window: more mix better, fewer are read in larger pieces. */
  private static final int CHUNKS_IN_WINDOW = 512;

  /** What happens if the number of files is no multiple of the number of ranks. */
  public enum Uneven {
    /** Every file is read exactly once; ranks differ by one file at most. */
    KEEP,
    /** All ranks read the same number of files; fewer files than there are ranks are left out, others in each epoch. */
    DROP,
    /** All ranks read the same number of files; fewer files than there are ranks are read twice, others in each epoch. */
    PAD
  }

  /** What a file does whose bytes are damaged or gone. */
  public enum OnDamage {
    /** Its turn throws. */
    FAIL,
    /**
     * It is passed over and counted; the order of the others is the same. A container whose index block is damaged or missing is left out as a whole, see
     * {@link Epoch#lostContainers}: the order is then that of a dataset without it, so ranks must all see the same damage.
     */
    SKIP
  }

  public EpochOptions {
    checkArgument(epoch >= 0, "negative epoch: %s", epoch);
    checkArgument(
        rank >= 0 && rank < worldSize,
        "rank %s of %s: ranks go from 0 to one less",
        rank,
        worldSize);
    requireNonNull(choice, "choice is null");
    checkArgument(
        memoryBytes >= LEAST_MEMORY,
        "%s bytes of memory, an epoch takes at least %s",
        memoryBytes,
        LEAST_MEMORY);
    requireNonNull(uneven, "uneven is null");
    requireNonNull(onDamage, "on damage is null");
    checkArgument(!lease.isNegative(), "negative duration of a lease: %s", lease);
  }

  /**
   * One reader of all files, pass-through ones included, with 512 MiB of memory; a damaged file fails; the snapshot is pinned until 10
   * minutes after the death of the process.
   */
  public static EpochOptions of(long seed, long epoch) {
    return new EpochOptions(
        seed,
        epoch,
        0,
        1,
        new FileChoice(ListingFilter.everything(), PassThroughs.INCLUDED),
        512L << 20,
        Uneven.KEEP,
        OnDamage.FAIL,
        Duration.ofMinutes(10));
  }

  /** The same for another epoch. */
  public EpochOptions withEpoch(long number) {
    return new EpochOptions(
        seed, number, rank, worldSize, choice, memoryBytes, uneven, onDamage, lease);
  }

  /** The same for one of several readers. */
  public EpochOptions withRank(int reader, int readers) {
    return new EpochOptions(
        seed, epoch, reader, readers, choice, memoryBytes, uneven, onDamage, lease);
  }

  /** The same of files that a filter matches. */
  public EpochOptions withFilter(ListingFilter filter) {
    return withChoice(new FileChoice(filter, choice.passThroughs()));
  }

  /** The same of files whose path starts with {@code prefix}. */
  public EpochOptions withPrefix(String prefix) {
    return withFilter(ListingFilter.startingWith(prefix));
  }

  /** The same of files that one of the patterns matches; see {@link Globs}. */
  public EpochOptions withGlobs(List<String> patterns) {
    return withFilter(ListingFilter.matching(Globs.compile(patterns)));
  }

  /** The same with or without files whose bytes stay under the source root. */
  public EpochOptions withPassThroughs(PassThroughs passThroughs) {
    return withChoice(new FileChoice(choice.filter(), passThroughs));
  }

  private EpochOptions withChoice(FileChoice files) {
    return new EpochOptions(
        seed, epoch, rank, worldSize, files, memoryBytes, uneven, onDamage, lease);
  }

  /** The same with another bound on memory, and hence another order. */
  public EpochOptions withMemoryBytes(long bytes) {
    return new EpochOptions(seed, epoch, rank, worldSize, choice, bytes, uneven, onDamage, lease);
  }

  /** The same with another way to share files unevenly. */
  public EpochOptions withUneven(Uneven way) {
    return new EpochOptions(
        seed, epoch, rank, worldSize, choice, memoryBytes, way, onDamage, lease);
  }

  /** The same with another answer to damage. */
  public EpochOptions withOnDamage(OnDamage answer) {
    return new EpochOptions(
        seed, epoch, rank, worldSize, choice, memoryBytes, uneven, answer, lease);
  }

  /** The same without a lease: for readers that may not write to the dataset, whose snapshot is kept by other means. */
  public EpochOptions withoutLease() {
    return withLease(Duration.ZERO);
  }

  /** The same with a lease of another duration. */
  public EpochOptions withLease(Duration duration) {
    return new EpochOptions(
        seed, epoch, rank, worldSize, choice, memoryBytes, uneven, onDamage, duration);
  }

  /** Bytes of a window: two of them are in memory. */
  long windowBytes() {
    return memoryBytes / 2;
  }

  /** Bytes of a chunk. */
  long chunkBytes() {
    return Math.max(LEAST_CHUNK, Math.min(MOST_CHUNK, windowBytes() / CHUNKS_IN_WINDOW));
  }
}
