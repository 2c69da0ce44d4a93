package io.pleat.maintain;

import io.pleat.dataset.DeletionVector;
import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.IndexBlock;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.store.OutOfSpace;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Restores the files of containers on a few threads. Each task takes a run of neighbours, reads their bytes at once and writes them
 * one by one. At most two tasks a thread are under way, so memory is bounded: {@value #STRETCH_LENGTH} bytes and one file a thread.
 */
final class FileTasks implements Closeable {
  private static final int STRETCH_LENGTH = 4 << 20;
  private static final int FILES_PER_TASK = 512;

  private final FoldedDataset dataset;
  private final OriginalAccess access;
  private final Target target;
  private final Tally tally;
  private final ExecutorService threads;
  private final Semaphore slots;
  private final int slotCount;
  private final AtomicReference<IOException> fatal = new AtomicReference<>();

  FileTasks(
      FoldedDataset dataset, OriginalAccess access, Target target, Tally tally, int parallelism) {
    this.dataset = dataset;
    this.access = access;
    this.target = target;
    this.tally = tally;
    this.slotCount = 2 * parallelism;
    this.slots = new Semaphore(slotCount);
    AtomicInteger number = new AtomicInteger();
    this.threads = Executors.newFixedThreadPool(parallelism, task -> {
      Thread thread = new Thread(task, "pleat-unfold-" + number.getAndIncrement());
      thread.setDaemon(true);
      return thread;
    });
  }

  /**
   * Starts the restoring of the live ones among the entries of one container; waits only for free slots. The reader and its bytes
   * are closed when the last is done.
   *
   * @param path the container's, for what cannot be said of one of its files
   * @throws FatalException if the run cannot go on, such as for lack of space
   */
  void restore(
      LogicalPath path,
      ReadAheadSource bytes,
      ContainerReader reader,
      DeletionVector dead,
      List<Selection.Ordinals> ordinals)
      throws IOException {
    Borrowed container = new Borrowed(path, bytes, reader);
    try {
      IndexBlock index = reader.index();
      for (Selection.Ordinals range : ordinals) {
        int from = range.from();
        while (from < range.to()) {
          int to = endOfTask(index, from, range.to());
          submit(container, dead, from, to);
          from = to;
        }
      }
    } finally {
      container.giveBack();
    }
  }

  private static int endOfTask(IndexBlock index, int from, int limit) throws IOException {
    Extent first = index.extent(from);
    int to = from + 1;
    while (to < limit && to - from < FILES_PER_TASK) {
      Extent next = index.extent(to);
      if (next.offset() + next.length() - first.offset() > STRETCH_LENGTH) {
        break;
      }
      to++;
    }
    return to;
  }

  private void submit(Borrowed container, DeletionVector dead, int from, int to)
      throws IOException {
    if (dead.containsAll(from, to)) {
      return;
    }
    rethrowFatal();
    acquire(1);
    container.borrow();
    threads.execute(() -> {
      try {
        restore(container, dead, from, to);
      } catch (IOException e) {
        fatal.compareAndSet(null, e);
      } catch (RuntimeException | Error e) {
        fatal.compareAndSet(null, new IOException("unfold failed: " + e, e));
      } finally {
        container.bytes.release();
        container.giveBack();
        slots.release();
      }
    });
  }

  private void restore(Borrowed container, DeletionVector dead, int from, int to)
      throws IOException {
    IndexBlock index = container.reader.index();
    hold(container, from, to);
    for (int ordinal = from; ordinal < to && fatal.get() == null; ordinal++) {
      if (dead.contains(ordinal)) {
        continue;
      }
      LogicalPath path = container.path;
      try {
        Entry entry = index.entry(ordinal);
        path = entry.path();
        if (entry.kind() == Entry.Kind.FOLDED) {
          ByteBuffer content = container.reader.read(entry);
          target.restore(entry, sink -> sink.write(content));
        } else {
          restorePassThrough(entry);
        }
      } catch (IOException | IllegalArgumentException e) {
        if (OutOfSpace.is(e)) {
          throw new IOException("no space left at " + target + ": " + Reason.of(e), e);
        }
        tally.failed(path, Reason.of(e));
      }
    }
    tally.tellProgress();
  }

  private static void hold(Borrowed container, int from, int to) {
    try {
      Extent first = container.reader.index().extent(from);
      Extent last = container.reader.index().extent(to - 1);
      long length = last.offset() + last.length() - first.offset();
      if (length <= 0 || length > STRETCH_LENGTH) {
        return;
      }
      container.bytes.hold(first.offset(), (int) length);
    } catch (IOException e) {
      return; // each file is then read on its own, and says itself what is wrong with it
    }
  }

  private void restorePassThrough(Entry entry) throws IOException {
    try (ByteSource original = dataset.open(entry.path())) {
      Attributes attributes = access.of(entry);
      if (!attributes.equals(entry.attributes())) {
        tally.incomplete(
            entry.path(), "mode, owner or group of its original changed, and are those of now");
      }
      target.restore(entry, attributes, sink -> {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(STRETCH_LENGTH, original.length()));
        for (long at = 0; at < original.length(); at += chunk.limit()) {
          chunk.clear().limit((int) Math.min(chunk.capacity(), original.length() - at));
          original.readFully(at, chunk);
          int length = chunk.flip().limit();
          sink.write(chunk);
          chunk.limit(length);
        }
      });
    }
  }

  private void acquire(int count) throws IOException {
    try {
      slots.acquire(count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("unfold was interrupted");
    }
  }

  private void rethrowFatal() throws IOException {
    IOException first = fatal.get();
    if (first != null) {
      throw new FatalException(first);
    }
  }

  /** Waits for all that was started. */
  @Override
  public void close() throws IOException {
    try {
      acquire(slotCount);
    } finally {
      threads.shutdownNow();
    }
    rethrowFatal();
  }

  /** The run cannot go on: not a matter of one file or container. */
  static final class FatalException extends IOException {
    private static final long serialVersionUID = 1;

    FatalException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** An open container that is closed by whoever is done with it last. */
  private static final class Borrowed {
    private final LogicalPath path;
    private final ReadAheadSource bytes;
    private final ContainerReader reader;
    private final AtomicInteger borrowers = new AtomicInteger(1);

    Borrowed(LogicalPath path, ReadAheadSource bytes, ContainerReader reader) {
      this.path = path;
      this.bytes = bytes;
      this.reader = reader;
    }

    void borrow() {
      borrowers.incrementAndGet();
    }

    void giveBack() {
      if (borrowers.decrementAndGet() == 0) {
        try (bytes) {
          reader.close();
        } catch (IOException e) {
          return; // it was only read
        }
      }
    }
  }
}
