package io.pleat.read;

import java.io.IOException;
import java.util.List;

/** The answers of one batch, in the order asked for, in pooled memory that {@link #close} releases. Thread-safe. */
public final class PooledBatch implements AutoCloseable {
  private final List<BatchItem> items;

  PooledBatch(List<BatchItem> items) {
    this.items = List.copyOf(items);
  }

  /** How many paths were asked for. */
  public int size() {
    return items.size();
  }

  /**
   * The bytes of one path: always the same object, released with the batch or before.
   *
   * @param index place of the path among those asked for, from 0
   * @throws IOException if that file cannot be read, as {@link FoldedDataset#read} says
   */
  public PooledBytes get(int index) throws IOException {
    BatchItem item = items.get(index);
    if (item.failure != null) {
      throw item.failure;
    }
    return item.bytes;
  }

  /** Releases all bytes that were not released one by one; again, does nothing. */
  @Override
  public void close() {
    for (BatchItem item : items) {
      if (item.bytes != null) {
        item.bytes.close();
      }
    }
  }
}
