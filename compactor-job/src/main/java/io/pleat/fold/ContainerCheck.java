package io.pleat.fold;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerStatistics;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads a finished container back from its store, and compares every byte's checksum with what the writer meant to write. */
final class ContainerCheck {
  private static final int READ_SIZE = 4 << 20;

  private ContainerCheck() {}

  /**
   * Checks one container.
   *
   * @throws CorruptDataException if the store does not hold what was written
   */
  static void check(Store dataset, LogicalPath path, ContainerStatistics written)
      throws IOException {
    try (ByteSource source = dataset.open(path)) {
      if (source.length() != written.length()) {
        throw new CorruptDataException(
            source.toString(),
            0,
            "length is %d, written were %d",
            source.length(),
            written.length());
      }
      ByteBuffer buffer =
          ByteBuffer.allocateDirect((int) Math.min(READ_SIZE, Math.max(1, written.length())));
      CRC32C crc = new CRC32C();
      for (long position = 0; position < written.length(); position += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), written.length() - position));
        source.readFully(position, buffer);
        crc.update(buffer.flip());
      }
      if ((int) crc.getValue() != written.crc32c()) {
        throw new CorruptDataException(
            source.toString(),
            0,
            "CRC32C of the whole container is 0x%08x, written was 0x%08x",
            (int) crc.getValue(),
            written.crc32c());
      }
    }
  }
}
