package io.pleat.read;

import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;

/**
 * The bytes of many files in the order asked for. Locates as many as fit the bound, reads them container by container in few large
 * reads, hands them out, and goes on. Not thread-safe.
 */
final class BatchReader implements Iterator<ByteBuffer> {
  private static final int MOST_FILES_A_BATCH = 1 << 16;
  private static final long LONGEST_READ = 8L << 20;

  private final FileReads files;
  private final Iterator<LogicalPath> paths;
  private final long bound;
  private final RangeCoalescer coalescer;
  private final Deque<Item> ready = new ArrayDeque<>();
  private Item held;
  private ByteBuffer buffer = ByteBuffer.allocate(0);

  /**
   * @param bound on the original bytes that are held ready
   * @param maxGap see {@link RangeCoalescer}
   */
  BatchReader(FileReads files, Iterator<LogicalPath> paths, long bound, long maxGap) {
    this.files = files;
    this.paths = paths;
    this.bound = bound;
    this.coalescer = new RangeCoalescer(maxGap, LONGEST_READ);
  }

  /** One path of the batch on its way; a failure waits until it is its turn. */
  private static final class Item {
    private final LogicalPath path;
    private LocatedFile file;
    private ByteBuffer bytes;
    private IOException failure;

    Item(LogicalPath path) {
      this.path = path;
    }

    boolean isInContainer() {
      return file != null && file.payload().isFolded();
    }

    Extent extent() {
      return file.payload().extent();
    }
  }

  @Override
  public boolean hasNext() {
    return !ready.isEmpty() || held != null || paths.hasNext();
  }

  @Override
  public ByteBuffer next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (ready.isEmpty()) {
      nextBatch();
    }
    Item item = ready.remove();
    try {
      if (item.failure != null) {
        throw item.failure;
      }
      return item.isInContainer() ? files.counted(item.bytes) : files.read(item.file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void nextBatch() {
    long bytes = 0;
    Map<Integer, List<Item>> byContainer = new TreeMap<>();
    while ((held != null || paths.hasNext()) && ready.size() < MOST_FILES_A_BATCH) {
      Item item = held != null ? held : located(paths.next());
      held = null;
      if (item.isInContainer()) {
        if (!ready.isEmpty() && item.file.payload().length() > bound - bytes) {
          held = item;
          break;
        }
        bytes += item.file.payload().length();
        byContainer
            .computeIfAbsent(item.file.container(), number -> new ArrayList<>())
            .add(item);
      }
      ready.add(item);
    }
    byContainer.forEach(this::readContainer);
  }

  private Item located(LogicalPath path) {
    Item item = new Item(path);
    try {
      item.file = files.locate(item.path);
    } catch (IOException e) {
      item.failure = e;
    }
    return item;
  }

  private void readContainer(int number, List<Item> items) {
    try (LeaseCache.Lease<IndexedContainer> lease = files.borrow(number)) {
      for (RangeCoalescer.Read<Item> read : coalescer.coalesce(
          items, item -> item.extent().offset(), item -> item.extent().length())) {
        readRange(lease.value(), read);
      }
    } catch (IOException e) {
      fail(items, e);
    }
  }

  private static void readAlone(IndexedContainer container, Item item) {
    try {
      item.bytes = container.read(item.file.payload());
    } catch (IOException e) {
      item.failure = e;
    }
  }

  private void readRange(IndexedContainer container, RangeCoalescer.Read<Item> read) {
    if (read.members().size() == 1 || read.length() > LONGEST_READ) {
      read.members().forEach(item -> readAlone(container, item));
      return;
    }
    ByteBuffer stored;
    try {
      stored = buffer(read.length());
      container.fill(read.offset(), stored);
    } catch (IOException e) {
      fail(read.members(), e);
      return;
    }
    for (Item item : read.members()) {
      int start = (int) (item.extent().offset() - read.offset());
      try {
        ByteBuffer slice = stored.slice(start, (int) item.extent().length());
        item.bytes = owned(container.payloads().decode(item.file.payload(), slice), slice);
      } catch (IOException e) {
        item.failure = e;
      }
    }
  }

  /** Raw payloads are views of the shared buffer, which the next read overwrites. */
  private static ByteBuffer owned(ByteBuffer decoded, ByteBuffer slice) {
    if (!decoded.hasArray() || decoded.array() != slice.array()) {
      return decoded;
    }
    return ByteBuffer.allocate(decoded.remaining()).put(decoded).flip();
  }

  private ByteBuffer buffer(long length) {
    if (buffer.capacity() < length) {
      buffer = ByteBuffer.allocate(Math.toIntExact(length));
    }
    return buffer.clear().limit((int) length);
  }

  private static void fail(List<Item> items, IOException failure) {
    for (Item item : items) {
      if (item.bytes == null && item.failure == null) {
        item.failure = failure;
      }
    }
  }
}
