package io.pleat.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads records one after the other, and finds the next good one after damage. */
final class RecordReader implements AutoCloseable {
  private final ByteSource source;
  private final ContainerId id;
  private final long end;
  private final ForwardWindow window;
  private final CRC32C crc = new CRC32C();

  /** @param end where the records end at the latest */
  RecordReader(ByteSource source, ContainerId id, long end, ForwardWindow window) {
    this.source = source;
    this.id = id;
    this.end = end;
    this.window = window;
  }

  /**
   * Reads the record header at {@code offset}.
   *
   * @throws CorruptDataException if there is none, it is damaged, or its payload would go beyond the end
   */
  RecordLayout.Header read(long offset) throws IOException {
    int available = window.require(offset, RecordLayout.MIN_LENGTH);
    if (available < RecordLayout.MIN_LENGTH) {
      throw damaged(offset, "record is cut short: %d bytes are left", available);
    }
    int at = window.indexOf(offset);
    ByteBuffer bytes = window.bytes();
    if (!RecordLayout.isRecord(bytes, at, id, offset)) {
      throw damaged(
          offset,
          "no record here: sync marker is 0x%016x, expected 0x%016x, or id or own offset differs",
          bytes.getLong(at + RecordLayout.SYNC_MARKER_AT),
          RecordLayout.SYNC_MARKER);
    }
    int headerLength = RecordLayout.headerLength(bytes, at);
    available = window.require(offset, headerLength);
    if (available < headerLength) {
      throw damaged(
          offset, "record header of %d bytes is cut short at %d", headerLength, available);
    }
    at = window.indexOf(offset);
    bytes = window.bytes();
    if (!RecordLayout.hasGoodCrc(bytes, at, headerLength)) {
      throw damaged(
          offset,
          "CRC32C of record header is not the stored %s",
          Checksums.hex(bytes.getInt(at + headerLength - Integer.BYTES)));
    }
    RecordLayout.Header header;
    try {
      header = RecordLayout.decode(bytes, at, headerLength, offset);
    } catch (IllegalArgumentException e) {
      CorruptDataException damage = damaged(offset, "impossible record (%s)", e.getMessage());
      damage.initCause(e);
      throw damage;
    }
    if (header.storedLength() > end - header.payloadOffset()) {
      throw damaged(
          offset,
          "stored bytes of '%s' end at %d, but records end at %d",
          header.path(),
          header.end(),
          end);
    }
    return header;
  }

  /**
   * Where the next record with sound marker, id, own offset and CRC starts, {@code from} being the first place to look; the end if there is
   * none. Bytes that merely look like a record, such as a folded container's, do not pass: they have another id or another offset.
   */
  long resync(long from) throws IOException {
    byte first = (byte) RecordLayout.SYNC_MARKER;
    long position = from;
    while (end - position >= RecordLayout.MIN_LENGTH) {
      int available =
          window.require(position, (int) Math.min(end - position, ForwardWindow.LENGTH));
      ByteBuffer bytes = window.bytes();
      int at = window.indexOf(position);
      int last = at + available - RecordLayout.MIN_LENGTH;
      int candidate = at;
      while (candidate <= last
          && !(bytes.get(candidate) == first
              && bytes.getLong(candidate) == RecordLayout.SYNC_MARKER)) {
        candidate++;
      }
      position += candidate - at;
      if (candidate <= last) {
        if (isSound(position)) {
          return position;
        }
        position++;
      } else if (available < RecordLayout.MIN_LENGTH) {
        break;
      }
    }
    return end;
  }

  private boolean isSound(long offset) throws IOException {
    try {
      read(offset);
      return true;
    } catch (CorruptDataException e) {
      if (e.getCause() instanceof EOFException) {
        throw e;
      }
      return false;
    }
  }

  /** CRC32C of {@code length} stored bytes, read piece by piece. */
  int storedCrc(long offset, long length) throws IOException {
    crc.reset();
    long position = offset;
    while (position < offset + length) {
      int piece = (int) Math.min(offset + length - position, ForwardWindow.LENGTH);
      int available = window.require(position, piece);
      window.update(crc, position, available);
      position += available;
    }
    return (int) crc.getValue();
  }

  private CorruptDataException damaged(long offset, String format, Object... arguments) {
    return new CorruptDataException(source.toString(), offset, format, arguments);
  }

  @Override
  public void close() {
    window.close();
  }
}
