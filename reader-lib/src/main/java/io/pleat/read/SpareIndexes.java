package io.pleat.read;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.IndexPackFiles;
import io.pleat.format.ByteSource;
import io.pleat.format.IndexBlock;
import io.pleat.format.IndexPack;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Index blocks of containers that cannot be read, from the dataset's index packs: they tell what the container held, so that its files can come from
 * their originals. Thread-safe.
 */
final class SpareIndexes implements Closeable {
  private static final Logger LOGGER = LoggerFactory.getLogger(SpareIndexes.class);

  private final Store store;
  private final long version;

  // Guarded by this.
  private ByteSource file;
  private IndexPack table;
  private boolean closed;

  /** @param version of the pinned snapshot */
  SpareIndexes(Store store, long version) {
    this.store = store;
    this.version = version;
  }

  /**
   * The index block of a container; nothing if no pack has it, or none can be read either.
   *
   * @param failure why it is asked for, for people
   */
  synchronized Optional<IndexBlock> find(ContainerSummary container, IOException failure)
      throws IOException {
    try {
      if (closed || table == null && !open()) {
        return Optional.empty();
      }
      Optional<IndexPack.Row> row =
          table.find(container.id(), container.length(), container.indexOffset());
      if (row.isEmpty()) {
        return Optional.empty();
      }
      IndexBlock index = IndexBlock.open(
          new Tail(file, row.get(), container), container.indexOffset(), container.id());
      LOGGER.warn(
          "index block is taken from {}, its own cannot be read: {}", file, failure.toString());
      return Optional.of(index);
    } catch (IOException e) {
      Interruptions.rethrow(e);
      LOGGER.warn("index packs do not help: {}", e.toString());
      return Optional.empty();
    }
  }

  private boolean open() throws IOException {
    for (IndexPackFiles.PackFile pack : IndexPackFiles.list(store, version)) {
      ByteSource opened = store.open(pack.path());
      try {
        table = IndexPack.open(opened);
        file = opened;
        return true;
      } catch (IOException e) {
        opened.close();
        Interruptions.rethrow(e);
        LOGGER.warn("index pack is passed over: {}", e.toString());
      }
    }
    return false;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        LOGGER.debug("closing {} failed", file, e);
      }
    }
  }

  /** A container of which only the end is there. */
  private record Tail(ByteSource pack, IndexPack.Row row, ContainerSummary container)
      implements ByteSource {
    @Override
    public long length() {
      return container.length();
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      if (position < row.indexOffset()) {
        throw new EOFException("only the index block of " + container.path() + " is in " + pack);
      }
      pack.readFully(row.offset() + position - row.indexOffset(), target);
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
      return pack.toString();
    }
  }
}
