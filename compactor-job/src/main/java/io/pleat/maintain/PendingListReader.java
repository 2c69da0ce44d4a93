package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads a list of pending originals row by row, in constant memory. All of it is proven before the first row is given: what it says gets deleted. Not
 * thread-safe.
 */
final class PendingListReader implements Closeable {
  private static final int BUFFER_LENGTH = 1 << 18;

  private final ByteSource file;
  private final long end;
  private final int expected;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_LENGTH).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long bufferAt = PendingList.ROWS_AT;
  private int given;

  private PendingListReader(ByteSource file, long end, int expected) {
    this.file = file;
    this.end = end;
    this.expected = expected;
  }

  /** A list that was never finished: nothing was committed, or set aside, after it. */
  static final class UnfinishedException extends IOException {
    private static final long serialVersionUID = 1;

    UnfinishedException(String file) {
      super("list was never finished: " + file);
    }
  }

  /**
   * Opens a list and proves it.
   *
   * @throws UnfinishedException if its writer died
   * @throws CorruptDataException if it is damaged
   * @throws UnsupportedFormatException if it is of a later format version
   */
  static PendingListReader open(Store dataset, String id) throws IOException {
    ByteSource file = dataset.open(PendingList.pathOf(id));
    PendingListReader reader = null;
    try {
      reader = prove(file);
    } finally {
      if (reader == null) {
        file.close();
      }
    }
    return reader;
  }

  private static PendingListReader prove(ByteSource file) throws IOException {
    String name = file.toString();
    long end = file.length() - PendingList.END_LENGTH;
    if (end < PendingList.ROWS_AT) {
      throw new UnfinishedException(name);
    }
    ByteBuffer tail = read(file, end, PendingList.END_LENGTH);
    byte[] mark = new byte[PendingList.END_MARK.length()];
    tail.get(2 * Integer.BYTES, mark);
    if (!Arrays.equals(mark, PendingList.END_MARK.getBytes(US_ASCII))) {
      throw new UnfinishedException(name);
    }
    CRC32C crc = new CRC32C();
    long crcAt = end + Integer.BYTES;
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(BUFFER_LENGTH, crcAt));
    for (long at = 0; at < crcAt; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), crcAt - at));
      file.readFully(at, chunk);
      crc.update(chunk.flip().duplicate());
    }
    if ((int) crc.getValue() != tail.getInt(Integer.BYTES)) {
      throw new CorruptDataException(
          name,
          crcAt,
          "CRC32C of list is 0x%08x, stored 0x%08x",
          (int) crc.getValue(),
          tail.getInt(Integer.BYTES));
    }
    ByteBuffer start = read(file, 0, PendingList.ROWS_AT);
    byte[] magic = new byte[PendingList.MAGIC.length()];
    start.get(0, magic);
    if (!Arrays.equals(magic, PendingList.MAGIC.getBytes(US_ASCII))) {
      throw new CorruptDataException(name, 0, "not a list of pending originals");
    }
    int version = start.getInt(PendingList.VERSION_AT);
    if (version != PendingList.VERSION_ONE) {
      throw new UnsupportedFormatException(
          name,
          "list of pending originals has format version %d, this reader knows %d",
          version,
          PendingList.VERSION_ONE);
    }
    return new PendingListReader(file, end, tail.getInt(0));
  }

  private static ByteBuffer read(ByteSource file, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    file.readFully(at, bytes);
    return bytes.flip();
  }

  /** The next row; nothing after the last. */
  Optional<ReclaimRow> next() throws IOException {
    long at = bufferAt + buffer.position();
    if (at == end) {
      if (given != expected) {
        throw corrupt(at, "list ends after %d rows, it says that it has %d", given, expected);
      }
      return Optional.empty();
    }
    fill(Integer.BYTES, at);
    int pathLength = buffer.getInt();
    if (pathLength <= 0 || pathLength > LogicalPath.MAX_LENGTH) {
      throw corrupt(at, "path has %d bytes", pathLength);
    }
    fill(pathLength + PendingList.FIXED_LENGTH + Short.BYTES, at);
    byte[] path = new byte[pathLength];
    buffer.get(path);
    buffer.order(ByteOrder.BIG_ENDIAN);
    ContainerId container = new ContainerId(buffer.getLong(), buffer.getLong());
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    int ordinal = buffer.getInt();
    long length = buffer.getLong();
    long seconds = buffer.getLong();
    int nanos = buffer.getInt();
    int crc32c = buffer.getInt();
    byte[] etag = new byte[Short.toUnsignedInt(buffer.getShort())];
    fill(etag.length, at);
    buffer.get(etag);
    given++;
    try {
      return Optional.of(new ReclaimRow(
          LogicalPath.ofUtf8(path),
          container,
          ordinal,
          length,
          seconds,
          nanos,
          new String(etag, UTF_8),
          crc32c));
    } catch (IllegalArgumentException e) {
      throw corrupt(at, "not a path: %s", e.getMessage());
    }
  }

  /** Makes {@code length} bytes available in the buffer. */
  private void fill(int length, long rowAt) throws IOException {
    if (buffer.remaining() >= length) {
      return;
    }
    long at = bufferAt + buffer.position();
    if (length > end - at) {
      throw corrupt(rowAt, "row ends %d bytes after the list", length - (end - at));
    }
    buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
    file.readFully(at, buffer);
    buffer.flip();
    bufferAt = at;
  }

  private CorruptDataException corrupt(long at, String format, Object... arguments) {
    return new CorruptDataException(file.toString(), at, format, arguments);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
