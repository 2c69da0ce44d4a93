package io.pleat.format;

import static java.util.Objects.requireNonNull;

/**
 * One file as an index block describes it.
 *
 * @param path where it was below the source root
 * @param ordinal its place in the index block, from 0
 * @param kind folded, or left where it is
 * @param length original length in bytes; of a pass-through the length at the time of the fold
 * @param extent the stored bytes in the container; of a pass-through an empty range
 * @param codec how the stored bytes are encoded, see {@link PayloadCodec}; 0 is raw
 * @param storedCrc32c CRC32C of the stored bytes
 * @param crc32c CRC32C of the original bytes; equal to the stored one when raw
 * @param racy whether the file was modified so close to its read that the next fold must read it again
 */
public record Entry(
    LogicalPath path,
    int ordinal,
    Kind kind,
    long length,
    Extent extent,
    int codec,
    int storedCrc32c,
    int crc32c,
    boolean racy,
    Attributes attributes) {

  /** What an entry stands for. */
  public enum Kind {
    /** Its bytes are in the container. */
    FOLDED,
    /** Too large to fold: its bytes stay under the source root. */
    PASS_THROUGH
  }

  public Entry {
    requireNonNull(path, "path is null");
    requireNonNull(kind, "kind is null");
    requireNonNull(extent, "extent is null");
    requireNonNull(attributes, "attributes are null");
  }

  /** What it takes to read its bytes. */
  public PayloadExtent payload() {
    return new PayloadExtent(ordinal, kind, length, extent, codec, storedCrc32c, crc32c, racy);
  }
}
