package io.pleat.dataset;

import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import java.time.Instant;

/**
 * One original that reclaim is about to delete.
 *
 * @param length in bytes
 * @param etag empty where the store has none
 * @param crc32c of its bytes
 * @param container that holds its bytes
 * @param ordinal place of its entry there
 * @param snapshot the version that has the entry
 * @param decided when it was proven for the last time, by the clock of the machine that did it
 * @param trashed whether it goes to the store's trash
 */
public record AuditRow(
    LogicalPath path,
    long length,
    long mtimeSeconds,
    int mtimeNanos,
    String etag,
    int crc32c,
    ContainerId container,
    int ordinal,
    long snapshot,
    Instant decided,
    Proof proof,
    boolean trashed) {
  /** How it was proven that the entry has the original's bytes. */
  public enum Proof {
    /** Both were read and compared, byte for byte. */
    BYTES,
    /** The store's etag is the one that the fold read, and what the entry's bytes hash to. */
    ETAG,
    /** An earlier run compared the bytes and was killed; length, time and CRC32C are still those, and another file has its name by now. */
    CHECKSUM
  }

  public AuditRow {
    requireNonNull(path, "path is null");
    requireNonNull(etag, "etag is null");
    requireNonNull(container, "container is null");
    requireNonNull(decided, "decided is null");
    requireNonNull(proof, "proof is null");
  }
}
