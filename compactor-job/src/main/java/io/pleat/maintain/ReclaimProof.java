package io.pleat.maintain;

import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import io.pleat.store.FileInfo;
import io.pleat.store.Redundancy;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** What must hold before an original is deleted. */
final class ReclaimProof {
  private final Store source;
  private final FoldedDataset dataset;

  ReclaimProof(Store source, FoldedDataset dataset) {
    this.source = source;
    this.dataset = dataset;
  }

  /**
   * Compares the bytes of a file that looks as its entry says with what the container gives, checksums verified; tries twice.
   *
   * @return false if the file changed meanwhile
   * @throws IOException if either cannot be read, or they differ, both times
   */
  boolean holds(ReclaimRow row, FileInfo file) throws IOException {
    try {
      return compare(row, file);
    } catch (SourceChangedException e) {
      return false;
    } catch (IOException first) {
      try {
        return compare(row, file);
      } catch (SourceChangedException e) {
        return false;
      } catch (IOException second) {
        second.addSuppressed(first);
        throw second;
      }
    }
  }

  /** @throws IOException if the row's path leads to another entry: then its bytes are not what a reader gets */
  void requireTheOne(ReclaimRow row) throws IOException {
    Optional<Location> found = dataset.locate(row.path());
    if (found.isEmpty()
        || !row.container().equals(found.get().entry().extent().container())
        || found.get().entry().ordinal() != row.ordinal()) {
      throw new IOException(
          "proof failed: entry %d of container %s is live, but not found by its path; verify the dataset"
              .formatted(row.ordinal(), row.container()));
    }
  }

  private boolean compare(ReclaimRow row, FileInfo file) throws IOException {
    ByteBuffer original = ByteBuffer.allocate(Math.toIntExact(row.length()));
    source.readUnchanged(file, original);
    ByteBuffer held = dataset.read(row.path());
    int at = original.flip().mismatch(held);
    if (at >= 0) {
      throw new IOException(
          "proof failed: the original has other bytes than the dataset from offset %d on, though length and time are as recorded: %s"
              .formatted(at, file.path()));
    }
    return true;
  }

  /** @throws IOException if the container may be lost more easily than the original */
  void requireAsStrong(LogicalPath container, Store store, LogicalPath original)
      throws IOException {
    Optional<Redundancy> of = source.redundancy(original);
    if (of.isEmpty()) {
      return;
    }
    Optional<Redundancy> is = store.redundancy(container);
    if (is.isEmpty() || is.get().losses() < of.get().losses()) {
      throw new IOException(
          "%s is stored more weakly (%s) than the original %s (%s): nothing of it was deleted; store the dataset as strongly"
              .formatted(
                  container,
                  is.map(Redundancy::description).orElse("nobody knows how"),
                  original,
                  of.get().description()));
    }
  }
}
