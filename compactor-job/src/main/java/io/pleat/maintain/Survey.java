package io.pleat.maintain;

import io.pleat.dataset.Snapshot;
import io.pleat.format.ContainerId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a dataset is like now, and how it came to be so. Of bounded size, however many files, containers, snapshots and runs there are.
 *
 * @param location of the dataset
 * @param snapshot the newest one
 * @param before live files by their original length, pass-through ones included
 * @param after files of the dataset itself, and pass-through ones
 * @param growth readable snapshots, oldest first; the newest of them if there are very many
 * @param olderSnapshots how many readable snapshots {@code growth} leaves out
 * @param containerBytes original bytes that a container is meant to have: those of the last fold
 * @param fills how many containers are filled with live files to 0 to 10 %, 10 to 20 %, ..., 90 to 100 %, and above
 * @param mostDead containers with the most dead bytes, those with the most first; none without dead bytes
 * @param byFiles directories with the most files, those with the most first
 * @param byBytes directories with the most bytes, those with the most first
 * @param looseByReason small files that the last fold left loose, by reason, as its record says
 * @param compaction what {@code compact} would do with its defaults
 * @param reclaim what {@code reclaim} would try to delete
 * @param heap what it saves a name node
 * @param runs the newest records of runs, newest first
 * @param gaps what could not be read, one line each that names the file
 */
public record Survey(
    String location,
    Snapshot snapshot,
    DatasetTotals totals,
    SizeClasses before,
    SizeClasses after,
    List<GrowthPoint> growth,
    long olderSnapshots,
    long containerBytes,
    List<Integer> fills,
    List<DeadSpace> mostDead,
    List<DirectorySize> byFiles,
    List<DirectorySize> byBytes,
    Map<String, Long> looseByReason,
    CompactionGain compaction,
    ReclaimGain reclaim,
    NameNodeHeap heap,
    List<Run> runs,
    List<String> gaps) {

  public Survey {
    growth = List.copyOf(growth);
    fills = List.copyOf(fills);
    mostDead = List.copyOf(mostDead);
    byFiles = List.copyOf(byFiles);
    byBytes = List.copyOf(byBytes);
    runs = List.copyOf(runs);
    gaps = List.copyOf(gaps);
  }

  /** Files of the tree, each on its own. */
  public long objectsBefore() {
    return snapshot.statistics().files() + snapshot.statistics().looseFiles();
  }

  /** Files of source and dataset, as far as no original was reclaimed. */
  public long objectsNow() {
    return objectsBefore() - reclaim.reclaimedFiles() + totals.files();
  }

  /**
   * A snapshot's totals.
   *
   * @param bytes original bytes of its files, pass-through ones included
   */
  public record GrowthPoint(
      long version,
      Instant committedAt,
      String operation,
      long files,
      long bytes,
      long containers) {}

  /**
   * How much of a container is dead.
   *
   * @param liveBytes stored bytes of live files
   * @param deadBytes stored bytes of dead ones
   */
  public record DeadSpace(
      ContainerId container, int liveEntries, int entries, long liveBytes, long deadBytes) {}

  /**
   * What a compaction would do.
   *
   * @param removed containers that it would rewrite
   * @param added containers that would take their place, about
   * @param bytesRemoved length of those removed
   * @param bytesAdded length of those added, at most
   */
  public record CompactionGain(int removed, int added, long bytesRemoved, long bytesAdded) {}

  /**
   * Originals that may still be there.
   *
   * @param files live folded files that are neither racy nor reclaimed: reclaim deletes those whose original is unchanged
   * @param bytes their original bytes
   * @param racyFiles files that must be folded again first
   * @param reclaimedFiles files whose original was deleted
   */
  public record ReclaimGain(long files, long bytes, long racyFiles, long reclaimedFiles) {}

  /**
   * Inodes and blocks at a name node.
   *
   * @param isThere whether there is a name node; otherwise these are what one would hold, with blocks of 128 MiB
   * @param objectsBefore for the files alone, each on its own, and their directories
   * @param objectsAfter for the dataset, the directories, and the files that are not folded, once the originals were reclaimed
   */
  public record NameNodeHeap(boolean isThere, long objectsBefore, long objectsAfter) {
    /** Bytes of heap that an inode or a block takes: a file of one block was measured to take 238. */
    public static final long BYTES_AN_OBJECT = 119;

    /** Heap that is saved, in bytes; negative if it is more. */
    public long savedBytes() {
      return (objectsBefore - objectsAfter) * BYTES_AN_OBJECT;
    }
  }

  /**
   * A run as its record tells of it.
   *
   * @param seconds how long it took, if the record says so
   * @param newFiles files that a fold took, if it is one
   */
  public record Run(
      UUID id,
      String verb,
      String outcome,
      Optional<Instant> finished,
      Optional<Double> seconds,
      Optional<Long> newFiles) {}
}
