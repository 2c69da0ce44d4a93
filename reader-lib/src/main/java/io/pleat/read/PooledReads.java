package io.pleat.read;

import static io.pleat.format.Preconditions.checkState;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The bytes of many files in the order asked for, in pooled memory. What {@link #next} gave is the caller's to release; {@link #close}
 * releases what was read ahead and not asked for. Not thread-safe.
 */
public final class PooledReads implements Iterator<PooledBytes>, AutoCloseable {
  private final BatchReader reader;
  private boolean closed;

  PooledReads(BatchReader reader) {
    this.reader = reader;
  }

  @Override
  public boolean hasNext() {
    return !closed && reader.hasNext();
  }

  /**
   * The bytes of the next path.
   *
   * @throws UncheckedIOException if that file cannot be read; the next call goes on behind it
   * @throws IllegalStateException if this or the dataset was closed
   */
  @Override
  public PooledBytes next() {
    checkState(!closed, "the reads were closed");
    if (!reader.hasNext()) {
      throw new NoSuchElementException();
    }
    try {
      return reader.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      reader.release();
    }
  }
}
