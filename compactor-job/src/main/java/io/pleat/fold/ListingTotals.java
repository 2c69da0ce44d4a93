package io.pleat.fold;

import io.pleat.fold.FoldReport.LooseFile;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What listing tasks found, summed; constant in size. Not thread-safe. */
public final class ListingTotals implements Serializable {
  private static final long serialVersionUID = 1;

  /** Keys that the sample keeps at most: six for each of 10^4 partitions, so that few are twice the mean. */
  private static final int SAMPLE_SIZE = 1 << 16;

  long files;
  long foldableFiles;
  long foldableBytes;
  long passThroughFiles;
  long passThroughBytes;
  long directories;
  long blocks;
  long rows;
  long leftoverUnits;
  long widened;
  final List<String> widenedSample = new ArrayList<>();
  final LooseTally loose = new LooseTally();
  final Map<String, Long> notKept = new TreeMap<>();
  final KeySample sample;

  /** Directories and children listed. */
  long cost;

  /** Nothing found yet. */
  public ListingTotals() {
    this(KeySample.NO_BOUND);
  }

  /** @param sampleBound {@link #sampleBound} of the totals that these will be added to */
  ListingTotals(long sampleBound) {
    sample = new KeySample(SAMPLE_SIZE, sampleBound);
  }

  /** Regular files that were found. */
  public long files() {
    return files;
  }

  /** Rows that were emitted, of all types. */
  public long rows() {
    return rows;
  }

  /** Directories that no task had a budget for. */
  public long leftoverUnits() {
    return leftoverUnits;
  }

  /** Files that were left loose, and what cannot be kept. */
  public long notFolded() {
    return loose.total() + notKept.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Keys that cut the rows into {@code parts} of about equal size, ascending; at most {@code parts - 1}. */
  public List<byte[]> keyCuts(int parts) {
    return sample.cuts(parts);
  }

  /** Directories and children listed. */
  public long cost() {
    return cost;
  }

  /** What later tasks need to know so that they hand in only samples that matter. */
  public long sampleBound() {
    return sample.bound();
  }

  /** Adds what another task found. */
  public void add(ListingTotals other) {
    files += other.files;
    foldableFiles += other.foldableFiles;
    foldableBytes += other.foldableBytes;
    passThroughFiles += other.passThroughFiles;
    passThroughBytes += other.passThroughBytes;
    directories += other.directories;
    blocks += other.blocks;
    rows += other.rows;
    leftoverUnits += other.leftoverUnits;
    widened += other.widened;
    other.widenedSample.stream()
        .limit(FoldReport.SAMPLE_SIZE - (long) widenedSample.size())
        .forEach(widenedSample::add);
    loose.add(other.loose);
    other.notKept.forEach((what, count) -> notKept.merge(what, count, Long::sum));
    sample.addAll(other.sample);
    cost += other.cost;
  }

  void addWidened(String path, int mode) {
    widened++;
    if (widenedSample.size() < FoldReport.SAMPLE_SIZE) {
      widenedSample.add("%s (mode %04o)".formatted(path, mode));
    }
  }

  /** Loose files by reason, with the first few of each. */
  static final class LooseTally implements Serializable {
    private static final long serialVersionUID = 1;

    private final Map<String, Long> byReason = new TreeMap<>();
    private final Map<String, List<String>> sample = new TreeMap<>();

    void add(String path, String reason) {
      byReason.merge(reason, 1L, Long::sum);
      List<String> paths = sample.computeIfAbsent(reason, r -> new ArrayList<>());
      if (paths.size() < FoldReport.SAMPLE_SIZE) {
        paths.add(path);
      }
    }

    void add(LooseTally other) {
      other.byReason.forEach((reason, count) -> byReason.merge(reason, count, Long::sum));
      other.sample.forEach((reason, paths) -> {
        List<String> mine = sample.computeIfAbsent(reason, r -> new ArrayList<>());
        paths.stream().limit(FoldReport.SAMPLE_SIZE - (long) mine.size()).forEach(mine::add);
      });
    }

    long total() {
      return byReason.values().stream().mapToLong(Long::longValue).sum();
    }

    Map<String, Long> byReason() {
      return new TreeMap<>(byReason);
    }

    List<LooseFile> sample() {
      List<LooseFile> all = new ArrayList<>();
      sample.forEach(
          (reason, paths) -> paths.forEach(path -> all.add(new LooseFile(path, reason))));
      return all;
    }
  }
}
