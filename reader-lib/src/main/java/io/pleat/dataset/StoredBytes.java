package io.pleat.dataset;

import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * All bytes of one metadata file.
 *
 * @param source the file's name, for messages
 */
record StoredBytes(String source, byte[] bytes) {
  /** Larger than any metadata file can sensibly be. */
  static final int MAX_LENGTH = 1 << 30;

  /** Reads a file that must be as its reference says. */
  static StoredBytes read(Store store, FileReference reference) throws IOException {
    try (ByteSource file = store.open(reference.path())) {
      if (file.length() != reference.length()) {
        throw new CorruptDataException(
            file.toString(),
            Math.min(file.length(), reference.length()),
            "file has %d bytes, its reference says %d",
            file.length(),
            reference.length());
      }
      StoredBytes stored = readAll(file);
      int crc = crc32c(stored.bytes, 0, stored.bytes.length);
      if (crc != reference.crc32c()) {
        throw new CorruptDataException(
            stored.source,
            0,
            "CRC32C of file is 0x%08x, its reference says 0x%08x",
            crc,
            reference.crc32c());
      }
      return stored;
    }
  }

  /** Reads a file that nothing refers to: it proves itself. */
  static StoredBytes read(Store store, LogicalPath path) throws IOException {
    try (ByteSource file = store.open(path)) {
      return readAll(file);
    }
  }

  static int crc32c(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }

  private static StoredBytes readAll(ByteSource file) throws IOException {
    if (file.length() > MAX_LENGTH) {
      throw new CorruptDataException(
          file.toString(),
          MAX_LENGTH,
          "file has %d bytes, at most %d are allowed",
          file.length(),
          MAX_LENGTH);
    }
    byte[] bytes = new byte[Math.toIntExact(file.length())];
    try {
      file.readFully(0, ByteBuffer.wrap(bytes));
    } catch (EOFException e) {
      CorruptDataException corrupt = new CorruptDataException(
          file.toString(), 0, "file ends before its %d bytes", bytes.length);
      corrupt.initCause(e);
      throw corrupt;
    }
    return new StoredBytes(file.toString(), bytes);
  }
}
