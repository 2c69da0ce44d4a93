package io.pleat.read.cache;

import io.pleat.format.ContainerId;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One chunk of a container in a file of its own, open for reading. What is read is verified, block by block; nothing is believed of the file. Thread-safe.
 *
 * <pre>
 *   0  8  magic
 *   8  4  version
 *  12  4  bytes of data
 *  16 16  the container's id
 *  32  8  number of the chunk: it starts at this times DATA_LENGTH in the container
 *  40  4 * BLOCKS  CRC32C of each block of data, 0 for those that are not there
 *      4  CRC32C of all before
 * 512     the data
 * </pre>
 * All numbers are little-endian but the id, whose bytes are in their own order.
 */
final class ChunkFile implements Closeable {
  /** Most bytes of a container in one chunk. */
  static final int DATA_LENGTH = 1 << 20;

  /** What has one checksum: as much must be read to get a single byte. */
  static final int BLOCK_LENGTH = 16 << 10;

  private static final int BLOCKS = DATA_LENGTH / BLOCK_LENGTH;
  private static final long MAGIC = 0x4b4e484354454c50L; // "PLETCHNK"
  private static final int VERSION = 1;
  private static final int MAGIC_AT = 0;
  private static final int VERSION_AT = MAGIC_AT + Long.BYTES;
  private static final int LENGTH_AT = VERSION_AT + Integer.BYTES;
  private static final int ID_AT = LENGTH_AT + Integer.BYTES;
  private static final int ID_LENGTH = 16;
  private static final int NUMBER_AT = ID_AT + ID_LENGTH;
  private static final int BLOCK_CRCS_AT = NUMBER_AT + Long.BYTES;
  private static final int CRC_AT = BLOCK_CRCS_AT + BLOCKS * Integer.BYTES;

  /** Where the data starts. */
  static final int DATA_AT = (CRC_AT + Integer.BYTES + 511) / 512 * 512;

  private static final ThreadLocal<ByteBuffer> BLOCK =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(BLOCK_LENGTH));

  private final Path path;
  private final FileChannel channel;
  private final int length;
  private final ByteBuffer header;
  private volatile long touchedAt;

  private ChunkFile(Path path, FileChannel channel, int length, ByteBuffer header) {
    this.path = path;
    this.channel = channel;
    this.length = length;
    this.header = header;
  }

  /** A chunk is not what was stored. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1;

    DamagedException(Path path, String what) {
      super("cached chunk is damaged, " + what + ": " + path);
    }
  }

  /** Bytes that a chunk with so much data takes on disk. */
  static long fileLength(int dataLength) {
    return (long) DATA_AT + dataLength;
  }

  /** Writes a chunk to a new file, which nobody may read before it has its name. */
  static void write(Path path, ContainerId container, long number, ByteBuffer data)
      throws IOException {
    ByteBuffer head = ByteBuffer.allocate(DATA_AT).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(MAGIC_AT, MAGIC);
    head.putInt(VERSION_AT, VERSION);
    head.putInt(LENGTH_AT, data.remaining());
    head.put(ID_AT, container.toBytes());
    head.putLong(NUMBER_AT, number);
    for (int block = 0; block * BLOCK_LENGTH < data.remaining(); block++) {
      int from = block * BLOCK_LENGTH;
      ByteBuffer part =
          data.slice(data.position() + from, Math.min(BLOCK_LENGTH, data.remaining() - from));
      head.putInt(BLOCK_CRCS_AT + block * Integer.BYTES, crc(part));
    }
    head.putInt(CRC_AT, crc(head.duplicate().limit(CRC_AT)));
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer[] parts = {head, data.duplicate()};
      while (parts[1].hasRemaining() || head.hasRemaining()) {
        channel.write(parts);
      }
    }
  }

  /**
   * Opens a chunk and checks what stands before its data.
   *
   * @param length of its data
   * @throws java.nio.file.NoSuchFileException if it is not there
   * @throws DamagedException if it is none, or another
   */
  static ChunkFile open(Path path, ContainerId container, long number, int length)
      throws IOException {
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try {
      ByteBuffer header =
          ByteBuffer.allocate(CRC_AT + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      read(channel, 0, header, path);
      header.flip();
      if (header.getLong(MAGIC_AT) != MAGIC || header.getInt(VERSION_AT) != VERSION) {
        throw new DamagedException(path, "it has no such header");
      }
      if (header.getInt(CRC_AT) != crc(header.duplicate().limit(CRC_AT))) {
        throw new DamagedException(path, "the checksum of its header is wrong");
      }
      byte[] id = new byte[ID_LENGTH];
      header.get(ID_AT, id);
      if (!Arrays.equals(id, container.toBytes())
          || header.getLong(NUMBER_AT) != number
          || header.getInt(LENGTH_AT) != length
          || channel.size() != fileLength(length)) {
        throw new DamagedException(path, "it is another one or cut off");
      }
      return new ChunkFile(path, channel, length, header);
    } catch (Throwable e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Fills {@code target} with the data from {@code at} on.
   *
   * @throws DamagedException if the data is not what was stored
   */
  void read(int at, ByteBuffer target) throws IOException {
    int from = at;
    while (target.hasRemaining()) {
      int block = from / BLOCK_LENGTH;
      int start = block * BLOCK_LENGTH;
      int blockLength = Math.min(BLOCK_LENGTH, length - start);
      int count = Math.min(target.remaining(), start + blockLength - from);
      if (count == blockLength) {
        ByteBuffer whole = target.slice(target.position(), count);
        read(channel, (long) DATA_AT + start, whole, path);
        verify(block, whole.flip());
      } else {
        ByteBuffer whole = BLOCK.get().clear().limit(blockLength);
        read(channel, (long) DATA_AT + start, whole, path);
        verify(block, whole.flip());
        target.put(target.position(), whole, from - start, count);
      }
      target.position(target.position() + count);
      from += count;
    }
  }

  private void verify(int block, ByteBuffer bytes) throws DamagedException {
    if (crc(bytes) != header.getInt(BLOCK_CRCS_AT + block * Integer.BYTES)) {
      throw new DamagedException(path, "the checksum of block " + block + " is wrong");
    }
  }

  private static void read(FileChannel channel, long position, ByteBuffer target, Path path)
      throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        throw new DamagedException(path, "it ends at " + at);
      }
      at += count;
    }
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  Path path() {
    return path;
  }

  /** Whether the last use was noted longer ago than {@code nanos}; if so, it is noted now. */
  boolean isUseWorthNoting(long now, long nanos) {
    if (touchedAt != 0 && now - touchedAt < nanos) {
      return false;
    }
    touchedAt = now;
    return true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
