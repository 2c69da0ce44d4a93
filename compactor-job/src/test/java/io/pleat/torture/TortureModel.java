package io.pleat.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * What must exist, file by file. Knows what was put into the source and deleted from it, and what the workers' journals say; where a killed
 * operation may or may not have taken effect, both are right, but what is seen then stays. Not thread-safe.
 */
final class TortureModel {
  private final int[] latest;
  private final long[] putAt;
  private final boolean[] inSource;
  private final boolean[] deletedAtSource;
  private final int[] settled;

  /** By file: the version that was the latest when it was removed last. */
  private final int[] removedAt;

  TortureModel(int files) {
    latest = new int[files];
    putAt = new long[files];
    inSource = new boolean[files];
    deletedAtSource = new boolean[files];
    settled = new int[files];
    removedAt = new int[files];
  }

  /** The version to put next. Its put begins now. */
  int nextVersion(int file) {
    putAt[file] = System.nanoTime();
    return ++latest[file];
  }

  void put(int file) {
    inSource[file] = true;
    deletedAtSource[file] = false;
  }

  /** A user deleted it from the source, where it may have been reclaimed before. */
  void deleted(int file) {
    deletedAtSource[file] = true;
  }

  boolean wasEverPut(int file) {
    return latest[file] > 0;
  }

  int latest(int file) {
    return latest[file];
  }

  /** The version that the dataset held at the last settlement; nothing if it had no such file. */
  OptionalInt settled(int file) {
    return settled[file] > 0 ? OptionalInt.of(settled[file]) : OptionalInt.empty();
  }

  /**
   * Compares one file with what must be, after a fold that nothing ran beside.
   *
   * @param found the version that the dataset holds; nothing if it has no such file
   * @param stillInSource whether the original stands
   * @param removals operations since the last settlement that could have removed it
   * @param mirrored whether a fold that mirrors deletions ran since the last settlement
   * @param rolledBack whether an earlier state may have become the newest since then
   * @return what is wrong; empty if nothing is
   */
  List<String> settle(
      int file,
      OptionalInt found,
      boolean stillInSource,
      List<Journal.Operation> removals,
      boolean mirrored,
      boolean rolledBack) {
    List<String> wrong = new ArrayList<>();
    boolean removed = removals.stream()
        .anyMatch(removal -> removal.ended() == 0 || removal.ended() > putAt[file]);
    if (removed) {
      removedAt[file] = latest[file];
    }
    if (!stillInSource && !deletedAtSource[file]) {
      // Only a reclaim can have deleted it: nothing that was done since may have let it go.
      if (found.isEmpty() || found.getAsInt() != latest[file]) {
        wrong.add("lost: the original of version %d was reclaimed, the dataset has %s"
            .formatted(latest[file], found));
      }
    } else if (found.isPresent()) {
      checkPresent(file, found.getAsInt(), stillInSource, rolledBack, wrong);
    } else {
      checkAbsent(file, stillInSource, removed, mirrored, rolledBack, wrong);
    }
    settled[file] = found.isPresent() ? found.getAsInt() : -latest[file];
    inSource[file] = stillInSource;
    return wrong;
  }

  private void checkPresent(
      int file, int version, boolean stillInSource, boolean rolledBack, List<String> wrong) {
    boolean mayBeOlder = deletedAtSource[file] && !stillInSource;
    if (version > latest[file] || version < latest[file] && !mayBeOlder) {
      wrong.add("version %d, version %d was put last".formatted(version, latest[file]));
    }
    if (settled[file] > version && !rolledBack) {
      wrong.add("version %d, was %d at the last settlement".formatted(version, settled[file]));
    }
    if (settled[file] <= 0 && -settled[file] == latest[file] && !rolledBack) {
      wrong.add("version %d is back from the dead".formatted(version));
    }
  }

  private void checkAbsent(
      int file,
      boolean stillInSource,
      boolean removed,
      boolean mirrored,
      boolean rolledBack,
      List<String> wrong) {
    boolean wasAbsent = settled[file] <= 0 && -settled[file] == latest[file];
    boolean neverFolded = deletedAtSource[file] && settled[file] <= 0;
    boolean mirroredAway = deletedAtSource[file] && mirrored;
    boolean absentAgain = rolledBack && (deletedAtSource[file] || removedAt[file] == latest[file]);
    if (!removed && !wasAbsent && !neverFolded && !mirroredAway && !absentAgain) {
      wrong.add("lost: version %d was put, settled was %d, original %s"
          .formatted(latest[file], settled[file], stillInSource ? "still there" : "gone"));
    }
  }

  @Override
  public String toString() {
    return Arrays.stream(latest).filter(version -> version > 0).count() + " files";
  }
}
