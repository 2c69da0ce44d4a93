package io.pleat.dataset;

import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.roaringbitmap.RoaringBitmap;

/**
 * A deletion vector, or the reclaimed rows of a container, as the bytes of its file; only the magic tells them apart. The frame of {@link MetadataFrame}, and in it:
 *
 * <table>
 * <caption>Body</caption>
 * <tr><th>offset in the file</th><th>bytes</th><th>what</th></tr>
 * <tr><td>20</td><td>16</td><td>container id, big-endian</td></tr>
 * <tr><td>36</td><td>4</td><td>number of rows, little-endian</td></tr>
 * <tr><td>40</td><td></td><td>RoaringBitmap, portable serialization, up to the CRC32C</td></tr>
 * </table>
 */
final class DeletionVectorCodec {
  /** As the draft, version 0. */
  static final int VERSION_ONE = 1;

  private static final MetadataFrame DEAD =
      new MetadataFrame("deletion vector", "PLEATDEL", VERSION_ONE, 0);
  private static final MetadataFrame RECLAIMED =
      new MetadataFrame("file of reclaimed rows", "PLEATRCL", VERSION_ONE, 0);

  static final int CONTAINER_AT = MetadataFrame.BODY_AT;
  static final int CARDINALITY_AT = CONTAINER_AT + ContainerId.LENGTH;
  static final int BITMAP_AT = CARDINALITY_AT + Integer.BYTES;

  private DeletionVectorCodec() {}

  static byte[] encode(ContainerId container, DeletionVector vector) {
    return encode(DEAD, container, vector.toBitmap());
  }

  static byte[] encode(ContainerId container, ReclaimedRows rows) {
    return encode(RECLAIMED, container, rows.toBitmap());
  }

  private static byte[] encode(MetadataFrame frame, ContainerId container, RoaringBitmap bitmap) {
    bitmap.runOptimize();
    int bitmapLength = bitmap.serializedSizeInBytes();
    ByteBuffer file = frame.start(BITMAP_AT - CONTAINER_AT + bitmapLength);
    file.put(container.toBytes());
    file.putInt(bitmap.getCardinality());
    bitmap.serialize(file.slice(BITMAP_AT, bitmapLength).order(ByteOrder.LITTLE_ENDIAN));
    return frame.finish(file.position(BITMAP_AT + bitmapLength));
  }

  /**
   * The inverse of {@link #encode}.
   *
   * @param expected whose deletion vector the referrer says this is
   * @throws CorruptDataException if the bytes are damaged, make no sense or are another container's
   * @throws UnsupportedFormatException if the file is of a later format version or requires an unknown feature
   */
  static DeletionVector decode(StoredBytes stored, ContainerId expected) throws IOException {
    return DeletionVector.adopt(decode(DEAD, stored, expected));
  }

  /** The same for reclaimed rows. */
  static ReclaimedRows decodeReclaimed(StoredBytes stored, ContainerId expected)
      throws IOException {
    return ReclaimedRows.adopt(decode(RECLAIMED, stored, expected));
  }

  private static RoaringBitmap decode(MetadataFrame frame, StoredBytes stored, ContainerId expected)
      throws IOException {
    ByteBuffer file = frame.open(stored);
    if (file.remaining() < BITMAP_AT - CONTAINER_AT) {
      throw new CorruptDataException(
          stored.source(), CONTAINER_AT, "%s ends before its bitmap", frame.kind());
    }
    ContainerId container = ContainerId.read(file, CONTAINER_AT);
    if (!container.equals(expected)) {
      throw new CorruptDataException(
          stored.source(),
          CONTAINER_AT,
          "%s is of container %s, expected %s",
          frame.kind(),
          container,
          expected);
    }
    int cardinality = file.getInt(CARDINALITY_AT);
    ByteBuffer bytes = file.position(BITMAP_AT).slice().order(ByteOrder.LITTLE_ENDIAN);
    long rows = PortableBitmap.check(stored.source(), file);
    if (rows != cardinality) {
      throw new CorruptDataException(
          stored.source(),
          CARDINALITY_AT,
          "bitmap holds %d rows, the file says %d",
          rows,
          cardinality);
    }
    RoaringBitmap bitmap = new RoaringBitmap();
    try {
      bitmap.deserialize(bytes);
    } catch (IOException | RuntimeException e) {
      CorruptDataException corrupt =
          new CorruptDataException(stored.source(), BITMAP_AT, "not a bitmap: %s", e.getMessage());
      corrupt.initCause(e);
      throw corrupt;
    }
    return bitmap;
  }
}
