package io.pleat.maintain;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.CommitConflictException;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.ReclaimedRows;
import io.pleat.dataset.RunRecord;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.DirectoryEntry;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.read.FoldedDataset;
import io.pleat.read.ListedItem;
import io.pleat.read.ReaderOptions;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Removes files and directories from a dataset in one snapshot, and leaves tombstones, so that the next fold does not bring them back. The source
 * is not touched, and earlier snapshots still have what was removed.
 */
public final class Remover {
  private static final int MAX_ATTEMPTS = 50;

  private final RemoveRequest request;
  private final CatalogWriter catalog;
  private final UUID runId = UUID.randomUUID();
  private final Instant started = Instant.now();

  /** @param catalog writes the catalogue's part of the commit */
  public Remover(RemoveRequest request, CatalogWriter catalog) {
    this.request = request;
    this.catalog = catalog;
  }

  /**
   * Removes.
   *
   * @throws IllegalArgumentException if a path is a directory and the request is not recursive
   * @throws OnlyCopyException if the originals of entries were reclaimed and the request does not allow for that
   * @throws IOException if there is no dataset, or a path is not in it: nothing was removed then
   */
  public RemoveReport run() throws IOException {
    try (Store dataset = Stores.open(request.dataset(), request.configuration())) {
      return run(dataset);
    }
  }

  /** The same in a store that is open. */
  RemoveReport run(Store dataset) throws IOException {
    DatasetLog log = DatasetLog.open(dataset);
    IOException lost = null;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Snapshot head =
          log.current().orElseThrow(() -> new IOException("no dataset at " + dataset.location()));
      if (attempt == 0 && !request.dryRun()) {
        log.probe();
      }
      try (FoldedDataset held =
          FoldedDataset.open(dataset, head, request.configuration(), ReaderOptions.defaults())) {
        Removal removal = new Removal(dataset, log, head, held);
        removal.collect();
        if (request.dryRun()) {
          return removal.report(head.version());
        }
        RemoveReport report = removal.report(removal.commit().version());
        record(dataset, report);
        return report;
      } catch (CommitConflictException e) {
        lost = e; // what is there now is looked at anew
      } catch (UncheckedIOException e) {
        lost = staleOrThrow(log, head, e.getCause());
      } catch (IOException e) {
        lost = staleOrThrow(log, head, e);
      }
    }
    throw lost;
  }

  /** What could not be read because it has expired while this process slept is looked at anew. */
  private static IOException staleOrThrow(DatasetLog log, Snapshot head, IOException failure)
      throws IOException {
    if (!log.isStale(head, failure)) {
      throw failure;
    }
    return failure;
  }

  private void record(Store dataset, RemoveReport report) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("verb", "rm");
    facts.put("dataset", dataset.location());
    facts.put("started", started.toString());
    facts.put("finished", Instant.now().toString());
    facts.put("outcome", "committed");
    facts.put("version", report.version());
    facts.put("paths", request.paths().stream().map(LogicalPath::toString).toList());
    facts.put("files", report.files());
    facts.put("bytes", report.bytes());
    facts.put("directories", report.directories());
    facts.put("onlyCopies", report.onlyCopies());
    new RunRecord(runId, facts, List.of()).writeAfterwards(dataset);
  }

  /** One attempt on one snapshot. */
  private final class Removal {
    private final Store dataset;
    private final DatasetLog log;
    private final Snapshot head;
    private final FoldedDataset held;
    private final RemovedRows removed = new RemovedRows();
    private final Map<ContainerId, ReclaimedRows> reclaimed = new HashMap<>();
    private final List<ListedItem> targets = new ArrayList<>();
    private long onlyCopies;
    private LogicalPath firstOnlyCopy;

    Removal(Store dataset, DatasetLog log, Snapshot head, FoldedDataset held) {
      this.dataset = dataset;
      this.log = log;
      this.head = head;
      this.held = held;
    }

    /** Finds out what goes, and refuses what may not. */
    void collect() throws IOException {
      findTargets();
      forEachItem(item -> {
        if (item.file().isPresent()) {
          Entry entry = item.file().get();
          removed.add(entry);
          if (isOnlyCopy(entry)) {
            onlyCopies++;
            firstOnlyCopy = firstOnlyCopy == null ? item.path() : firstOnlyCopy;
          }
        }
      });
      for (ListedItem target : targets) {
        if (target.isDirectory()) {
          collectDirectories(target.path());
        }
      }
      if (onlyCopies > 0 && !request.onlyCopies()) {
        throw new OnlyCopyException(
            "%s: the original was reclaimed and the dataset has the only copy%s; nothing was removed; if that is right, pass --only-copy"
                .formatted(
                    firstOnlyCopy,
                    onlyCopies == 1 ? "" : ", as of " + (onlyCopies - 1) + " other files"));
      }
    }

    private void findTargets() throws IOException {
      List<ListedItem> found = new ArrayList<>();
      for (LogicalPath path : Set.copyOf(request.paths())) {
        ListedItem item = held.find(path)
            .orElseThrow(() ->
                new IOException(dataset.location() + " holds no file or directory '" + path + "'"));
        if (item.isDirectory() && !request.recursive()) {
          throw new IllegalArgumentException(
              "'" + path + "' is a directory; pass -r to remove it with all that is in it");
        }
        found.add(item);
      }
      for (ListedItem item : found) {
        boolean covered =
            found.stream().anyMatch(other -> other != item && item.path().startsWith(other.path()));
        if (!covered) {
          targets.add(item);
        }
      }
      targets.sort((a, b) -> Arrays.compareUnsigned(key(a), key(b)));
    }

    private static byte[] key(ListedItem item) {
      return item.isDirectory() ? item.path().directoryKey() : item.path().fileKey();
    }

    private interface ItemVisitor {
      void visit(ListedItem item) throws IOException;
    }

    /** Visits the targets and what is below them in key order. */
    private void forEachItem(ItemVisitor visitor) throws IOException {
      for (ListedItem target : targets) {
        if (!target.isDirectory()) {
          visitor.visit(target);
          continue;
        }
        try (Stream<ListedItem> items = held.listRecursively(target.path())) {
          for (Iterator<ListedItem> each = items.iterator(); each.hasNext(); ) {
            visitor.visit(each.next());
          }
        }
      }
    }

    private boolean isOnlyCopy(Entry entry) throws IOException {
      ContainerId container = entry.extent().container();
      ReclaimedRows rows = reclaimed.get(container);
      if (rows == null) {
        rows = log.reclaimedRows(head, container);
        reclaimed.put(container, rows);
      }
      return rows.contains(entry.ordinal());
    }

    /** Every container's rows of the directory and of those below it. */
    private void collectDirectories(LogicalPath top) throws IOException {
      byte[] prefix = SortKey.subtreePrefix(top.utf8());
      for (ContainerSummary container : held.containers()) {
        if (!container.range().mayHoldPrefix(prefix)) {
          continue;
        }
        DeletionVector dead = log.deletionVector(head, container.id());
        try (ByteSource source = dataset.open(container.path());
            ContainerReader reader = ContainerReader.open(source, container.id())) {
          IndexBlock index = reader.index();
          int first = index.findDirectory(top.utf8());
          int end = first < 0 ? first : index.directory(first).subtreeEndIndex();
          for (int i = first; i < end; i++) {
            DirectoryEntry directory = index.directory(i);
            int row = index.entryCount() + i;
            if (directory.attributes().isPresent() && !dead.contains(row)) {
              removed.addDirectory(container.id(), row, true);
            }
          }
        }
      }
    }

    RemoveReport report(long version) {
      return new RemoveReport(
          runId,
          request.dryRun(),
          version,
          removed.files(),
          removed.bytes(),
          removed.directories(),
          onlyCopies);
    }

    Snapshot commit() throws IOException {
      SnapshotChange change = SnapshotChange.by("rm", runId, head.sourceRoot())
          .withNewlyDead(removed.toDeletionVectors())
          .withLiveDelta(removed.delta());
      if (request.onlyCopies()) {
        change = change.endingOnlyCopies();
      }
      try (TombstoneWriter tombstones = new TombstoneWriter(dataset)) {
        SnapshotChange whole;
        try {
          whole = bury(change, tombstones);
        } catch (IOException | RuntimeException e) {
          abandon(tombstones, e);
          throw e;
        }
        try {
          return log.commit(Optional.of(head), whole, catalog);
        } catch (CommitConflictException | IllegalArgumentException e) {
          abandon(tombstones, e);
          throw e;
        }
      }
    }

    private static void abandon(TombstoneWriter tombstones, Exception reason) {
      try {
        tombstones.abandon();
      } catch (IOException | RuntimeException e) {
        reason.addSuppressed(e);
      }
    }

    /** A reclaimed entry leaves none: what comes back to its path is something that someone put there. */
    private SnapshotChange bury(SnapshotChange change, TombstoneWriter tombstones)
        throws IOException {
      forEachItem(item -> {
        if (item.isDirectory()) {
          if (item.directoryAttributes().isPresent()) {
            tombstones.addDirectory(item.path(), item.directoryAttributes().get());
          }
        } else if (!isOnlyCopy(item.file().get())) {
          tombstones.addFile(
              item.path(), item.file().get().attributes(), item.file().get().length());
        }
      });
      List<ContainerSummary> added = tombstones.finish();
      TombstoneMerge merge = new TombstoneMerge(dataset, log, head);
      if (!merge.pays()) {
        return change.withTombstonesAdded(added);
      }
      List<ContainerSummary> all = new ArrayList<>(added);
      try (TombstoneWriter merged = new TombstoneWriter(dataset)) {
        merge.writeTo(merged);
        all.addAll(merged.finish());
      }
      return change.withTombstonesAdded(all).withTombstonesRemoved(merge.merged());
    }
  }
}
