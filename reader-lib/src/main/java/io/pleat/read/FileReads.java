package io.pleat.read;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerReader;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Reads whole files of a pinned snapshot, from containers or from their original places. Thread-safe. */
final class FileReads {
  private final PinnedSnapshot pinned;
  private final PathLocator locator;
  private final IndexBlockCache blocks;
  private final ContainerHandles handles;
  private final Originals originals;
  private final ReadStatistics statistics;

  FileReads(
      PinnedSnapshot pinned,
      PathLocator locator,
      IndexBlockCache blocks,
      ContainerHandles handles,
      Originals originals,
      ReadStatistics statistics) {
    this.pinned = pinned;
    this.locator = locator;
    this.blocks = blocks;
    this.handles = handles;
    this.originals = originals;
    this.statistics = statistics;
  }

  /**
   * The live entry at {@code path}.
   *
   * @throws NoSuchFileException if there is nothing
   * @throws FileSystemException if it is a directory
   */
  PathLocator.Found locate(LogicalPath path) throws IOException {
    PathLocator.Found found = locator.file(path);
    if (found != null) {
      return found;
    }
    if (locator.directory(path).isPresent()) {
      throw new FileSystemException(path.toString(), null, "is a directory");
    }
    throw new NoSuchFileException(
        path.toString(), null, "no such file in snapshot " + pinned.snapshot().version());
  }

  /** All bytes of a live entry, verified. */
  ByteBuffer read(PathLocator.Found found) throws IOException {
    ByteBuffer bytes;
    if (found.entry().kind() == Entry.Kind.PASS_THROUGH) {
      bytes = original(found.entry());
    } else {
      try (LeaseCache.Lease<ContainerReader> lease = container(found.container())) {
        bytes = lease.value().read(found.entry());
      }
    }
    count(bytes);
    return bytes;
  }

  /** A live entry as a file. */
  ByteSource open(PathLocator.Found found) throws IOException {
    if (found.entry().kind() == Entry.Kind.FOLDED) {
      return new VerifiedFile(this, found);
    }
    statistics.passThroughReads.increment();
    return originals.open(found.entry());
  }

  /** All bytes of a pass-through entry. */
  ByteBuffer original(Entry entry) throws IOException {
    statistics.passThroughReads.increment();
    return originals.read(entry);
  }

  /** Borrows the reader of a container. */
  LeaseCache.Lease<ContainerReader> container(int number) throws IOException {
    return blocks.borrow(number);
  }

  /** A container as a file. */
  ByteSource source(int number) {
    return handles.container(number);
  }

  /** Counts a file that is handed out. */
  void count(ByteBuffer bytes) {
    statistics.filesRead.increment();
    statistics.bytesRead.add(bytes.remaining());
  }
}
