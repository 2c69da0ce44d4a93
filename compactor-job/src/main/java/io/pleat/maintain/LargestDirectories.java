package io.pleat.maintain;

import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.read.ListedItem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Finds the largest directories of a listing in key order, in memory for as many as are wanted and for the depth of the tree. The root is
 * none of them, and neither is a directory that holds nothing but one other. Not thread-safe.
 */
final class LargestDirectories {
  private static final Comparator<DirectorySize> BY_FILES = Comparator.comparingLong(
          DirectorySize::files)
      .thenComparingLong(DirectorySize::bytes)
      .thenComparing(DirectorySize::path, Comparator.reverseOrder());
  private static final Comparator<DirectorySize> BY_BYTES = Comparator.comparingLong(
          DirectorySize::bytes)
      .thenComparingLong(DirectorySize::files)
      .thenComparing(DirectorySize::path, Comparator.reverseOrder());

  private final int most;
  private final Deque<Open> open = new ArrayDeque<>();
  private final PriorityQueue<DirectorySize> byFiles = new PriorityQueue<>(BY_FILES);
  private final PriorityQueue<DirectorySize> byBytes = new PriorityQueue<>(BY_BYTES);

  /** A directory whose end has not come yet. */
  private static final class Open {
    private final LogicalPath path;
    private long files;
    private long bytes;
    private long largestChild;

    Open(LogicalPath path) {
      this.path = path;
    }
  }

  /** @param most how many are wanted */
  LargestDirectories(int most) {
    this.most = most;
  }

  /** Takes the next item of the listing. */
  void add(ListedItem item) {
    while (!open.isEmpty() && !item.path().startsWith(open.peek().path)) {
      leave();
    }
    if (item.isDirectory()) {
      open.push(new Open(item.path()));
    } else if (!open.isEmpty()) {
      Entry entry = item.file().orElseThrow();
      open.peek().files++;
      open.peek().bytes += entry.length();
    }
  }

  /** The listing has ended. */
  void end() {
    while (!open.isEmpty()) {
      leave();
    }
  }

  private void leave() {
    Open done = open.pop();
    if (!open.isEmpty()) {
      Open parent = open.peek();
      parent.files += done.files;
      parent.bytes += done.bytes;
      parent.largestChild = Math.max(parent.largestChild, done.files);
    }
    if (!done.path.isRoot() && done.files > done.largestChild) {
      DirectorySize size = new DirectorySize(done.path, done.files, done.bytes);
      offer(byFiles, size);
      offer(byBytes, size);
    }
  }

  private void offer(PriorityQueue<DirectorySize> largest, DirectorySize size) {
    largest.add(size);
    if (largest.size() > most) {
      largest.poll();
    }
  }

  /** Those with the most files, the first with the most; after the end. */
  List<DirectorySize> byFiles() {
    return sorted(byFiles, BY_FILES);
  }

  /** Those with the most bytes, the first with the most; after the end. */
  List<DirectorySize> byBytes() {
    return sorted(byBytes, BY_BYTES);
  }

  private static List<DirectorySize> sorted(
      PriorityQueue<DirectorySize> largest, Comparator<DirectorySize> order) {
    List<DirectorySize> all = new ArrayList<>(largest);
    all.sort(order.reversed());
    return all;
  }
}
