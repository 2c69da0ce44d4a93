package io.pleat.read.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;
import java.util.zip.CRC32C;

/**
 * How many bytes a folder holds, in a small file that all processes share. It is an estimate: a process that dies may leave what it did not use, so it is
 * counted anew whenever something is evicted. Thread-safe.
 */
final class CacheAccount {
  /** The total is not known, because the file is new or damaged. */
  static final long UNKNOWN = -1;

  private static final int LENGTH = Long.BYTES + Integer.BYTES;

  private static final int MOST_TRIES = 1000;
  private static final long WAIT_NANOS = 100_000;

  private final Path file;

  CacheAccount(Path file) {
    this.file = file;
  }

  /** The total, or {@link #UNKNOWN}. */
  long total() throws IOException {
    return update(total -> total);
  }

  /** Sets the total to what {@code change} makes of it, which may be {@link #UNKNOWN}; nobody else sees or changes it meanwhile. */
  long update(LongUnaryOperator change) throws IOException {
    // A lock of a file is the process's: threads exclude each other here.
    synchronized (CacheAccount.class) {
      try (FileChannel channel = FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
          FileLock lock = lock(channel)) {
        long before = read(channel);
        long after = change.applyAsLong(before);
        if (after != before) {
          ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
          bytes.putLong(after).putInt(crc(bytes)).flip();
          channel.write(bytes, 0);
        }
        return after;
      }
    }
  }

  /** Waits also for whoever in this process does not share this class. */
  private static FileLock lock(FileChannel channel) throws IOException {
    for (int tries = 0; ; tries++) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException e) {
        if (tries == MOST_TRIES) {
          throw new IOException("the lock is held within this process for too long", e);
        }
        LockSupport.parkNanos(WAIT_NANOS);
      }
    }
  }

  private static long read(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {}
    if (bytes.hasRemaining()) {
      return UNKNOWN;
    }
    bytes.position(Long.BYTES);
    long total = bytes.getLong(0);
    return crc(bytes) == bytes.getInt(Long.BYTES) && total >= 0 ? total : UNKNOWN;
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().position(0).limit(Long.BYTES));
    return (int) crc.getValue();
  }
}
