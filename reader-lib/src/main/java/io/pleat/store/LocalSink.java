package io.pleat.store;

import static io.pleat.format.Preconditions.checkState;

import io.pleat.format.ByteSink;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A new local file. */
final class LocalSink implements ByteSink {
  /** Makes a new file's name durable. */
  interface Sync {
    void newName(Path file) throws IOException;
  }

  /* A file of one write is written as it comes; from the second on, small writes are gathered into large ones. */
  private static final int BUFFER_LENGTH = 1 << 20;

  /*
   * A large file is synced as it grows, behind the writer's back, so that little is left to wait for at the end and the kernel
   * never has to stop the writer until memory is clean. A failed sync is reported to a file handle once only, so it is kept.
   */
  private static final long SYNC_STEP = 64 << 20;

  private static final ExecutorService SYNCS = Executors.newCachedThreadPool(runnable -> {
    Thread thread = new Thread(runnable, "pleat-sync");
    thread.setDaemon(true);
    return thread;
  });

  private final Path file;
  private final FileChannel channel;
  private final Sync sync;
  private Future<?> early = CompletableFuture.completedFuture(null);
  private long syncedAt;
  private ByteBuffer gathered;
  private long position;
  private long written;
  private boolean finished;

  /** @param sync null if neither file nor name shall be synced */
  LocalSink(Path file, FileChannel channel, Sync sync) {
    this.file = file;
    this.channel = channel;
    this.sync = sync;
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    checkState(!finished, "already finished: %s", file);
    int length = source.remaining();
    if (position == 0 || length >= BUFFER_LENGTH) {
      flush();
      writeAll(source);
    } else {
      if (gathered == null) {
        gathered = ByteBuffer.allocateDirect(BUFFER_LENGTH);
      }
      if (length > gathered.remaining()) {
        flush();
      }
      gathered.put(source);
    }
    position += length;
  }

  private void flush() throws IOException {
    if (gathered != null) {
      gathered.flip();
      writeAll(gathered);
      gathered.clear();
    }
  }

  private void writeAll(ByteBuffer source) throws IOException {
    try {
      while (source.hasRemaining()) {
        written += channel.write(source);
      }
    } catch (IOException e) {
      throw naming(e);
    }
    if (sync != null && written - syncedAt >= SYNC_STEP && early.isDone()) {
      awaitEarlySync();
      syncedAt = written;
      early = SYNCS.submit(() -> {
        channel.force(false);
        return null;
      });
    }
  }

  private void awaitEarlySync() throws IOException {
    try {
      early.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while syncing " + file);
    } catch (ExecutionException e) {
      throw new IOException("cannot sync " + file + ": " + e.getCause().getMessage(), e.getCause());
    }
  }

  /** The failure with the file's name, which those of a channel lack. */
  private IOException naming(IOException e) {
    return naming(file, e);
  }

  /** The same of another file. */
  static IOException naming(Path file, IOException e) {
    if (e instanceof ClosedChannelException) {
      return e;
    }
    FileSystemException named = new FileSystemException(file.toString(), null, Reasons.of(e));
    named.initCause(e);
    return named;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void finish() throws IOException {
    checkState(!finished, "already finished: %s", file);
    flush();
    if (sync != null) {
      awaitEarlySync();
      try {
        channel.force(true);
      } catch (IOException e) {
        throw naming(e);
      }
    }
    channel.close();
    if (sync != null) {
      sync.newName(file);
    }
    finished = true;
    gathered = null;
  }

  @Override
  public void close() throws IOException {
    gathered = null;
    if (!finished) {
      finished = true;
      channel.close();
      Files.deleteIfExists(file);
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
