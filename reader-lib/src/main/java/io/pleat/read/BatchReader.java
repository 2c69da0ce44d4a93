package io.pleat.read;

import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The bytes of many files in the order asked for. Locates as many as fit the bound, reads them, hands them out, and reads the next ones
 * meanwhile. Not thread-safe.
 */
final class BatchReader {
  private static final int MOST_FILES_A_BATCH = 1 << 16;
  private static final int PREPARED_AT_ONCE = 4096;

  private final BatchReads reads;
  private final ReadCrew crew;
  private final List<LogicalPath> paths;
  private final long bound;
  private final boolean readsAhead;
  private final Deque<BatchItem> ready = new ArrayDeque<>();

  // Of whoever gathers: this thread, or the one that reads ahead, never both.
  private int next;
  private int prepared;
  private BatchItem held;

  private CompletableFuture<List<BatchItem>> ahead;

  /**
   * @param bound on the original bytes that are held ready
   * @param readsAhead whether the next batch is read while one is handed out; then each takes half of the bound
   */
  BatchReader(
      BatchReads reads, ReadCrew crew, List<LogicalPath> paths, long bound, boolean readsAhead) {
    this.reads = reads;
    this.crew = crew;
    this.paths = paths;
    this.bound = readsAhead ? bound / 2 : bound;
    this.readsAhead = readsAhead;
  }

  boolean hasNext() {
    return !ready.isEmpty() || ahead != null || isMoreToGather();
  }

  /** The bytes of the next path, to be released by the caller; a failure is that path's, and the next call goes on behind it. */
  PooledBytes next() throws IOException {
    if (ready.isEmpty()) {
      ready.addAll(ahead == null ? batch() : awaited());
      if (readsAhead && isMoreToGather()) {
        ahead = crew.start(this::batch);
      }
    }
    return ready.remove().take();
  }

  /** Gives back everything that was read and not handed out; nothing is read any more. */
  void release() {
    ready.forEach(BatchItem::release);
    ready.clear();
    if (ahead != null) {
      ahead.thenAccept(items -> items.forEach(BatchItem::release));
      ahead = null;
    }
    next = paths.size();
    held = null;
  }

  private boolean isMoreToGather() {
    return held != null || next < paths.size();
  }

  private List<BatchItem> awaited() throws IOException {
    CompletableFuture<List<BatchItem>> reading = ahead;
    ahead = null;
    try {
      return reading.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    }
  }

  private List<BatchItem> batch() {
    List<BatchItem> items = new ArrayList<>();
    long bytes = 0;
    while (isMoreToGather() && items.size() < MOST_FILES_A_BATCH) {
      BatchItem item = held != null ? held : located();
      held = null;
      if (!items.isEmpty() && item.length() > bound - bytes) {
        held = item;
        break;
      }
      bytes += item.length();
      items.add(item);
    }
    reads.read(items);
    return items;
  }

  private BatchItem located() {
    if (next == prepared) {
      prepared = Math.min(paths.size(), next + PREPARED_AT_ONCE);
      reads.prepare(paths.subList(next, prepared));
    }
    return reads.locate(paths.get(next++));
  }
}
