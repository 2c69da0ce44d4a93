package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.ContainerId;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/**
 * What a manifest says of one container.
 *
 * @param length of the whole file, in bytes
 * @param crc32c of the whole file
 * @param indexOffset where the index block starts, in bytes; it ends where the footer starts
 * @param entries files in the index block, live or dead, pass-through ones included
 * @param passThroughs how many of them are pass-through
 * @param directories directories whose attributes the container records
 * @param payloadBytes original bytes of the folded files
 * @param storedBytes the same as stored
 * @param passThroughBytes bytes of the pass-through files, which are not in the container
 * @param range the keys of its entries and directory rows
 * @param sequence the snapshot version that added it, 0 before it was committed: of two containers that record one directory, the later speaks
 * @param catalog its rows in the catalogue; {@link FileReference#NONE} for a container of tombstones
 * @param filter where the filter section of its index block is, if it has one
 */
public record ContainerSummary(
    ContainerId id,
    long length,
    int crc32c,
    long indexOffset,
    int entries,
    int passThroughs,
    int directories,
    long payloadBytes,
    long storedBytes,
    long passThroughBytes,
    KeyRange range,
    long sequence,
    FileReference catalog,
    FilterSection filter)
    implements Serializable {

  public ContainerSummary {
    requireNonNull(id, "id is null");
    requireNonNull(range, "range is null");
    requireNonNull(catalog, "catalog is null");
    requireNonNull(filter, "filter is null");
    checkArgument(
        indexOffset >= 0 && indexOffset <= length,
        "index offset %s outside length %s",
        indexOffset,
        length);
    checkArgument(
        entries >= 0 && passThroughs >= 0 && passThroughs <= entries && directories >= 0,
        "impossible counts: %s entries, %s pass-through, %s directories",
        entries,
        passThroughs,
        directories);
    checkArgument(
        payloadBytes >= 0 && storedBytes >= 0 && passThroughBytes >= 0,
        "negative size: %s payload, %s stored, %s pass-through bytes",
        payloadBytes,
        storedBytes,
        passThroughBytes);
    checkArgument(sequence >= 0, "negative sequence: %s", sequence);
    checkArgument(
        !filter.isPresent()
            || filter.offset() >= indexOffset && filter.offset() <= length - filter.length(),
        "filter at %s+%s outside the index block",
        filter.offset(),
        filter.length());
  }

  /** A form that travels between processes; the inverse is {@link #fromBytes}. */
  public byte[] toBytes() {
    return ManifestCodec.encode(List.of(this));
  }

  /**
   * The inverse of {@link #toBytes()}.
   *
   * @throws IOException if the bytes are damaged or another version's
   */
  public static ContainerSummary fromBytes(byte[] bytes) throws IOException {
    List<ContainerSummary> one = ManifestCodec.decode(new StoredBytes("container summary", bytes));
    checkArgument(one.size() == 1, "%s container summaries, expected one", one.size());
    return one.get(0);
  }

  /** Where a container of this id lies in a dataset. */
  public static LogicalPath pathOf(ContainerId id) {
    return LogicalPath.of("containers/" + id + ".pleat");
  }

  /** Where a container of tombstones lies in a dataset. */
  public static LogicalPath tombstonePathOf(ContainerId id) {
    return LogicalPath.of(DatasetLayout.TOMBSTONE_DIRECTORY + "/" + id + ".pleat");
  }

  /** Where the container lies in its dataset, unless it is one of tombstones. */
  public LogicalPath path() {
    return pathOf(id);
  }

  /** Bytes of the index block and the footer. */
  public long indexBytes() {
    return length - indexOffset;
  }

  /** The same container with another file of the catalogue. */
  public ContainerSummary withCatalog(FileReference file) {
    return new ContainerSummary(
        id,
        length,
        crc32c,
        indexOffset,
        entries,
        passThroughs,
        directories,
        payloadBytes,
        storedBytes,
        passThroughBytes,
        range,
        sequence,
        file,
        filter);
  }

  /** The same container as added by another version. */
  public ContainerSummary withSequence(long version) {
    return new ContainerSummary(
        id,
        length,
        crc32c,
        indexOffset,
        entries,
        passThroughs,
        directories,
        payloadBytes,
        storedBytes,
        passThroughBytes,
        range,
        version,
        catalog,
        filter);
  }
}
