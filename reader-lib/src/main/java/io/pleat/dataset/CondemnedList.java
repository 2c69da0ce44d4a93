package io.pleat.dataset;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.format.ByteSource;
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
 * A list of condemned files, read path by path in ascending order of bytes, in constant memory. All of it is proven before the first path is
 * given: what it says gets deleted. All numbers are little-endian. Not thread-safe.
 *
 * <table>
 * <caption>Between the frame's start and its end</caption>
 * <tr><th>bytes</th><th>what</th></tr>
 * <tr><td>2</td><td>of each path: bytes that it shares with the path before</td></tr>
 * <tr><td>2</td><td>of each path: length of the rest</td></tr>
 * <tr><td></td><td>of each path: the rest</td></tr>
 * <tr><td>8</td><td>at the end: number of paths</td></tr>
 * </table>
 */
public final class CondemnedList implements Closeable {
  static final int VERSION_ONE = 1;
  static final MetadataFrame FRAME =
      new MetadataFrame("list of condemned files", "PLEATCND", VERSION_ONE, 0);
  static final int ENTRIES_AT = MetadataFrame.BODY_AT;
  static final int END_LENGTH = Long.BYTES + MetadataFrame.CRC_LENGTH;

  private static final int BUFFER_LENGTH = 1 << 18;

  private final ByteSource file;
  private final long end;
  private final long expected;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_LENGTH).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long bufferAt = ENTRIES_AT;
  private byte[] last = {};
  private long given;

  private CondemnedList(ByteSource file, long end, long expected) {
    this.file = file;
    this.end = end;
    this.expected = expected;
  }

  /**
   * Opens a list and proves it.
   *
   * @throws CorruptDataException if it is damaged or is not what the reference says
   * @throws UnsupportedFormatException if it is of a later format version or requires an unknown feature
   */
  public static CondemnedList open(Store dataset, CondemnedListReference reference)
      throws IOException {
    ByteSource file = dataset.open(reference.file().path());
    CondemnedList list = null;
    try {
      list = prove(file, reference);
    } finally {
      if (list == null) {
        file.close();
      }
    }
    return list;
  }

  private static CondemnedList prove(ByteSource file, CondemnedListReference reference)
      throws IOException {
    String source = file.toString();
    long length = reference.file().length();
    if (file.length() != length || length < ENTRIES_AT + END_LENGTH) {
      throw new CorruptDataException(
          source,
          Math.min(file.length(), length),
          "list has %d bytes, its reference says %d, and it needs %d",
          file.length(),
          length,
          ENTRIES_AT + END_LENGTH);
    }
    CRC32C whole = new CRC32C();
    CRC32C covered = new CRC32C();
    long crcAt = length - MetadataFrame.CRC_LENGTH;
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(BUFFER_LENGTH, length));
    for (long at = 0; at < length; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), length - at));
      file.readFully(at, chunk);
      whole.update(chunk.flip().duplicate());
      covered.update(chunk.duplicate().limit((int)
          Math.min(chunk.limit(), Math.max(0, crcAt - at))));
    }
    if ((int) whole.getValue() != reference.file().crc32c()) {
      throw new CorruptDataException(
          source,
          0,
          "CRC32C of file is 0x%08x, its reference says 0x%08x",
          (int) whole.getValue(),
          reference.file().crc32c());
    }
    ByteBuffer start = read(file, 0, ENTRIES_AT);
    ByteBuffer tail = read(file, length - END_LENGTH, END_LENGTH);
    FRAME.check(source, start, crcAt, (int) covered.getValue(), tail.getInt(Long.BYTES));
    long paths = tail.getLong(0);
    if (paths != reference.paths()) {
      throw new CorruptDataException(
          source,
          length - END_LENGTH,
          "list has %d paths, its reference says %d",
          paths,
          reference.paths());
    }
    return new CondemnedList(file, length - END_LENGTH, paths);
  }

  private static ByteBuffer read(ByteSource file, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    file.readFully(at, bytes);
    return bytes.flip();
  }

  /**
   * The next path; nothing after the last.
   *
   * @throws CorruptDataException if it makes no sense
   */
  public Optional<LogicalPath> next() throws IOException {
    long at = bufferAt + buffer.position();
    if (at == end) {
      if (given != expected) {
        throw corrupt(at, "list ends after %d paths, it says that it has %d", given, expected);
      }
      return Optional.empty();
    }
    fill(2 * Short.BYTES, at);
    int shared = Short.toUnsignedInt(buffer.getShort());
    int rest = Short.toUnsignedInt(buffer.getShort());
    if (shared > last.length || shared + rest > LogicalPath.MAX_LENGTH) {
      throw corrupt(
          at, "path shares %d of %d bytes and has %d of its own", shared, last.length, rest);
    }
    fill(rest, at);
    byte[] path = Arrays.copyOf(last, shared + rest);
    buffer.get(path, shared, rest);
    if (Arrays.compareUnsigned(last, path) >= 0) {
      throw corrupt(at, "path does not sort above the one before");
    }
    LogicalPath logical;
    try {
      logical = LogicalPath.ofUtf8(path);
    } catch (IllegalArgumentException e) {
      throw corrupt(at, "not a path: %s", e.getMessage());
    }
    if (!DatasetLayout.mayBeCondemned(logical)) {
      throw corrupt(at, "'%s' may not be condemned", logical);
    }
    last = path;
    given++;
    return Optional.of(logical);
  }

  /** Makes {@code length} bytes available in the buffer. */
  private void fill(int length, long entryAt) throws IOException {
    if (buffer.remaining() >= length) {
      return;
    }
    long at = bufferAt + buffer.position();
    if (length > end - at) {
      throw corrupt(entryAt, "path ends %d bytes after the list", length - (end - at));
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
