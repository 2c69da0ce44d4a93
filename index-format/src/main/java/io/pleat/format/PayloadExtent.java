package io.pleat.format;

import static java.util.Objects.requireNonNull;

/**
 * What it takes to read a file's bytes, and no more: an {@link Entry} without path and attributes.
 *
 * @param ordinal its place in the index block, from 0
 * @param kind folded, or left where it is
 * @param length original length in bytes; of a pass-through the length at the time of the fold
 * @param extent the stored bytes in the container; of a pass-through an empty range
 * @param codec how the stored bytes are encoded, see {@link PayloadCodec}; 0 is raw
 * @param storedCrc32c CRC32C of the stored bytes
 * @param crc32c CRC32C of the original bytes; equal to the stored one when raw
 * @param racy whether the file was modified so close to its read that the next fold must read it again
 */
public record PayloadExtent(
    int ordinal,
    Entry.Kind kind,
    long length,
    Extent extent,
    int codec,
    int storedCrc32c,
    int crc32c,
    boolean racy) {
  public PayloadExtent {
    requireNonNull(kind, "kind is null");
    requireNonNull(extent, "extent is null");
  }

  /** Whether the container holds the bytes. */
  public boolean isFolded() {
    return kind == Entry.Kind.FOLDED;
  }
}
