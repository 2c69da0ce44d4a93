package io.pleat.fold;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.LooseListWriter;
import io.pleat.fold.ReadBatch.Result;
import io.pleat.format.ContainerWriter;
import io.pleat.format.PayloadCodec;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
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
  private final Throttle throttle;
  private final EntryCatalog catalog;
  private final LooseListWriter looseList;
  private final RunContainers ids;
  private final long baseVersion;
  private final Progress progress;

  /** Hears how many files and bytes were appended. */
  interface Progress {
    void appended(long files, long bytes);
  }

  /** @param baseVersion the snapshot that is added to, 0 if there is none: then no container has others to overlap, and needs a filter */
  GroupWriter(
      Store source,
      Store dataset,
      FoldOptions options,
      Throttle throttle,
      EntryCatalog catalog,
      LooseListWriter looseList,
      RunContainers ids,
      long baseVersion,
      Progress progress) {
    this.source = source;
    this.dataset = dataset;
    this.options = options;
    this.throttle = throttle;
    this.catalog = catalog;
    this.looseList = looseList;
    this.ids = ids;
    this.baseVersion = baseVersion;
    this.progress = progress;
  }

  /**
   * Writes one group.
   *
   * @param rows in ascending key order
   * @throws IOException if the dataset cannot be written, or what it then holds is not what was written
   */
  StagedGroup write(Iterator<PlannedRow> rows) throws IOException {
    ExecutorService threads = Executors.newCachedThreadPool(runnable -> {
      Thread thread = new Thread(runnable, "pleat-read");
      thread.setDaemon(true);
      return thread;
    });
    try (Run run = new Run(threads)) {
      run.append(rows);
      return run.finish();
    } finally {
      threads.shutdownNow();
    }
  }

  /** One container in the making. */
  private final class Run implements AutoCloseable {
    private final ExecutorService threads;
    private final SlabPool slabs = new SlabPool(ReadPace.MAX_BYTES);
    private final Deque<ReadBatch> inFlight = new ArrayDeque<>();
    private final ReadPace pace = new ReadPace();
    private final DeadMarks dead = new DeadMarks();
    private final ListingTotals.LooseTally loose = new ListingTotals.LooseTally();
    private ContainerBuild build;
    private long files;
    private long bytes;
    private long buffered;
    private long peakBuffered;
    private Codecs.Choice codec;

    Run(ExecutorService threads) {
      this.threads = threads;
    }

    void append(Iterator<PlannedRow> rows) throws IOException {
      codec = Codecs.choose(options.codec(), rows, source, threads);
      Iterator<PlannedRow> remaining = codec.rows();
      ReadBatch.Reading reading = new ReadBatch.Reading(
          source,
          throttle,
          codec.encoder(),
          pace,
          source.traits().mtimeGranularityNanos(),
          Clock.systemUTC());
      ReadBatch batch = new ReadBatch();
      while (remaining.hasNext()) {
        PlannedRow row = remaining.next();
        if (!batch.hasRoomFor(row, pace.filesPerRead())) {
          start(batch, reading);
          batch = new ReadBatch();
        }
        batch.add(row);
      }
      if (!batch.isEmpty()) {
        start(batch, reading);
      }
      while (!inFlight.isEmpty()) {
        appendNext();
      }
    }

    private void start(ReadBatch batch, ReadBatch.Reading reading) throws IOException {
      while (!inFlight.isEmpty()
          && (inFlight.peek().isDone()
              || buffered + batch.slabSize() > ReadPace.MAX_BYTES
              || inFlight.size() >= pace.readsInFlight())) {
        appendNext();
      }
      buffered += batch.slabSize();
      peakBuffered = Math.max(peakBuffered, buffered);
      batch.start(slabs, threads, reading);
      inFlight.add(batch);
    }

    private void appendNext() throws IOException {
      ReadBatch batch = inFlight.remove();
      Result[] results = batch.await();
      long appendedFiles = 0;
      long appendedBytes = 0;
      for (int i = 0; i < results.length; i++) {
        PlannedRow row = batch.rows().get(i);
        append(row, results[i]);
        boolean isFile = row.action() == PlannedRow.Action.FOLD
            || row.action() == PlannedRow.Action.PASS_THROUGH;
        appendedFiles += isFile ? 1 : 0;
        appendedBytes += row.payloadBytes();
      }
      buffered -= batch.slabSize();
      batch.release(slabs);
      progress.appended(appendedFiles, appendedBytes);
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
          writer(row)
              .addPassThrough(row.path(), row.info().attributes(), row.info().length());
          files++;
        }
        case RECORD_DIRECTORY -> writer(row).addDirectory(row.path(), row.info().attributes());
        case REPLACE, VANISH -> {}
        case LEAVE_LOOSE -> {
          leaveLoose(row, DiffMerge.looseReason());
          return;
        }
        case KEEP_ONLY_COPIES -> {
          leaveLoose(row, "the dataset has the only copies of files below this name");
          return;
        }
      }
      dead.add(row.dead());
    }

    private ContainerWriter writer(PlannedRow row) throws IOException {
      if (build == null) {
        build = ContainerBuild.start(dataset, ids.next());
        if (baseVersion > 0) {
          build.writer().addFilter();
        }
        Optional<byte[]> dictionary = codec.codec().flatMap(PayloadCodec::dictionary);
        if (dictionary.isPresent()) {
          build.writer().setDictionary(dictionary.get());
        }
      }
      return build.row(row.key());
    }

    private void leaveLoose(PlannedRow row, String reason) throws IOException {
      looseList.add(row.path().toString(), reason);
      loose.add(row.path().toString(), reason);
    }

    StagedGroup finish() throws IOException {
      List<ContainerSummary> containers =
          build == null ? List.of() : List.of(build.finish(catalog, threads));
      return new StagedGroup(
          containers,
          dead.dead(),
          dead.uncounted(),
          dead.counted(),
          files,
          bytes,
          loose,
          looseList.finish().stream().toList(),
          peakBuffered);
    }

    @Override
    public void close() throws IOException {
      try (ContainerBuild unfinished = build;
          LooseListWriter list = looseList;
          Codecs.Choice chosen = codec) {
        while (!inFlight.isEmpty()) {
          inFlight.remove().await();
        }
      }
    }
  }
}
