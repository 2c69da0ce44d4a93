package io.pleat.fold;

import io.pleat.format.LogicalPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The directories that a count has still to list, shared by its threads, least key first: so a tree is gone through nearly in key order, and the
 * directories that wait are those beside the way down, not a whole level of the tree. Thread-safe.
 */
final class PendingDirectories {
  /**
   * A directory to list.
   *
   * @param depth levels below the source root
   * @param after key of the last of its subdirectories that is taken care of; empty if none is. Then its files are, too.
   */
  record Unit(LogicalPath directory, int depth, byte[] after) implements Comparable<Unit> {
    private byte[] place() {
      return isContinued() ? after : directory.directoryKey();
    }

    /** Whether its files have been seen. */
    boolean isContinued() {
      return after.length > 0;
    }

    @Override
    public int compareTo(Unit other) {
      return Arrays.compareUnsigned(place(), other.place());
    }
  }

  private static final byte[] NOTHING = {};

  private final PriorityQueue<Unit> waiting = new PriorityQueue<>();
  private int busy;
  private boolean stopped;

  PendingDirectories() {
    waiting.add(new Unit(LogicalPath.ROOT, 0, NOTHING));
  }

  /** A directory to list, once there is one; nothing if all are done. {@link #done} must follow. */
  synchronized Optional<Unit> take() throws InterruptedException {
    while (waiting.isEmpty() && busy > 0 && !stopped) {
      wait();
    }
    if (waiting.isEmpty() || stopped) {
      return Optional.empty();
    }
    busy++;
    return Optional.of(waiting.poll());
  }

  /** A directory was listed, and these are in it. */
  synchronized void done(List<Unit> below) {
    waiting.addAll(below);
    busy--;
    notifyAll();
  }

  /** Lets nobody take any more. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /**
   * The subdirectories of one directory, the least of them where they are many: whoever listed it comes back for the others. Not
   * thread-safe.
   */
  static final class Children {
    private final Unit parent;
    private final int most;
    private final PriorityQueue<Unit> greatestFirst = new PriorityQueue<>((a, b) -> b.compareTo(a));
    private boolean dropped;

    /** @param most subdirectories to hold at once, at least 1 */
    Children(Unit parent, int most) {
      this.parent = parent;
      this.most = most;
    }

    void add(LogicalPath directory) {
      Unit unit = new Unit(directory, parent.depth() + 1, NOTHING);
      if (parent.isContinued() && Arrays.compareUnsigned(unit.place(), parent.after()) <= 0) {
        return;
      }
      greatestFirst.add(unit);
      if (greatestFirst.size() > most) {
        greatestFirst.poll();
        dropped = true;
      }
    }

    /** What is to be listed after the parent. */
    List<Unit> units() {
      List<Unit> units = new ArrayList<>(greatestFirst);
      if (dropped) {
        units.add(
            new Unit(parent.directory(), parent.depth(), greatestFirst.peek().place()));
      }
      return units;
    }
  }
}
