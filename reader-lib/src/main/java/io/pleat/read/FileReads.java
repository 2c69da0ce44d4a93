package io.pleat.read;

import io.pleat.format.ByteSource;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Reads whole files of a pinned snapshot, from containers or from their original places. Thread-safe. */
final class FileReads {
  private final PinnedSnapshot pinned;
  private final PathLocator locator;
  private final IndexBlockCache blocks;
  private final Originals originals;
  private final ReadStatistics statistics;

  FileReads(
      PinnedSnapshot pinned,
      PathLocator locator,
      IndexBlockCache blocks,
      Originals originals,
      ReadStatistics statistics) {
    this.pinned = pinned;
    this.locator = locator;
    this.blocks = blocks;
    this.originals = originals;
    this.statistics = statistics;
  }

  /**
   * Where the live file at {@code path} is.
   *
   * @throws NoSuchFileException if there is nothing
   * @throws FileSystemException if it is a directory
   */
  LocatedFile locate(LogicalPath path) throws IOException {
    Optional<LocatedFile> found = locator.locate(path);
    return found.isPresent() ? found.get() : fail(path);
  }

  /** All bytes of the live file at {@code path}, verified; throws as {@link #locate}. */
  ByteBuffer read(LogicalPath path) throws IOException {
    return read(locate(path));
  }

  /** All bytes of a located file, verified. */
  ByteBuffer read(LocatedFile file) throws IOException {
    if (!file.payload().isFolded()) {
      return counted(original(locator.entry(file)));
    }
    try (LeaseCache.Lease<IndexedContainer> lease = borrow(file.container())) {
      return counted(lease.value().read(file.payload()));
    }
  }

  /** A located file as one that can be read by position. */
  ByteSource open(LocatedFile file) throws IOException {
    if (file.payload().isFolded()) {
      return new VerifiedFile(this, file);
    }
    statistics.passThroughReads.increment();
    return originals.open(locator.entry(file));
  }

  /** Borrows a container. */
  LeaseCache.Lease<IndexedContainer> borrow(int container) throws IOException {
    return blocks.borrow(container);
  }

  /** Counts a file that is handed out. */
  ByteBuffer counted(ByteBuffer bytes) {
    statistics.filesRead.increment();
    statistics.bytesRead.add(bytes.remaining());
    return bytes;
  }

  private ByteBuffer original(Entry entry) throws IOException {
    statistics.passThroughReads.increment();
    return originals.read(entry);
  }

  private <T> T fail(LogicalPath path) throws IOException {
    if (locator.directory(path).isPresent()) {
      throw new FileSystemException(path.toString(), null, "is a directory");
    }
    throw new NoSuchFileException(
        path.toString(), null, "no such file in snapshot " + pinned.snapshot().version());
  }
}
