package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.Snapshot;
import io.pleat.engine.TaskEngine;
import io.pleat.fold.FoldSteps.EntryCatalogFactory;
import io.pleat.fold.RunContainers;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerWriter;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.maintain.ContainerRewriter.RowOpener;
import io.pleat.maintain.ContainerRewriter.Shape;
import io.pleat.store.Store;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/** Checks every byte of a container, and makes one to take its place if it is damaged, of all that can be saved. */
final class MendTask implements TaskEngine.Task<MendInput, MendResult> {
  private static final long serialVersionUID = 1;
  private static final int MAX_FINDINGS = 20;
  private static final int STRETCH = 4 << 20;

  private final StoreOpener store;
  private final StoreOpener source;
  private final EntryCatalogFactory catalog;
  private final CatalogReader catalogReader;
  private final RunContainers ids;
  private final boolean writes;

  /**
   * A task.
   *
   * @param source where the originals are, or were
   * @param writes whether to write, or only to find out what could be saved
   */
  MendTask(
      StoreOpener store,
      StoreOpener source,
      EntryCatalogFactory catalog,
      CatalogReader catalogReader,
      RunContainers ids,
      boolean writes) {
    this.store = store;
    this.source = source;
    this.catalog = catalog;
    this.catalogReader = catalogReader;
    this.ids = ids;
    this.writes = writes;
  }

  @Override
  public MendResult run(MendInput input) throws IOException {
    try (Store dataset = store.open()) {
      Mending mending = new Mending(dataset, input);
      mending.check();
      mending.checkCatalog();
      if (!mending.damage.isEmpty()) {
        mending.mend();
      }
      return mending.result();
    }
  }

  private enum State {
    SOUND,
    INDEXED,
    SCANNED,
    MISSING
  }

  private final class Mending {
    private final Store dataset;
    private final MendInput input;
    private final ContainerSummary summary;
    private final List<String> damage = new ArrayList<>();
    private final List<String> catalogDamage = new ArrayList<>();
    private final List<LeftBehind> lost = new ArrayList<>();
    private final List<RewriteResult.Done> done = new ArrayList<>();
    private State state = State.SOUND;
    private long carried;
    private long rescued;

    Mending(Store dataset, MendInput input) {
      this.dataset = dataset;
      this.input = input;
      this.summary = input.container();
    }

    void check() throws IOException {
      try (ByteSource bytes = dataset.open(summary.path())) {
        if (bytes.length() != summary.length()) {
          found(summary.path() + " has " + bytes.length() + " bytes, the manifest says "
              + summary.length());
        }
        state = State.SCANNED;
        try (ContainerReader reader = ContainerReader.open(bytes, summary.id())) {
          state = State.INDEXED;
          int crc = reader.verify(finding -> found(finding.getMessage()));
          if (crc != summary.crc32c() && damage.isEmpty()) {
            found(String.format(
                "CRC32C of file is 0x%08x, the manifest says 0x%08x: %s",
                crc, summary.crc32c(), summary.path()));
          }
        }
      } catch (NoSuchFileException e) {
        state = State.MISSING;
        found(summary.path() + " is missing");
      } catch (CorruptDataException | UnsupportedFormatException | EOFException e) {
        found(e.getMessage());
      }
    }

    private void found(String what) {
      if (damage.size() < MAX_FINDINGS) {
        damage.add(what);
      }
    }

    void checkCatalog() throws IOException {
      FileReference file = summary.catalog();
      try (ByteSource bytes = dataset.open(file.path())) {
        if (bytes.length() != file.length() || Verifier.crc32c(bytes) != file.crc32c()) {
          catalogDamage.add(file.path() + " is not what the manifest says");
        }
      } catch (NoSuchFileException e) {
        catalogDamage.add(file.path() + " is missing");
      }
    }

    void mend() throws IOException {
      DatasetLog log = DatasetLog.open(dataset);
      Snapshot snapshot = log.snapshot(input.version());
      RoaringBitmap dead = log.deletionVector(snapshot, summary.id()).toBitmap();
      RowOpener opener = opener(dead);
      try (Store originals = source.open()) {
        Rescue rescue = new OriginalRescue(originals);
        if (writes) {
          rewrite(log, snapshot, dead, opener, rescue);
        } else {
          assess(dead, opener, rescue);
        }
      }
    }

    private RowOpener opener(RoaringBitmap dead) throws IOException {
      if (state == State.INDEXED) {
        return (container, rows, length) -> IndexedRows.open(dataset, container, rows, length);
      }
      RoaringBitmap wanted = new RoaringBitmap();
      wanted.add(0L, summary.entries());
      wanted.andNot(dead);
      if (state == State.SCANNED) {
        wanted.andNot(SalvagedRows.soundRecords(dataset, summary));
      }
      List<LiveRow> others = fromCatalog(wanted);
      wanted.forEach((int row) -> lost.add(new LeftBehind(
          summary.id(),
          row,
          LogicalPath.ROOT,
          0,
          0,
          "its record is damaged, and so is the catalogue: " + summary.path())));
      if (state == State.MISSING) {
        return (container, rows, length) ->
            new CatalogRows(summary.id(), summary.path().toString(), others);
      }
      return (container, rows, length) ->
          SalvagedRows.open(dataset, container, rows, length, others);
    }

    /** Takes what it finds from {@code wanted}. */
    private List<LiveRow> fromCatalog(RoaringBitmap wanted) {
      List<LiveRow> rows = new ArrayList<>();
      if (wanted.isEmpty() || !catalogDamage.isEmpty()) {
        return rows;
      }
      try {
        catalogReader.read(dataset, summary.catalog(), entry -> {
          boolean fits = entry.extent().container().equals(summary.id())
              && entry.extent().offset() <= summary.length() - entry.extent().length();
          if (fits && wanted.checkedRemove(entry.ordinal())) {
            rows.add(LiveRow.of(entry));
          }
        });
      } catch (IOException | RuntimeException e) {
        catalogDamage.add(Reason.of(e));
      }
      return rows;
    }

    private void rewrite(
        DatasetLog log, Snapshot snapshot, RoaringBitmap dead, RowOpener opener, Rescue rescue)
        throws IOException {
      // Which directory rows another speaks for can be told only with an index block.
      Map<io.pleat.format.ContainerId, RoaringBitmap> dropped = state == State.INDEXED
          ? new DirectoryPrecedence(
                  dataset, id -> log.deletionVector(snapshot, id).toBitmap())
              .superseded(List.of(summary), input.others())
          : Map.of();
      try {
        Rewritten rewritten = new ContainerRewriter(dataset, catalog.create(), ids, rescue)
            .rewrite(
                List.of(summary),
                Map.of(summary.id(), dead),
                dropped,
                new Shape(Long.MAX_VALUE, ContainerWriter.MAX_ENTRIES, input.filter()),
                opener);
        lost.addAll(rewritten.leftBehind());
        carried = rewritten.moves().size() - rewritten.rescued();
        rescued = rewritten.rescued();
        done.add(new RewriteResult.Done(
            input.number(),
            List.of(),
            List.of(summary),
            Map.of(summary.id(), dead),
            rewritten.withLeftBehind(lost)));
      } catch (CorruptDataException | UnsupportedFormatException e) {
        found("cannot be mended: " + e.getMessage());
      }
    }

    private void assess(RoaringBitmap dead, RowOpener opener, Rescue rescue) throws IOException {
      try (RowSource rows = opener.open(summary, dead, STRETCH)) {
        for (Optional<LiveRow> row = rows.next(); row.isPresent(); row = rows.next()) {
          assess(rows, row.get(), rescue);
        }
      } catch (CorruptDataException | UnsupportedFormatException e) {
        found("cannot be mended: " + e.getMessage());
      }
    }

    private void assess(RowSource rows, LiveRow row, Rescue rescue) throws IOException {
      if (row.isDirectory() || row.entry().get().kind() == Entry.Kind.PASS_THROUGH) {
        carried++;
        return;
      }
      Entry entry = row.entry().get();
      String reason;
      try {
        ByteBuffer stored = rows.stored(row);
        int crc = ContainerRewriter.crc32c(stored);
        if (crc == entry.storedCrc32c()) {
          carried++;
          return;
        }
        reason = String.format(
            "CRC32C of stored bytes of '%s' is 0x%08x, stored 0x%08x: %s at offset %d",
            row.path(),
            crc,
            entry.storedCrc32c(),
            summary.path(),
            entry.extent().offset());
      } catch (IOException e) {
        reason = Reason.of(e);
      }
      if (rescue.payload(row).isPresent()) {
        rescued++;
      } else {
        lost.add(new LeftBehind(
            summary.id(), row.row(), row.path(), entry.length(), entry.extent().length(), reason));
      }
    }

    MendResult result() {
      return new MendResult(
          input.number(),
          summary.id(),
          List.copyOf(damage),
          List.copyOf(catalogDamage),
          carried,
          rescued,
          List.copyOf(lost),
          List.copyOf(done));
    }
  }
}
