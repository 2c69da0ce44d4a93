package io.pleat.bench.index;

import java.nio.ByteBuffer;

/** What a rival's key leads to, as the bytes of its value. */
final class StoredExtent {
  static final int LENGTH = Long.BYTES + 3 * Integer.BYTES;

  private StoredExtent() {}

  static byte[] encode(Item item, int ordinal) {
    return ByteBuffer.allocate(LENGTH)
        .putLong(item.offset)
        .putInt(item.size)
        .putInt(item.crc)
        .putInt(ordinal)
        .array();
  }

  static int ordinal(byte[] value) {
    return ByteBuffer.wrap(value).getInt(LENGTH - Integer.BYTES);
  }

  static int decode(byte[] value, Location to) {
    ByteBuffer bytes = ByteBuffer.wrap(value);
    to.offset = bytes.getLong();
    to.size = bytes.getInt();
    to.crc = bytes.getInt();
    return bytes.getInt();
  }
}
