package io.pleat.maintain;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.pleat.format.ByteSink;
import io.pleat.format.ContainerId;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Writes a list of pending originals row by row, in constant memory; one without rows makes no file. {@link #finish()} completes it; {@code close()}
 * alone abandons it. Not thread-safe.
 */
final class PendingListWriter implements Closeable {
  private static final int BUFFER_LENGTH = 1 << 18;

  private final Store dataset;
  private final String id = PendingList.freshId();
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
  private Optional<ByteSink> sink = Optional.empty();
  private int rows;

  PendingListWriter(Store dataset) {
    this.dataset = dataset;
    buffer.put(PendingList.MAGIC.getBytes(US_ASCII)).putInt(PendingList.VERSION_ONE);
  }

  /** What the list is called. */
  String id() {
    return id;
  }

  void add(ReclaimRow row) throws IOException {
    byte[] path = row.path().utf8();
    byte[] etag = row.etag().getBytes(UTF_8);
    int length = Integer.BYTES + path.length + PendingList.FIXED_LENGTH + Short.BYTES + etag.length;
    if (buffer.remaining() < length) {
      drain();
    }
    buffer.putInt(path.length).put(path);
    ContainerId container = row.container();
    buffer.order(ByteOrder.BIG_ENDIAN);
    buffer.putLong(container.mostSignificant()).putLong(container.leastSignificant());
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(row.ordinal());
    buffer.putLong(row.length()).putLong(row.mtimeSeconds()).putInt(row.mtimeNanos());
    buffer.putInt(row.crc32c());
    buffer.putShort((short) etag.length).put(etag);
    rows++;
  }

  private void drain() throws IOException {
    if (sink.isEmpty()) {
      sink = Optional.of(dataset.create(PendingList.pathOf(id)));
    }
    buffer.flip();
    crc.update(buffer.duplicate());
    sink.get().write(buffer);
    buffer.clear();
  }

  /** Makes the list whole and durable. */
  void finish() throws IOException {
    if (rows == 0) {
      return;
    }
    if (buffer.remaining() < PendingList.END_LENGTH) {
      drain();
    }
    buffer.putInt(rows);
    drain();
    buffer.putInt((int) crc.getValue()).put(PendingList.END_MARK.getBytes(US_ASCII));
    drain();
    sink.get().finish();
  }

  @Override
  public void close() throws IOException {
    if (sink.isPresent()) {
      sink.get().close();
    }
  }
}
