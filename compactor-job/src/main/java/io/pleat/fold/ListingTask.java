package io.pleat.fold;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;

/**
 * Lists directories and what is below them, breadth first, until its budget is spent, and hands the rest back. A tree of any shape so
 * becomes tasks of about equal cost in a few rounds; only a single directory cannot be split. Its output is a sequence of {@link RowBlock}s, the last of
 * which holds the totals.
 */
final class ListingTask {
  /** Directories that a task keeps to itself at most; more go back at once. */
  private static final int MAX_PENDING = 4096;

  /** Levels of an object store that are listed one by one before the rest is listed flat: enough prefixes to share out. */
  static final int FLAT_DEPTH = 2;

  private static final Attributes UNKNOWN_ATTRIBUTES =
      new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "");

  private final Store source;
  private final ListingRules rules;
  private final ListingSelection selection;
  private final Throttle throttle;
  private final ListingBudget budget;
  private final BlockPump.Sink sink;

  private final ListingTotals totals;
  private final RowOutput rows = RowBlock.start(RowBlock.ROWS);
  private final RowOutput leftover = RowBlock.start(RowBlock.LEFTOVER);
  private final RowOutput loose = RowBlock.start(RowBlock.LOOSE);
  private final RowOutput value = new RowOutput(256);
  private final ArrayDeque<ListingUnit> pending = new ArrayDeque<>();
  private byte[] lastMarked = {};
  private long cost;

  private ListingTask(
      Store source,
      ListingRules rules,
      Throttle throttle,
      ListingBudget budget,
      BlockPump.Sink sink) {
    this.totals = new ListingTotals(budget.sampleBound());
    this.source = source;
    this.rules = rules;
    this.selection = new ListingSelection(rules.options());
    this.throttle = throttle;
    this.budget = budget;
    this.sink = sink;
  }

  /**
   * Lists {@code units}.
   *
   * @param budget after which no other directory is started
   */
  static void run(
      Store source,
      ListingRules rules,
      Throttle throttle,
      ListingBudget budget,
      Iterator<ListingUnit> units,
      BlockPump.Sink sink)
      throws IOException, InterruptedException {
    ListingTask task = new ListingTask(source, rules, throttle, budget, sink);
    try {
      task.run(units);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void run(Iterator<ListingUnit> units) throws IOException, InterruptedException {
    while (!budget.isSpent(cost, pending.size()) && (!pending.isEmpty() || units.hasNext())) {
      ListingUnit unit = pending.isEmpty() ? units.next() : pending.poll();
      cost++;
      throttle.request();
      list(unit);
    }
    for (ListingUnit unit : pending) {
      handBack(unit);
    }
    while (units.hasNext()) {
      handBack(units.next());
    }
    flush(rows, RowBlock.ROWS);
    flush(leftover, RowBlock.LEFTOVER);
    flush(loose, RowBlock.LOOSE);
    totals.cost = cost;
    sink.put(RowBlock.ofTotals(totals));
  }

  private void list(ListingUnit unit) throws IOException, InterruptedException {
    LogicalPath directory = unit.directory();
    long filesBefore = totals.files;
    try {
      if (directory.isRoot() && !rules.flat()) {
        emitRoot();
      }
      long before = cost;
      if (rules.flat() && unit.depth() >= FLAT_DEPTH) {
        source.listRecursively(directory, new Visitor(unit, false));
      } else {
        source.list(directory, new Visitor(unit, true));
      }
      if (rules.flat() && cost == before && !directory.isRoot()) {
        emitDirectory(directory, UNKNOWN_ATTRIBUTES);
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      if (directory.isRoot()) {
        throw e;
      }
      leaveLoose(directory + "/", "vanished during the fold");
    } catch (AccessDeniedException e) {
      if (directory.isRoot()) {
        throw e;
      }
      leaveLoose(directory + "/", "directory cannot be listed: permission denied");
    } finally {
      LiveProgress.addListed(totals.files - filesBefore);
    }
  }

  private void emitRoot() throws IOException, InterruptedException {
    Optional<FileInfo> root = source.stat(LogicalPath.ROOT);
    if (root.isPresent()) {
      emitDirectory(LogicalPath.ROOT, root.get().attributes());
    }
  }

  private void handBack(ListingUnit unit) throws InterruptedException {
    unit.write(leftover);
    totals.leftoverUnits++;
    flushIfFull(leftover, RowBlock.LEFTOVER);
  }

  private void leaveLoose(String path, String reason) throws InterruptedException {
    totals.loose.add(path, reason);
    loose.putString(path).putString(reason);
    flushIfFull(loose, RowBlock.LOOSE);
  }

  private void emit(byte[] sortKey, byte type) throws InterruptedException {
    rows.putBytes(SortedRow.encode(sortKey, type)).putBytes(value.toBytes());
    value.reset();
    totals.rows++;
    totals.sample.add(sortKey);
    flushIfFull(rows, RowBlock.ROWS);
  }

  private void emitDirectory(LogicalPath path, Attributes attributes) throws InterruptedException {
    totals.directories++;
    value.putAttributes(attributes);
    emit(path.directoryKey(), SortedRow.LISTED_DIRECTORY);
  }

  private void flushIfFull(RowOutput block, byte type) throws InterruptedException {
    if (block.size() >= RowBlock.TARGET_SIZE) {
      flush(block, type);
    }
  }

  private void flush(RowOutput block, byte type) throws InterruptedException {
    if (block.size() > 1) {
      sink.put(block.toBytes());
      block.reset();
      block.putByte(type);
    }
  }

  private final class Visitor implements ListingVisitor {
    private final ListingUnit unit;
    private final boolean descends;

    Visitor(ListingUnit unit, boolean descends) {
      this.unit = unit;
      this.descends = descends;
    }

    @Override
    public void visit(FileInfo file) throws IOException {
      cost++;
      try {
        switch (file.kind()) {
          case FILE -> visitFile(file);
          case DIRECTORY -> visitDirectory(file);
          case SYMBOLIC_LINK -> notKept(file, "symbolic link");
          case SPECIAL -> notKept(file, "pipe, socket or device");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while listing " + source, e);
      }
    }

    @Override
    public void unlistable(LogicalPath directory, String displayName, String reason)
        throws IOException {
      cost++;
      totals.files++;
      try {
        leaveLoose(displayName, reason);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while listing " + source, e);
      }
    }

    private void visitFile(FileInfo file) throws InterruptedException {
      if (!selection.takes(file.path())) {
        return;
      }
      markAncestors(file.path());
      totals.files++;
      totals.blocks += source.blocksOf(file.length());
      boolean passThrough = selection.passesThrough(file.length());
      if (passThrough) {
        totals.passThroughFiles++;
        totals.passThroughBytes += file.length();
      } else {
        totals.foldableFiles++;
        totals.foldableBytes += file.length();
        if (rules.access().widens(file.attributes(), unit.reach())) {
          totals.addWidened(file.path().toString(), file.attributes().mode());
        }
      }
      value
          .putByte(passThrough ? 1 : 0)
          .putLong(file.length())
          .putAttributes(file.attributes())
          .putString(file.stamp());
      emit(file.path().fileKey(), SortedRow.LISTED);
    }

    private void visitDirectory(FileInfo directory) throws InterruptedException {
      if (!selection.enters(directory.path())) {
        return;
      }
      if (!rules.flat() || !descends) {
        emitDirectory(directory.path(), directory.attributes());
      }
      if (rules.marksDirectories()) {
        emit(directory.path().fileKey(), SortedRow.LISTED_AS_DIRECTORY);
      }
      if (descends) {
        int reach = rules.access().reachBelow(unit.reach(), directory.attributes());
        ListingUnit below = new ListingUnit(directory.path(), reach, unit.depth() + 1);
        if (pending.size() < MAX_PENDING) {
          pending.add(below);
        } else {
          handBack(below);
        }
      }
    }

    /** In an object store directories are only names: marks those above {@code path} that the last key did not have. */
    private void markAncestors(LogicalPath path) throws InterruptedException {
      if (!rules.flat() || path.parent().isRoot()) {
        return;
      }
      byte[] parent = path.parent().utf8();
      if (Arrays.equals(parent, lastMarked)) {
        return;
      }
      int shared = Arrays.mismatch(parent, lastMarked);
      for (int i = 1; i <= parent.length; i++) {
        boolean endsComponent = i == parent.length || parent[i] == '/';
        boolean marked = i <= shared && (i == lastMarked.length || lastMarked[i] == '/');
        if (endsComponent && !marked) {
          emit(SortKey.ofFile(Arrays.copyOf(parent, i)), SortedRow.LISTED_AS_DIRECTORY);
        }
      }
      lastMarked = parent;
    }

    private void notKept(FileInfo file, String what) throws InterruptedException {
      if (selection.takes(file.path())) {
        if (rules.options().mirror() != MirrorDeletes.OFF) {
          emit(file.path().fileKey(), SortedRow.LISTED_OTHER);
        }
        totals.notKept.merge(what, 1L, Long::sum);
        loose.putString(file.path().toString()).putString("not kept: " + what);
        flushIfFull(loose, RowBlock.LOOSE);
      }
    }
  }
}
