package io.pleat.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An index pack on a local disk, mapped: its index blocks are used in place. Opening it looks at footer and table only. The mapping goes when this
 * and all its blocks were closed. Nobody may change or shorten the file meanwhile; it may be deleted or replaced by another. Thread-safe.
 */
public final class MappedIndexPack implements Closeable {
  /*
   * One mapping has at most 2^31 - 1 bytes. So the file is mapped in windows that start every 2^29 bytes and overlap: wherever a block
   * starts, the window that starts last before it holds all of it, as it has at most 2^30 bytes and 2^20 of piece checksums, its footer, and less than a page.
   */
  private static final int WINDOW_SHIFT = 29;

  private final Path file;
  private final IndexPack pack;
  private final ByteBuffer table;
  private final List<ByteBuffer> windows;
  private final AtomicInteger holders = new AtomicInteger(1);
  private boolean closed;

  private MappedIndexPack(Path file, IndexPack pack, ByteBuffer table, List<ByteBuffer> windows) {
    this.file = file;
    this.pack = pack;
    this.table = table;
    this.windows = windows;
  }

  /**
   * Maps a pack.
   *
   * @throws NoSuchFileException if it does not exist
   * @throws CorruptDataException if footer or table are damaged
   * @throws UnsupportedFormatException if it is of a later version
   */
  public static MappedIndexPack open(Path file) throws IOException {
    List<ByteBuffer> mapped = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = channel.size();
      IndexPack.checkLength(length, file.toString());
      ByteBuffer footer = Reads.buffer(PackLayout.FOOTER_LENGTH);
      channel.read(footer, length - PackLayout.FOOTER_LENGTH);
      PackLayout.Footer checked = PackLayout.check(footer, file.toString(), length);
      long tableAt = checked.tableAt();
      ByteBuffer table = map(channel, tableAt, length - tableAt - PackLayout.FOOTER_LENGTH);
      mapped.add(table);
      IndexPack pack = IndexPack.of(table, checked, file.toString());
      for (long start = 0; start < tableAt; start += 1L << WINDOW_SHIFT) {
        mapped.add(map(channel, start, Math.min(Integer.MAX_VALUE, tableAt - start)));
      }
      return new MappedIndexPack(file, pack, table, List.copyOf(mapped.subList(1, mapped.size())));
    } catch (IOException | RuntimeException e) {
      mapped.forEach(MappedIndexPack::unmap);
      throw e;
    }
  }

  private static ByteBuffer map(FileChannel channel, long start, long length) throws IOException {
    return channel.map(FileChannel.MapMode.READ_ONLY, start, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void unmap(ByteBuffer mapping) {
    OffHeap.free(mapping);
  }

  /** Where it is. */
  public Path file() {
    return file;
  }

  /** Number of index blocks. */
  public int size() {
    return pack.size();
  }

  /**
   * The index block of a container, if it is here and of this very container: as long, and with its index block in the same place. The caller
   * closes it.
   *
   * @param spare answers what this block cannot, should a part of it turn out to be damaged
   * @throws CorruptDataException if it is damaged in a place that is looked at now
   * @throws IllegalStateException if this pack was closed
   */
  public Optional<IndexBlock> block(
      ContainerId container, long containerLength, long indexOffset, IndexBlock.Spare spare)
      throws IOException {
    retain();
    boolean lent = false;
    try {
      Optional<IndexPack.Row> found = pack.find(container, containerLength, indexOffset);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      IndexPack.Row row = found.get();
      ByteBuffer window = windows.get((int) (row.offset() >>> WINDOW_SHIFT));
      int at = (int) (row.offset() & (1L << WINDOW_SHIFT) - 1);
      String name = "index block of container " + container + " in " + file;
      IndexBlock block = IndexBlock.map(
          new MemoryRange(
              window, at, row.length(), new PieceChecks(window, at, row.length(), container, name)),
          name,
          indexOffset,
          container,
          spare,
          this::release);
      lent = true;
      return Optional.of(block);
    } finally {
      if (!lent) {
        release();
      }
    }
  }

  private void retain() {
    while (true) {
      int now = holders.get();
      if (now == 0) {
        throw new IllegalStateException("index pack is closed: " + file);
      }
      if (holders.compareAndSet(now, now + 1)) {
        return;
      }
    }
  }

  private void release() {
    if (holders.decrementAndGet() == 0) {
      unmap(table);
      windows.forEach(MappedIndexPack::unmap);
    }
  }

  /** The mapping stays until the last block was closed and its last call has returned. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    release();
  }
}
