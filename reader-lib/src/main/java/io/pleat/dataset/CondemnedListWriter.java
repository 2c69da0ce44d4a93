package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Writes a list of condemned files path by path, in ascending order of bytes, in constant memory. {@link #finish()} completes it; {@code close()}
 * alone abandons it. Not thread-safe.
 */
public final class CondemnedListWriter implements Closeable {
  private static final int BUFFER_LENGTH = 1 << 18;

  private final ReferencedFile file;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
  private byte[] last = {};
  private long paths;

  private CondemnedListWriter(ReferencedFile file) {
    this.file = file;
    CondemnedList.FRAME.putStart(buffer);
  }

  /** Starts a list under a fresh name. */
  public static CondemnedListWriter create(Store dataset) throws IOException {
    return new CondemnedListWriter(
        ReferencedFile.create(dataset, DatasetLayout.newCondemnedList()));
  }

  /**
   * Appends a path.
   *
   * @throws IllegalArgumentException if it does not sort above the last one, or is none that may ever be deleted
   */
  public void add(LogicalPath path) throws IOException {
    checkArgument(DatasetLayout.mayBeCondemned(path), "may not be condemned: '%s'", path);
    byte[] bytes = path.utf8();
    int shared = Arrays.mismatch(last, bytes);
    checkArgument(
        Arrays.compareUnsigned(last, bytes) < 0, "'%s' does not sort above the path before", path);
    if (buffer.remaining() < 2 * Short.BYTES + bytes.length) {
      drain();
    }
    buffer.putShort((short) shared);
    buffer.putShort((short) (bytes.length - shared));
    buffer.put(bytes, shared, bytes.length - shared);
    last = bytes;
    paths++;
  }

  /** How many paths were added. */
  public long paths() {
    return paths;
  }

  private void drain() throws IOException {
    buffer.flip();
    crc.update(buffer.duplicate());
    file.write(buffer);
    buffer.clear();
  }

  /** Makes the list whole and durable, and refers to it. */
  public CondemnedListReference finish() throws IOException {
    if (buffer.remaining() < Long.BYTES + Integer.BYTES) {
      drain();
    }
    buffer.putLong(paths);
    drain();
    buffer.putInt(MetadataFrame.mask((int) crc.getValue()));
    buffer.flip();
    file.write(buffer);
    return new CondemnedListReference(file.finish(), paths);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
