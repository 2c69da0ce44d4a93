package io.pleat.store;

import static io.pleat.format.Preconditions.checkState;

import io.pleat.format.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A new local file. */
final class LocalSink implements ByteSink {
  /** Makes a new file's name durable. */
  interface Sync {
    void newName(Path file) throws IOException;
  }

  /* A file of one write is written as it comes; from the second on, small writes are gathered into large ones. */
  private static final int BUFFER_LENGTH = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final Sync sync;
  private ByteBuffer gathered;
  private long position;
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
    while (source.hasRemaining()) {
      channel.write(source);
    }
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
      channel.force(true);
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
