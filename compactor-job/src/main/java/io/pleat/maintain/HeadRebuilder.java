package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DamageNote;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.SnapshotStatistics;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.RunContainers;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerWriter;
import io.pleat.format.CorruptDataException;
import io.pleat.maintain.ContainerRewriter.Shape;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.roaringbitmap.RoaringBitmap;

/*
 * The head is laid over what can be read of the newest readable snapshot, its *base*. If that is the head itself, and only files that it refers to are
 * damaged, little is unknown: the catalogue, which the head refers to, too, names its containers and its dead entries. If the head is gone,
 * what came after the base is told by the catalogue's newest lists, which no readable snapshot vouches for, and by the containers that lie there.
 * Where evidence is weak a file comes back rather than being dropped, and an only copy is never dropped.
 */

/** Makes a new head of a dataset whose newest snapshot, or a file that it refers to, is damaged or missing: one commit. Used once, not thread-safe. */
final class HeadRebuilder implements Closeable {
  private final Store store;
  private final CatalogWriter catalogWriter;
  private final CatalogReader catalog;
  private final EntryCatalogFactory rows;
  private final RepairRequest request;
  private final UUID runId;
  private final RunContainers ids;
  private final HeadFindings findings = new HeadFindings();
  private final ReadableBase base;
  private final HeadContainers containers;
  private final HeadRows deletes;
  private int rewritten;

  /** @throws IOException if something other than damage keeps the base from being read, or nobody knows what the dataset was folded from */
  HeadRebuilder(
      Store store,
      CatalogWriter catalogWriter,
      CatalogReader catalog,
      EntryCatalogFactory rows,
      RunContainers ids,
      RepairRequest request,
      UUID runId)
      throws IOException {
    this.store = store;
    this.catalogWriter = catalogWriter;
    this.catalog = catalog;
    this.rows = rows;
    this.ids = ids;
    this.request = request;
    this.runId = runId;
    this.base = ReadableBase.read(store, request, findings);
    this.containers = new HeadContainers(store, catalog, base, findings);
    this.deletes = new HeadRows(store, catalog, base, containers, findings);
  }

  /**
   * Makes the head, or finds out what it would be made of.
   *
   * @return nothing if the head is sound
   * @throws NoSuchFileException if there is nothing to make one of
   */
  Optional<HeadReport> run() throws IOException {
    if (base.isHead() && findings.damaged().isEmpty()) {
      return Optional.empty();
    }
    containers.choose();
    if (containers.all().isEmpty() && base.snapshot().isEmpty()) {
      throw new NoSuchFileException(
          store.location(), null, "neither a snapshot nor a container is here");
    }
    deletes.collect();
    rewriteUnlistable();
    RowSettlement settlement = settle();
    deletes.settled(settlement);
    SnapshotStatistics totals = settlement.totals();
    if (!settlement.unknown().isEmpty()) {
      findings.unknown().add("the totals: nobody knows the rows of " + settlement.unknown());
    }
    long version = request.dryRun() ? base.newest() + 1 : commit(totals).version();
    return Optional.of(new HeadReport(
        version,
        base.snapshot().map(Snapshot::version).orElse(0L),
        findings.damaged(),
        containers.count(),
        containers.added().size(),
        rewritten,
        totals.files(),
        settlement.superseded(),
        deletes.removed(),
        findings.unknown(),
        findings.leftOut()));
  }

  private void rewriteUnlistable() throws IOException {
    for (ContainerSummary container : List.copyOf(containers.added().values())) {
      if (!container.catalog().equals(FileReference.NONE)) {
        continue;
      }
      if (container.indexOffset() > 0) {
        if (!request.dryRun()) {
          containers.added().put(container.id(), container.withCatalog(catalogOf(container.id())));
        }
        continue;
      }
      rewritten++;
      if (request.dryRun()) {
        continue;
      }
      rewrite(container);
    }
  }

  private FileReference catalogOf(ContainerId id) throws IOException {
    try (ByteSource bytes = store.open(ContainerSummary.pathOf(id));
        ContainerReader reader = ContainerReader.open(bytes, id)) {
      return rows.create().write(store, id, reader.index());
    }
  }

  /** From its records; the damaged container is kept, set aside. */
  private void rewrite(ContainerSummary container) throws IOException {
    ContainerId id = container.id();
    Rewritten made = new ContainerRewriter(store, rows.create(), ids, row -> Optional.empty())
        .rewrite(
            List.of(container),
            deletes.dead().byContainer(),
            Map.of(),
            new Shape(Long.MAX_VALUE, ContainerWriter.MAX_ENTRIES, true),
            (summary, gone, stretch) ->
                SalvagedRows.open(store, summary, gone, stretch, List.of()));
    List<String> sample = new ArrayList<>(List.of("its index block is damaged"));
    made.leftBehind().forEach(file -> {
      sample.add(file.path() + ": " + file.reason());
      findings.leftOut().add("'" + file.path() + "': " + file.reason());
    });
    new DamageNote(
            id,
            runId,
            Instant.now(),
            DamageNote.State.SET_ASIDE,
            made.leftBehind().size(),
            sample)
        .write(store);
    containers.replace(id, made.added());
    deletes.moved(id, made);
  }

  private RowSettlement settle() throws IOException {
    RowSettlement settlement = new RowSettlement(
        store,
        containers.all(),
        containers.ranks(),
        deletes.dead().byContainer(),
        this::rowsOf,
        deletes::isRemoved,
        base.isHead() && deletes.isCertain() && findings.unknown().isEmpty());
    settlement.run();
    return settlement;
  }

  private RowSource rowsOf(ContainerSummary container, RoaringBitmap gone, int stretch)
      throws IOException {
    try {
      return IndexedRows.open(store, container, gone, stretch);
    } catch (CorruptDataException | NoSuchFileException e) {
      RoaringBitmap wanted = new RoaringBitmap();
      wanted.add(0L, container.entries());
      wanted.andNot(gone);
      boolean missing = e instanceof NoSuchFileException;
      if (!missing) {
        wanted.andNot(SalvagedRows.soundRecords(store, container));
      }
      List<LiveRow> others = new ArrayList<>();
      if (!wanted.isEmpty()) {
        catalog.read(store, container.catalog(), entry -> {
          if (wanted.checkedRemove(entry.ordinal())) {
            others.add(LiveRow.of(entry));
          }
        });
      }
      return missing
          ? new CatalogRows(container.id(), container.path().toString(), others)
          : SalvagedRows.open(store, container, gone, stretch, others);
    }
  }

  private Snapshot commit(SnapshotStatistics totals) throws IOException {
    Set<ContainerId> listed = new HashSet<>(containers.added().keySet());
    listed.addAll(base.containers().keySet());
    Snapshot readable = base.readable(listed, runId);
    SnapshotChange change = SnapshotChange.by("repair", runId, base.sourceRoot())
        .withRestored(readable)
        .withAdded(List.copyOf(containers.added().values()))
        .withRemoved(containers.removed())
        .withNewlyDead(deletes.deletionVectors())
        .withNewlyReclaimed(deletes.reclaimedRows())
        .withLiveDelta(difference(totals, readable.statistics()))
        .endingOnlyCopies();
    return DatasetLog.open(store)
        .commit(
            base.newest() == 0 ? Optional.empty() : Optional.of(readable), change, catalogWriter);
  }

  private static SnapshotStatistics difference(SnapshotStatistics now, SnapshotStatistics before) {
    return new SnapshotStatistics(
        now.files() - before.files(),
        now.foldedFiles() - before.foldedFiles(),
        now.passThroughFiles() - before.passThroughFiles(),
        now.directories() - before.directories(),
        now.payloadBytes() - before.payloadBytes(),
        now.storedBytes() - before.storedBytes(),
        now.passThroughBytes() - before.passThroughBytes(),
        0,
        0,
        0,
        0,
        0);
  }

  @Override
  public void close() throws IOException {
    base.close();
  }
}
