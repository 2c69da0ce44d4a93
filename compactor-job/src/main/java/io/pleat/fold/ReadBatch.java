package io.pleat.fold;

import io.pleat.format.Payload;
import io.pleat.format.PayloadCodec;
import io.pleat.store.FileInfo;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Consecutive rows of a group whose files are read together by one thread. */
final class ReadBatch {
  private static final int MAX_ROWS = 256;

  /** Bytes that several files read together have at most; a larger file is read alone. */
  private static final long MAX_SHARED_BYTES = 1 << 20;

  private final List<PlannedRow> rows = new ArrayList<>();
  private long bytes;
  private int reads;
  private byte[] slab;
  private Result[] results;
  private Future<?> future;

  /** What became of one row: a payload, or the reason why the file stays loose; neither for what is not read. */
  record Result(Payload payload, boolean racy, String looseReason) {
    static final Result NOT_READ = new Result(null, false, null);
  }

  boolean hasRoomFor(PlannedRow row, int filesPerRead) {
    if (rows.isEmpty()) {
      return true;
    }
    boolean read = row.action() == PlannedRow.Action.FOLD;
    return rows.size() < MAX_ROWS
        && (!read || (reads < filesPerRead && bytes + row.info().length() <= MAX_SHARED_BYTES));
  }

  void add(PlannedRow row) {
    rows.add(row);
    if (row.action() == PlannedRow.Action.FOLD) {
      bytes += row.info().length();
      reads++;
    }
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  List<PlannedRow> rows() {
    return rows;
  }

  /** Bytes that the batch holds while it is in flight. */
  int slabSize() {
    return reads == 0 ? 0 : SlabPool.slabSize(Math.toIntExact(bytes));
  }

  void start(SlabPool pool, ExecutorService readers, Reading reading) {
    results = new Result[rows.size()];
    if (reads == 0) {
      Arrays.fill(results, Result.NOT_READ);
      return;
    }
    slab = pool.take(Math.toIntExact(bytes));
    future = readers.submit(() -> read(reading));
  }

  boolean isDone() {
    return future == null || future.isDone();
  }

  /** Waits for the reads, and gives the results in the order of the rows. */
  Result[] await() throws IOException {
    if (future == null) {
      return results;
    }
    try {
      future.get();
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading", e);
    } catch (ExecutionException e) {
      throw new IOException("reading failed: " + e.getCause(), e.getCause());
    }
  }

  void release(SlabPool pool) {
    if (slab != null) {
      pool.give(slab);
      slab = null;
    }
  }

  /** What reading needs. */
  record Reading(
      Store source,
      Throttle throttle,
      PayloadCodec codec,
      ReadPace pace,
      long mtimeGranularityNanos,
      Clock clock) {}

  private void read(Reading reading) {
    long begun = System.nanoTime();
    ByteBuffer buffer = ByteBuffer.wrap(slab);
    for (int i = 0; i < results.length; i++) {
      results[i] = rows.get(i).action() == PlannedRow.Action.FOLD
          ? readFile(reading, rows.get(i).info(), buffer)
          : Result.NOT_READ;
    }
    reading.pace.measured(reads, System.nanoTime() - begun);
  }

  private static Result readFile(Reading reading, FileInfo file, ByteBuffer buffer) {
    int start = buffer.position();
    int length = Math.toIntExact(file.length());
    reading.throttle.request();
    reading.throttle.bytes(length);
    Instant before = reading.clock.instant();
    try {
      ByteBuffer target = buffer.slice(start, length);
      reading.source.readUnchanged(file, target);
      buffer.position(start + length);
      ByteBuffer content = buffer.slice(start, length);
      Payload payload =
          reading.codec == null ? Payload.raw(content) : reading.codec.encode(content);
      return new Result(payload, isRacy(reading, file, before), null);
    } catch (NoSuchFileException e) {
      return new Result(null, false, "vanished during the fold");
    } catch (SourceChangedException e) {
      return new Result(null, false, "changed during the fold");
    } catch (AccessDeniedException e) {
      return new Result(null, false, "cannot be read: permission denied");
    } catch (IOException e) {
      return new Result(null, false, "cannot be read: " + e.getClass().getSimpleName());
    }
  }

  /** Whether the file may change once more without its modification time showing it; an etag always shows it. */
  private static boolean isRacy(Reading reading, FileInfo file, Instant before) {
    if (!file.attributes().etag().isEmpty()) {
      return false;
    }
    Instant mtime = mtime(file);
    Instant after = reading.clock.instant();
    return !mtime.isBefore(before.minusNanos(reading.mtimeGranularityNanos))
        && !mtime.isAfter(after.plusNanos(reading.mtimeGranularityNanos));
  }

  private static Instant mtime(FileInfo file) {
    long seconds = file.attributes().mtimeSeconds();
    long bounded =
        Math.max(Instant.MIN.getEpochSecond(), Math.min(Instant.MAX.getEpochSecond(), seconds));
    return Instant.ofEpochSecond(bounded, file.attributes().mtimeNanos());
  }
}
