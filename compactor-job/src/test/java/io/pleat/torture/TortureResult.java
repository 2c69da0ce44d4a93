package io.pleat.torture;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What happened so far. Not thread-safe. */
final class TortureResult {
  private static final double NANOS = 1e9;

  private final long start = System.nanoTime();
  private final Map<String, Tally> operations = new TreeMap<>();
  private final List<String> wrong = new ArrayList<>();
  private long rounds;
  private long puts;
  private long commits;
  private long kills;
  private long inTheMiddle;
  private long reads;
  private long compared;
  private long unfolded;

  /** Of operations of one kind. */
  private static final class Tally {
    private long done;
    private long refused;
    private long cut;
    private long nanos;

    @Override
    public String toString() {
      return "%d done in %d ms, %d refused, %d cut short"
          .formatted(done, nanos / 1_000_000 / Math.max(1, done + refused), refused, cut);
    }
  }

  void round() {
    rounds++;
  }

  void put() {
    puts++;
  }

  /** The newest version that the dataset has by now. */
  void commits(long version) {
    commits = version;
  }

  void kill() {
    kills++;
  }

  /** What one process did until it was killed. */
  void add(List<Journal.Operation> done) {
    boolean cut = false;
    for (Journal.Operation operation : done) {
      Tally tally = operations.computeIfAbsent(operation.name(), name -> new Tally());
      if (operation.ended() == 0) {
        cut = true;
        tally.cut++;
        continue;
      }
      tally.nanos += operation.ended() - operation.began();
      if (operation.isDone()) {
        tally.done++;
      } else {
        tally.refused++;
      }
      if (operation.isWrong()) {
        wrong(operation.toString());
      }
      reads += ReadOperation.readsOf(operation);
    }
    inTheMiddle += cut ? 1 : 0;
  }

  /** A file was looked up and read while nothing else ran, and compared with the model. */
  void compared() {
    compared++;
  }

  /** So many files were restored at the end, and compared with the model. */
  void unfolded(long files) {
    unfolded = files;
  }

  void wrong(String what) {
    wrong.add(what);
  }

  List<String> wrong() {
    return wrong;
  }

  long commits() {
    return commits;
  }

  private long count(String... words) {
    return wrong.stream()
        .filter(what -> List.of(words).stream().anyMatch(what::contains))
        .count();
  }

  @Override
  public String toString() {
    double seconds = (System.nanoTime() - start) / NANOS;
    StringBuilder all = new StringBuilder();
    all.append("%d commits, %d kills (%d in the middle of an operation), %d reads; "
        .formatted(commits, kills, inTheMiddle, reads));
    all.append("%d files lost, %d with wrong bytes, %d repairs by hand, %d wrong in all; "
        .formatted(
            count("lost:"),
            count("wrong bytes"),
            count("needs somebody", "met damage", "verify:", "ended by itself"),
            wrong.size()));
    all.append("%d rounds in %.0f s, %d puts, %d files compared between rounds, %d unfolded; "
        .formatted(rounds, seconds, puts, compared, unfolded));
    all.append(
        "load %.1f".formatted(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    operations.forEach(
        (name, tally) -> all.append("\n  ").append(name).append(": ").append(tally));
    return all.toString();
  }
}
