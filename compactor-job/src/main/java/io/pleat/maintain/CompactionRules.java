package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ContainerWriter;
import java.io.Serializable;

/**
 * Which containers are worth a rewrite.
 *
 * @param containerBytes original bytes that a container is meant to have; 1 GiB
 * @param maxEntries entries that it may have at most; 2^20
 * @param minDeadShare a container of which so much is dead, of its entries or of their stored bytes, is rewritten: above 0, up to 1; one half
 * @param minSmall so many far too small containers are merged, fewer are left: at least 2; 4
 */
public record CompactionRules(
    long containerBytes, int maxEntries, double minDeadShare, int minSmall)
    implements Serializable {
  /** A container is far too small if it is filled to less than this. */
  static final double SMALL_FILL = 0.25;

  /** An index block of so many bytes, compressed, makes a container full. */
  static final long FULL_INDEX_BYTES = 128 << 20;

  public CompactionRules {
    checkArgument(containerBytes > 0, "container size is %s bytes", containerBytes);
    checkArgument(
        maxEntries > 0 && maxEntries <= ContainerWriter.MAX_ENTRIES,
        "entries a container are %s, allowed are 1 to %s",
        maxEntries,
        ContainerWriter.MAX_ENTRIES);
    checkArgument(
        minDeadShare > 0 && minDeadShare <= 1,
        "dead share is %s, allowed is above 0, up to 1",
        minDeadShare);
    checkArgument(minSmall >= 2, "small containers to merge are %s, at least 2", minSmall);
  }

  /** What is used where nothing is said. */
  public static CompactionRules defaults() {
    return new CompactionRules(1L << 30, ContainerWriter.MAX_ENTRIES, 0.5, 4);
  }

  /** The same with containers of another size. */
  public CompactionRules withContainerBytes(long bytes) {
    return new CompactionRules(bytes, maxEntries, minDeadShare, minSmall);
  }

  /** The same with another limit of entries. */
  public CompactionRules withMaxEntries(int entries) {
    return new CompactionRules(containerBytes, entries, minDeadShare, minSmall);
  }

  /** The same with another share. */
  public CompactionRules withMinDeadShare(double share) {
    return new CompactionRules(containerBytes, maxEntries, share, minSmall);
  }

  /** The same with another number of small containers. */
  public CompactionRules withMinSmall(int containers) {
    return new CompactionRules(containerBytes, maxEntries, minDeadShare, containers);
  }
}
