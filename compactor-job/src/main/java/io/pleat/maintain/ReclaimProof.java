package io.pleat.maintain;

import io.pleat.dataset.AuditRow;
import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.read.Location;
import io.pleat.store.FileInfo;
import io.pleat.store.Redundancy;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** What must hold before an original is deleted. Not thread-safe. */
final class ReclaimProof {
  private final Store source;
  private final FoldedDataset dataset;
  private LogicalPath asked = LogicalPath.ROOT;
  private Optional<Redundancy> strength = Optional.empty();

  ReclaimProof(Store source, FoldedDataset dataset) {
    this.source = source;
    this.dataset = dataset;
  }

  /**
   * Compares the bytes of a file that looks as its entry says with what the container gives, checksums verified; tries twice. An etag that is the
   * MD5 of what the container gives stands in for reading the file.
   *
   * @return how it was proven; nothing if the file changed meanwhile
   * @throws IOException if either cannot be read, or they differ, both times
   */
  Optional<AuditRow.Proof> of(ReclaimRow row, FileInfo file) throws IOException {
    try {
      return compare(row, file);
    } catch (SourceChangedException e) {
      return Optional.empty();
    } catch (IOException first) {
      try {
        return compare(row, file);
      } catch (SourceChangedException e) {
        return Optional.empty();
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

  private Optional<AuditRow.Proof> compare(ReclaimRow row, FileInfo file) throws IOException {
    ByteBuffer held = dataset.read(row.path());
    if (!row.etag().isEmpty()
        && row.etag().equals(file.attributes().etag())
        && row.etag().equals(md5(held))) {
      return Optional.of(AuditRow.Proof.ETAG);
    }
    ByteBuffer original = ByteBuffer.allocate(Math.toIntExact(row.length()));
    source.readUnchanged(file, original);
    int at = original.flip().mismatch(held);
    if (at >= 0) {
      throw new IOException(
          "proof failed: the original has other bytes than the dataset from offset %d on, though length and time are as recorded: %s"
              .formatted(at, file.path()));
    }
    return Optional.of(AuditRow.Proof.BYTES);
  }

  private static String md5(ByteBuffer bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      digest.update(bytes.duplicate());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      return ""; // every JDK has it; without it bytes are compared
    }
  }

  /** @throws IOException if the container may be lost more easily than the original */
  void requireAsStrong(LogicalPath container, Store store, LogicalPath original)
      throws IOException {
    if (!container.equals(asked)) {
      strength = store.redundancy(container);
      asked = container;
    }
    if (source.traits().flat() && strength.isPresent() && strength.get().losses() > 0) {
      return; // objects are in one place, or in several: no request for each
    }
    Optional<Redundancy> of = source.redundancy(original);
    if (of.isEmpty()) {
      return;
    }
    if (strength.isEmpty() || strength.get().losses() < of.get().losses()) {
      throw new IOException(
          "%s is stored more weakly (%s) than the original %s (%s): nothing of it was deleted; store the dataset as strongly"
              .formatted(
                  container,
                  strength.map(Redundancy::description).orElse("nobody knows how"),
                  original,
                  of.get().description()));
    }
  }
}
