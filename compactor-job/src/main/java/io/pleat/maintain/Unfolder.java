package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.format.ContainerReader;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Restores the tree of a dataset: bytes, names, and attributes of files and directories, empty ones too. One bad file or container
 * never costs the rest: what cannot be restored is reported and the run goes on. A pass-through file is copied from the recorded
 * source root, if it is still what was recorded.
 */
public final class Unfolder {
  /*
   * Directories first, open to this user alone, so that no restored byte is readable by more people than it will be in the end; then
   * files, container by container in the order of their offsets, so that reads are large and sequential; then the directories'
   * attributes, deepest first, because each file that is added to a directory changes its time of modification, and because its mode may
   * forbid adding any.
   */
  private final UnfoldRequest request;
  private final Store source;
  private final FoldedDataset dataset;
  private final Snapshot snapshot;
  private final Target target;
  private final Tally tally;
  private final Selection selection;

  private Unfolder(
      UnfoldRequest request,
      Store source,
      FoldedDataset dataset,
      Store target,
      UnfoldListener listener) {
    this.request = request;
    this.source = source;
    this.dataset = dataset;
    this.snapshot = dataset.snapshot();
    this.tally = new Tally(listener);
    this.target = new Target(target, request.existing(), tally);
    this.selection = Selection.of(request.paths());
  }

  /**
   * Restores what {@code request} asks for. Nothing is written outside the target, whatever symbolic links
   * stand there.
   *
   * @throws IllegalArgumentException if the target lies in the dataset, or the request cannot be carried out for a like reason
   * @throws IOException if nothing can be restored: there is no dataset, the target is no directory, or there is too little space
   */
  public static UnfoldReport unfold(UnfoldRequest request, UnfoldListener listener)
      throws IOException {
    try (Store source = Stores.open(request.dataset(), request.configuration());
        Store target = Stores.open(request.target(), request.configuration())) {
      requireApart(source.location(), target.location(), request.existing());
      Snapshot newest = DatasetLog.open(source)
          .current()
          .orElseThrow(() -> new IOException("no dataset at " + source.location()));
      ReaderOptions options =
          ReaderOptions.defaults().withAllowedSourceRoots(Set.of(newest.sourceRoot()));
      try (FoldedDataset dataset = request.version().isPresent()
          ? FoldedDataset.open(
              request.dataset(), request.version().getAsLong(), request.configuration(), options)
          : FoldedDataset.open(request.dataset(), request.configuration(), options)) {
        return new Unfolder(request, source, dataset, target, listener).run();
      }
    }
  }

  private static void requireApart(String dataset, String target, UnfoldRequest.Existing existing) {
    checkArgument(
        !target.equals(dataset) && !target.startsWith(dataset + "/"),
        "the target lies in the dataset: %s",
        target);
    checkArgument(
        existing == UnfoldRequest.Existing.KEEP || !dataset.startsWith(target + "/"),
        "the dataset lies in the target, where files are to be replaced: %s",
        dataset);
  }

  private UnfoldReport run() throws IOException {
    final long start = System.nanoTime();
    target.requireDirectory();
    requireSpace();
    SnapshotStatistics totals = snapshot.statistics();
    for (LogicalPath path : selection.paths()) {
      if (!exists(path)) {
        tally.failed(path, "the dataset holds no such file or directory");
      }
    }
    DirectoryWalk walk = new DirectoryWalk(dataset, selection);
    try {
      walk.forEach(target::prepareDirectory);
    } catch (IOException e) {
      tally.failed(LogicalPath.ROOT, "directories: " + Reason.of(e));
    }
    boolean everything = selection.isEverything();
    tally.phase(
        "unfold",
        everything ? totals.files() : 0,
        everything ? totals.payloadBytes() + totals.passThroughBytes() : 0);
    restoreFiles();
    try {
      walk.forEachDeepestFirst(target::finishDirectory);
    } catch (IOException e) {
      tally.failed(LogicalPath.ROOT, "attributes of directories: " + Reason.of(e));
    }
    return tally.report(snapshot.version(), (System.nanoTime() - start) / 1e9);
  }

  private boolean exists(LogicalPath path) {
    try {
      if (dataset.locate(path).isPresent()) {
        return true;
      }
      try (var items = dataset.listRecursively(path)) {
        return items.findFirst().isPresent();
      }
    } catch (IOException e) {
      return !(e instanceof java.nio.file.NoSuchFileException);
    }
  }

  private void requireSpace() throws IOException {
    if (!selection.isEverything()) {
      return;
    }
    long needed = snapshot.statistics().payloadBytes() + snapshot.statistics().passThroughBytes();
    OptionalLong usable = target.usableSpace();
    if (usable.isPresent() && usable.getAsLong() < needed) {
      throw new IOException("too little space: " + needed + " bytes are needed, "
          + usable.getAsLong() + " are there: " + target);
    }
  }

  private void restoreFiles() throws IOException {
    DatasetLog log = DatasetLog.open(source);
    try (OriginalAccess access =
            new OriginalAccess(snapshot.sourceRoot(), request.configuration());
        FileTasks tasks = new FileTasks(dataset, access, target, tally, request.parallelism())) {
      for (ContainerSummary summary : log.containers(snapshot)) {
        if (!selection.mayTouch(summary.range())) {
          continue;
        }
        try {
          DeletionVector dead = log.deletionVector(snapshot, summary.id());
          ReadAheadSource bytes = new ReadAheadSource(source.open(summary.path()));
          ContainerReader reader;
          try {
            reader = ContainerReader.openByFooter(bytes, summary.id());
          } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
          }
          tasks.restore(summary.path(), bytes, reader, dead, selection.ordinals(reader.index()));
        } catch (FileTasks.FatalException e) {
          throw e;
        } catch (IOException e) {
          tally.failed(
              summary.path(),
              "its " + summary.entries() + " files are not restored: " + Reason.of(e),
              summary.entries());
        }
      }
    }
  }
}
