package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.fold.ReadBatch.Result;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerReader;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.ContainerWriter;
import io.pleat.format.PayloadCodec;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Makes one group one container: reads files ahead on many threads, appends them in order, checks what the store then holds, and
 * writes the container's part of the catalogue. What it leaves behind is durable and under names that nobody else uses; a failure
 * leaves nothing that a snapshot could refer to.
 */
final class GroupWriter {
  private final Store source;
  private final Store dataset;
  private final FoldOptions options;
  private final ReadAhead readAhead;
  private final Throttle throttle;
  private final EntryCatalog catalog;
  private final Codecs codecs;
  private final LooseListFactory looseLists;
  private final RunContainers ids;
  private final Progress progress;

  /** Opens the list of loose files of a task when it has the first one. */
  interface LooseListFactory {
    LooseList create() throws IOException;
  }

  /** Hears how many files and bytes were appended. */
  interface Progress {
    void appended(long files, long bytes);
  }

  GroupWriter(
      Store source,
      Store dataset,
      FoldOptions options,
      ReadAhead readAhead,
      Throttle throttle,
      EntryCatalog catalog,
      Codecs codecs,
      LooseListFactory looseLists,
      RunContainers ids,
      Progress progress) {
    this.source = source;
    this.dataset = dataset;
    this.options = options;
    this.readAhead = readAhead;
    this.throttle = throttle;
    this.catalog = catalog;
    this.codecs = codecs;
    this.looseLists = looseLists;
    this.ids = ids;
    this.progress = progress;
  }

  /**
   * Writes one group.
   *
   * @param rows in ascending key order
   * @throws IOException if the dataset cannot be written, or what it then holds is not what was written
   */
  StagedGroup write(Iterator<PlannedRow> rows) throws IOException {
    ExecutorService readers = Executors.newFixedThreadPool(readAhead.threads(), runnable -> {
      Thread thread = new Thread(runnable, "pleat-read");
      thread.setDaemon(true);
      return thread;
    });
    try (Run run = new Run()) {
      run.append(rows, readers);
      return run.finish();
    } finally {
      readers.shutdownNow();
    }
  }

  /** One container in the making. */
  private final class Run implements AutoCloseable {
    private final ContainerId id = ids.next();
    private final SlabPool slabs = new SlabPool(readAhead.maxBytes());
    private final Deque<ReadBatch> inFlight = new ArrayDeque<>();
    private final DeadMarks dead = new DeadMarks();
    private final ListingTotals.LooseTally loose = new ListingTotals.LooseTally();
    private LooseList looseList;
    private ByteSink sink;
    private ContainerWriter writer;
    private byte[] firstKey;
    private byte[] lastKey;
    private long files;
    private long bytes;
    private long buffered;
    private long peakBuffered;
    private PayloadCodec codec;

    void append(Iterator<PlannedRow> rows, ExecutorService readers) throws IOException {
      Iterator<PlannedRow> remaining = chooseCodec(rows);
      ReadBatch.Reading reading = new ReadBatch.Reading(
          source, throttle, codec, source.traits().mtimeGranularityNanos(), Clock.systemUTC());
      ReadBatch batch = new ReadBatch();
      while (remaining.hasNext()) {
        PlannedRow row = remaining.next();
        if (!batch.hasRoomFor(row, readAhead)) {
          start(batch, readers, reading);
          batch = new ReadBatch();
        }
        batch.add(row);
      }
      if (!batch.isEmpty()) {
        start(batch, readers, reading);
      }
      while (!inFlight.isEmpty()) {
        appendNext();
      }
    }

    private Iterator<PlannedRow> chooseCodec(Iterator<PlannedRow> rows) throws IOException {
      Codecs.Choice choice = codecs.choose(options.codec(), rows, source, throttle);
      codec = choice.codec();
      return choice.rows();
    }

    private void start(ReadBatch batch, ExecutorService readers, ReadBatch.Reading reading) throws IOException {
      while (!inFlight.isEmpty()
          && (inFlight.peek().isDone()
              || buffered + batch.slabSize() > readAhead.maxBytes()
              || inFlight.size() >= 4 * readAhead.threads())) {
        appendNext();
      }
      buffered += batch.slabSize();
      peakBuffered = Math.max(peakBuffered, buffered);
      batch.start(slabs, readers::submit, reading);
      inFlight.add(batch);
    }

    private void appendNext() throws IOException {
      ReadBatch batch = inFlight.remove();
      Result[] results = batch.await();
      long appendedBytes = 0;
      for (int i = 0; i < results.length; i++) {
        PlannedRow row = batch.rows().get(i);
        append(row, results[i]);
        appendedBytes += row.payloadBytes();
      }
      buffered -= batch.slabSize();
      batch.release(slabs);
      progress.appended(results.length, appendedBytes);
    }

    private void append(PlannedRow row, Result result) throws IOException {
      switch (row.action()) {
        case FOLD -> {
          if (result.looseReason() != null) {
            leaveLoose(row, result.looseReason());
            return;
          }
          boolean unchanged = row.heldCrc32c().isPresent()
              && row.heldCrc32c().getAsInt() == result.payload().crc32c();
          if (unchanged) {
            return;
          }
          writer(row).addFile(row.path(), row.info().attributes(), result.payload(), result.racy());
          files++;
          bytes += row.info().length();
        }
        case PASS_THROUGH -> {
          writer(row).addPassThrough(row.path(), row.info().attributes(), row.info().length());
          files++;
        }
        case RECORD_DIRECTORY -> writer(row).addDirectory(row.path(), row.info().attributes());
        case REPLACE -> {}
        case LEAVE_LOOSE -> {
          leaveLoose(row, DiffMerge.looseReason());
          return;
        }
      }
      dead.add(row.dead());
    }

    private ContainerWriter writer(PlannedRow row) throws IOException {
      if (writer == null) {
        sink = dataset.create(ContainerSummary.pathOf(id));
        writer = ContainerWriter.create(sink, id);
        if (codec != null && codec.dictionary().isPresent()) {
          writer.setDictionary(codec.dictionary().get());
        }
        firstKey = row.key();
      }
      lastKey = row.key();
      return writer;
    }

    private void leaveLoose(PlannedRow row, String reason) throws IOException {
      if (looseList == null) {
        looseList = looseLists.create();
      }
      looseList.add(row.path().toString(), reason);
      loose.add(row.path().toString(), reason);
    }

    StagedGroup finish() throws IOException {
      List<ContainerSummary> containers = writer == null ? List.of() : List.of(finishContainer());
      List<FileReference> lists = looseList == null ? List.of() : List.of(looseList.finish());
      return new StagedGroup(
          containers,
          dead.dead(),
          dead.uncounted(),
          dead.counted(),
          files,
          bytes,
          loose,
          lists,
          peakBuffered);
    }

    private ContainerSummary finishContainer() throws IOException {
      ContainerStatistics written = writer.finish();
      ContainerCheck.check(dataset, ContainerSummary.pathOf(id), written);
      FileReference rows;
      try (ByteSource container = dataset.open(ContainerSummary.pathOf(id));
          ContainerReader reader = ContainerReader.open(container, id)) {
        rows = catalog.write(dataset, id, reader.index());
      }
      return new ContainerSummary(
          id,
          written.length(),
          written.crc32c(),
          written.indexOffset(),
          written.entries(),
          written.passThroughs(),
          written.directories(),
          written.payloadBytes(),
          written.storedBytes(),
          written.passThroughBytes(),
          new KeyRange(firstKey, lastKey),
          0,
          rows);
    }

    @Override
    public void close() throws IOException {
      try (ByteSink abandoned = sink;
          ContainerWriter unfinished = writer;
          LooseList list = looseList) {
        while (!inFlight.isEmpty()) {
          inFlight.remove().await();
        }
      }
    }
  }
}
