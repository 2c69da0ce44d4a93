package io.pleat.format;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.zip.CRC32C;

/**
 * Reads a source from start to end, piece by piece, in a thread of its own, and computes the CRC32C of all of it on the way, while the bytes are
 * near. One piece is read while another is looked at. One thread takes the pieces.
 */
final class ReadAhead implements AutoCloseable {
  private static final int BUFFERS = 2;

  private final ByteSource source;
  private final long end;
  private final int length;
  private final BlockingQueue<Piece> read = new ArrayBlockingQueue<>(BUFFERS);
  private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final ByteBuffer[] buffers = new ByteBuffer[BUFFERS];
  private final ByteBuffer none = OffHeap.allocate(1);
  private final CRC32C crc = new CRC32C();
  private Thread thread;
  private Exception failure; // null until there is one
  private long taken;
  private volatile boolean stopped;

  /** @param failure null if the bytes could be read */
  private record Piece(ByteBuffer buffer, Exception failure) {}

  /**
   * Reads nothing yet.
   *
   * @param length of a piece; the last may be shorter
   */
  ReadAhead(ByteSource source, long end, int length) {
    this.source = source;
    this.end = end;
    this.length = (int) Math.max(1, Math.min(length, end));
  }

  /** A buffer to give back for the first piece. */
  ByteBuffer none() {
    return none;
  }

  /** Where in its buffer a piece starts: so many bytes before it are the taker's. */
  int headroom() {
    return length;
  }

  /** How long the piece that starts at {@code position} is. */
  int pieceLength(long position) {
    return (int) Math.min(length, end - position);
  }

  /** The next piece. Waits for it. */
  ByteBuffer next() throws IOException {
    if (failure != null) {
      throw new IOException("cannot read on: " + failure.getMessage(), failure);
    }
    if (end <= length) {
      return readAtOnce();
    }
    if (thread == null) {
      start();
    }
    Piece piece;
    try {
      piece = read.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading " + source);
    }
    if (piece.failure() instanceof IOException e) {
      failure = e;
      throw e;
    }
    if (piece.failure() != null) {
      failure = piece.failure();
      throw new IOException("cannot read " + source + ": " + failure, failure);
    }
    taken++;
    return piece.buffer();
  }

  /** Nothing to read meanwhile: a thread would not pay. */
  private ByteBuffer readAtOnce() throws IOException {
    buffers[0] = OffHeap.allocate(2 * length);
    readPiece(buffers[0], 0);
    taken++;
    return buffers[0];
  }

  private void start() {
    for (int i = 0; i < BUFFERS; i++) {
      buffers[i] = OffHeap.allocate(2 * length);
      free.add(buffers[i]);
    }
    thread = new Thread(this::readAll, "pleat-read-ahead");
    thread.setDaemon(true);
    thread.start();
  }

  /** Lets a piece's buffer be used again. */
  void giveBack(ByteBuffer buffer) {
    if (buffer != none) {
      free.add(buffer);
    }
  }

  private void readAll() {
    try {
      for (long at = 0; at < end && !stopped; at += length) {
        ByteBuffer buffer = free.take();
        if (stopped) {
          return;
        }
        readPiece(buffer, at);
        read.add(new Piece(buffer, null));
      }
    } catch (Exception e) {
      read.add(new Piece(none, e));
    }
  }

  private void readPiece(ByteBuffer buffer, long at) throws IOException {
    int pieceEnd = length + pieceLength(at);
    buffer.limit(pieceEnd).position(length);
    Reads.readFully(source, at, buffer); // In one piece: on an object store each read is a request.
    buffer.limit(pieceEnd).position(length);
    crc.update(buffer);
    buffer.clear();
  }

  /** CRC32C of all bytes; takes the pieces that are left. */
  int crc() throws IOException {
    while (taken < (end + length - 1) / length) {
      giveBack(next());
    }
    return (int) crc.getValue();
  }

  @Override
  public void close() {
    stopped = true;
    if (thread != null) {
      free.add(
          none); // Wakes it; a read that is under way ends first, as an interrupt would close the
      // file.
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    for (ByteBuffer buffer : buffers) {
      if (buffer != null) {
        OffHeap.free(buffer);
      }
    }
    OffHeap.free(none);
  }
}
