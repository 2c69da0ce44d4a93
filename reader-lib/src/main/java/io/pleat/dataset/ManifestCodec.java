package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ContainerId;
import io.pleat.format.ContainerWriter;
import io.pleat.format.CorruptDataException;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A manifest as the bytes of its file: the frame of {@link MetadataFrame}, and in it a count and so many entries; all numbers are
 * little-endian, container ids big-endian.
 *
 * <table>
 * <caption>One entry</caption>
 * <tr><th>offset</th><th>bytes</th><th>what</th></tr>
 * <tr><td>0</td><td>16</td><td>container id</td></tr>
 * <tr><td>16</td><td>8</td><td>length of the container</td></tr>
 * <tr><td>24</td><td>8</td><td>offset of its index block</td></tr>
 * <tr><td>32</td><td>8</td><td>payload bytes</td></tr>
 * <tr><td>40</td><td>8</td><td>stored bytes</td></tr>
 * <tr><td>48</td><td>8</td><td>pass-through bytes</td></tr>
 * <tr><td>56</td><td>8</td><td>sequence</td></tr>
 * <tr><td>64</td><td>8</td><td>length of the catalogue file</td></tr>
 * <tr><td>72</td><td>4</td><td>CRC32C of the container</td></tr>
 * <tr><td>76</td><td>4</td><td>CRC32C of the catalogue file</td></tr>
 * <tr><td>80</td><td>4</td><td>entries</td></tr>
 * <tr><td>84</td><td>4</td><td>pass-throughs</td></tr>
 * <tr><td>88</td><td>4</td><td>directories</td></tr>
 * <tr><td>92</td><td>4</td><td>length of the first key</td></tr>
 * <tr><td>96</td><td>4</td><td>length of the last key</td></tr>
 * <tr><td>100</td><td>4</td><td>length of the catalogue file's path</td></tr>
 * <tr><td>104</td><td>8</td><td>offset of the filter section</td></tr>
 * <tr><td>112</td><td>4</td><td>length of the filter section</td></tr>
 * <tr><td>116</td><td>4</td><td>bound CRC of the filter section</td></tr>
 * <tr><td>120</td><td></td><td>first key, last key, path of the catalogue file (UTF-8)</td></tr>
 * </table>
 */
final class ManifestCodec {
  /** As the draft, version 0, but that a container need not have a catalogue file. */
  static final int VERSION_ONE = 1;

  private static final MetadataFrame FRAME =
      new MetadataFrame("manifest", "PLEATMFT", VERSION_ONE, 0);

  static final int COUNT_AT = MetadataFrame.BODY_AT;
  static final int ENTRIES_AT = COUNT_AT + Integer.BYTES;

  static final int ID_AT = 0;
  static final int LENGTH_AT = ID_AT + ContainerId.LENGTH;
  static final int INDEX_OFFSET_AT = LENGTH_AT + Long.BYTES;
  static final int PAYLOAD_BYTES_AT = INDEX_OFFSET_AT + Long.BYTES;
  static final int STORED_BYTES_AT = PAYLOAD_BYTES_AT + Long.BYTES;
  static final int PASS_THROUGH_BYTES_AT = STORED_BYTES_AT + Long.BYTES;
  static final int SEQUENCE_AT = PASS_THROUGH_BYTES_AT + Long.BYTES;
  static final int CATALOG_LENGTH_AT = SEQUENCE_AT + Long.BYTES;
  static final int CRC_AT = CATALOG_LENGTH_AT + Long.BYTES;
  static final int CATALOG_CRC_AT = CRC_AT + Integer.BYTES;
  static final int ENTRY_COUNT_AT = CATALOG_CRC_AT + Integer.BYTES;
  static final int PASS_THROUGH_COUNT_AT = ENTRY_COUNT_AT + Integer.BYTES;
  static final int DIRECTORY_COUNT_AT = PASS_THROUGH_COUNT_AT + Integer.BYTES;
  static final int FIRST_KEY_LENGTH_AT = DIRECTORY_COUNT_AT + Integer.BYTES;
  static final int LAST_KEY_LENGTH_AT = FIRST_KEY_LENGTH_AT + Integer.BYTES;
  static final int CATALOG_PATH_LENGTH_AT = LAST_KEY_LENGTH_AT + Integer.BYTES;
  static final int FILTER_OFFSET_AT = CATALOG_PATH_LENGTH_AT + Integer.BYTES;
  static final int FILTER_LENGTH_AT = FILTER_OFFSET_AT + Long.BYTES;
  static final int FILTER_CRC_AT = FILTER_LENGTH_AT + Integer.BYTES;
  static final int VARIABLE_AT = FILTER_CRC_AT + Integer.BYTES;

  /** Each byte of a path is at most two of its key, and a key has one separator more. */
  static final int MAX_KEY_LENGTH = 2 * LogicalPath.MAX_LENGTH + 2;

  private static final String CATALOG_PREFIX = DatasetLayout.CATALOG + "/";

  private ManifestCodec() {}

  static byte[] encode(List<ContainerSummary> containers) {
    long length = Integer.BYTES;
    for (ContainerSummary container : containers) {
      length += lengthOf(container);
    }
    checkArgument(
        length <= StoredBytes.MAX_LENGTH - MetadataFrame.BODY_AT - MetadataFrame.CRC_LENGTH,
        "a manifest of %s containers would have %s bytes",
        containers.size(),
        length);
    ByteBuffer file = FRAME.start(Math.toIntExact(length));
    file.putInt(containers.size());
    for (ContainerSummary container : containers) {
      put(container, file);
    }
    return FRAME.finish(file);
  }

  private static long lengthOf(ContainerSummary container) {
    return (long) VARIABLE_AT
        + container.range().firstLength()
        + container.range().lastLength()
        + container.catalog().path().length();
  }

  private static void put(ContainerSummary container, ByteBuffer file) {
    file.put(container.id().toBytes());
    file.putLong(container.length());
    file.putLong(container.indexOffset());
    file.putLong(container.payloadBytes());
    file.putLong(container.storedBytes());
    file.putLong(container.passThroughBytes());
    file.putLong(container.sequence());
    file.putLong(container.catalog().length());
    file.putInt(container.crc32c());
    file.putInt(container.catalog().crc32c());
    file.putInt(container.entries());
    file.putInt(container.passThroughs());
    file.putInt(container.directories());
    file.putInt(container.range().firstLength());
    file.putInt(container.range().lastLength());
    file.putInt(container.catalog().path().length());
    file.putLong(container.filter().offset());
    file.putInt(container.filter().length());
    file.putInt(container.filter().crc32c());
    container.range().putTo(file);
    file.put(container.catalog().path().utf8());
  }

  /**
   * The inverse of {@link #encode}.
   *
   * @throws CorruptDataException if the bytes are damaged or make no sense
   * @throws UnsupportedFormatException if the file is of a later format version or requires an unknown feature
   */
  static List<ContainerSummary> decode(StoredBytes stored) throws IOException {
    ByteBuffer file = FRAME.open(stored);
    String source = stored.source();
    if (file.remaining() < Integer.BYTES) {
      throw new CorruptDataException(source, COUNT_AT, "manifest ends before its count");
    }
    int count = file.getInt();
    if (count < 0 || count > file.remaining() / VARIABLE_AT) {
      throw new CorruptDataException(
          source,
          COUNT_AT,
          "manifest has %d entries in %d bytes",
          Integer.toUnsignedLong(count),
          file.remaining());
    }
    List<ContainerSummary> containers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      containers.add(get(source, file));
    }
    if (file.hasRemaining()) {
      throw new CorruptDataException(
          source, file.position(), "%d bytes follow the last entry", file.remaining());
    }
    return containers;
  }

  private static ContainerSummary get(String source, ByteBuffer file) throws CorruptDataException {
    int at = file.position();
    if (file.remaining() < VARIABLE_AT) {
      throw new CorruptDataException(
          source,
          at,
          "%d bytes are left for an entry of at least %d",
          file.remaining(),
          VARIABLE_AT);
    }
    int available = file.remaining() - VARIABLE_AT;
    int firstLength = length(source, file, at + FIRST_KEY_LENGTH_AT, MAX_KEY_LENGTH, available);
    available -= firstLength;
    int lastLength = length(source, file, at + LAST_KEY_LENGTH_AT, MAX_KEY_LENGTH, available);
    available -= lastLength;
    int pathLength =
        length(source, file, at + CATALOG_PATH_LENGTH_AT, LogicalPath.MAX_LENGTH, available);
    byte[] keys = new byte[firstLength + lastLength];
    byte[] path = new byte[pathLength];
    file.position(at + VARIABLE_AT).get(keys).get(path);
    try {
      LogicalPath catalog = LogicalPath.ofUtf8(path);
      checkArgument(
          catalog.isRoot() || catalog.toString().startsWith(CATALOG_PREFIX),
          "catalogue file lies at '%s'",
          catalog);
      int entries = file.getInt(at + ENTRY_COUNT_AT);
      int directories = file.getInt(at + DIRECTORY_COUNT_AT);
      checkArgument(
          entries <= ContainerWriter.MAX_ENTRIES && directories <= ContainerWriter.MAX_DIRECTORIES,
          "no container has %s entries and %s directories",
          entries,
          directories);
      KeyRange range = KeyRange.ofAdjacent(keys, firstLength);
      SortKey.checkLegal(range.first());
      SortKey.checkLegal(range.last());
      ContainerSummary container = new ContainerSummary(
          ContainerId.read(file, at + ID_AT),
          file.getLong(at + LENGTH_AT),
          file.getInt(at + CRC_AT),
          file.getLong(at + INDEX_OFFSET_AT),
          entries,
          file.getInt(at + PASS_THROUGH_COUNT_AT),
          directories,
          file.getLong(at + PAYLOAD_BYTES_AT),
          file.getLong(at + STORED_BYTES_AT),
          file.getLong(at + PASS_THROUGH_BYTES_AT),
          range,
          file.getLong(at + SEQUENCE_AT),
          new FileReference(
              catalog, file.getLong(at + CATALOG_LENGTH_AT), file.getInt(at + CATALOG_CRC_AT)),
          new FilterSection(
              file.getLong(at + FILTER_OFFSET_AT),
              file.getInt(at + FILTER_LENGTH_AT),
              file.getInt(at + FILTER_CRC_AT)));
      return container;
    } catch (IllegalArgumentException e) {
      throw new CorruptDataException(source, at, "impossible entry: %s", e.getMessage());
    }
  }

  private static int length(String source, ByteBuffer file, int at, int max, int available)
      throws CorruptDataException {
    int length = file.getInt(at);
    if (length < 0 || length > max || length > available) {
      throw new CorruptDataException(
          source,
          at,
          "length is %d, but at most %d are allowed and %d bytes follow",
          Integer.toUnsignedLong(length),
          max,
          available);
    }
    return length;
  }
}
