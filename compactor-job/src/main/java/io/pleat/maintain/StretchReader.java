package io.pleat.maintain;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Extent;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads extents of one container in file order, a stretch of them at once. Where a stretch cannot be read, its extents are read one by one, so
 * that an unreadable place costs only what lies there. Not thread-safe.
 */
final class StretchReader {
  private final ByteSource source;
  private byte[] held = {};
  private long heldAt;
  private int heldLength;
  private long brokenUntil;

  StretchReader(ByteSource source) {
    this.source = source;
  }

  /**
   * The bytes of an extent, good until the next call.
   *
   * @param stretchEnd up to where bytes will be asked for soon; at least the end of {@code extent}
   */
  ByteBuffer read(Extent extent, long stretchEnd) throws IOException {
    int length = Math.toIntExact(extent.length());
    long end = extent.offset() + length;
    if (extent.offset() < heldAt || end > heldAt + heldLength) {
      boolean alone = end <= brokenUntil;
      try {
        hold(extent.offset(), alone ? end : Math.max(end, stretchEnd));
      } catch (IOException e) {
        if (alone || stretchEnd <= end) {
          throw asDamage(extent, e);
        }
        brokenUntil = stretchEnd;
        return read(extent, end);
      }
    }
    return ByteBuffer.wrap(held, (int) (extent.offset() - heldAt), length).slice();
  }

  private void hold(long from, long to) throws IOException {
    int length = Math.toIntExact(to - from);
    heldLength = 0;
    if (to > source.length()) {
      throw new EOFException("ends at " + source.length());
    }
    if (held.length < length) {
      held = new byte[length];
    }
    source.readFully(from, ByteBuffer.wrap(held, 0, length));
    heldAt = from;
    heldLength = length;
  }

  private IOException asDamage(Extent extent, IOException failure) {
    if (!(failure instanceof EOFException)) {
      return failure;
    }
    CorruptDataException damage = new CorruptDataException(
        source.toString(), extent.offset(), "file ends within the next %d bytes", extent.length());
    damage.initCause(failure);
    return damage;
  }
}
