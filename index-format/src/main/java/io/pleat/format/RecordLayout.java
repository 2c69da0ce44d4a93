package io.pleat.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A record's header, little-endian; the stored bytes follow it.
 *
 * <pre>
 *  at  bytes  field
 *   0      8  sync marker F0 9F A7 B5 52 45 43 0A
 *   8     16  container id, big-endian
 *  24      8  own offset: where this record starts in the file
 *  32      4  ordinal: of a file among the entries, of a directory its index in the directory table, of a dictionary 0
 *  36      1  kind: 1 file, 2 pass-through, 3 directory, 4 dictionary
 *  37      1  codec
 *  38      1  flags: 1 racy; the others are zero
 *  39      1  owner length, o
 *  40      1  group length, g
 *  41      1  etag length, e
 *  42      2  path length, p
 *  44      8  original length
 *  52      4  stored length
 *  56      4  CRC32C of the stored bytes; 0 where there are none by kind
 *  60      4  CRC32C of the original bytes; likewise
 *  64      8  mtime, seconds
 *  72      4  mtime, nanoseconds
 *  76      2  mode
 *  78      2  zero
 *  80      p  path
 *          o  owner
 *          g  group
 *          e  etag
 *          4  CRC32C of all bytes before, from the sync marker on
 * </pre>
 */
final class RecordLayout {
  static final long SYNC_MARKER = 0x0A434552B5A79FF0L;

  static final int SYNC_MARKER_AT = 0;
  static final int ID_AT = SYNC_MARKER_AT + Long.BYTES;
  static final int OFFSET_AT = ID_AT + ContainerId.LENGTH;
  static final int ORDINAL_AT = OFFSET_AT + Long.BYTES;
  static final int KIND_AT = ORDINAL_AT + Integer.BYTES;
  static final int CODEC_AT = KIND_AT + 1;
  static final int FLAGS_AT = CODEC_AT + 1;
  static final int OWNER_LENGTH_AT = FLAGS_AT + 1;
  static final int GROUP_LENGTH_AT = OWNER_LENGTH_AT + 1;
  static final int ETAG_LENGTH_AT = GROUP_LENGTH_AT + 1;
  static final int PATH_LENGTH_AT = ETAG_LENGTH_AT + 1;
  static final int LENGTH_AT = PATH_LENGTH_AT + Short.BYTES;
  static final int STORED_LENGTH_AT = LENGTH_AT + Long.BYTES;
  static final int STORED_CRC_AT = STORED_LENGTH_AT + Integer.BYTES;
  static final int CRC_AT = STORED_CRC_AT + Integer.BYTES;
  static final int MTIME_SECONDS_AT = CRC_AT + Integer.BYTES;
  static final int MTIME_NANOS_AT = MTIME_SECONDS_AT + Long.BYTES;
  static final int MODE_AT = MTIME_NANOS_AT + Integer.BYTES;
  static final int RESERVED_AT = MODE_AT + Short.BYTES;
  static final int NAMES_AT = RESERVED_AT + Short.BYTES;

  static final int MIN_LENGTH = NAMES_AT + Integer.BYTES;
  static final int MAX_LENGTH =
      MIN_LENGTH + LogicalPath.MAX_LENGTH + 3 * Attributes.MAX_NAME_LENGTH;

  static final int FILE = 1;
  static final int PASS_THROUGH = 2;
  static final int DIRECTORY = 3;
  static final int DICTIONARY = 4;

  static final int RACY = 1;

  private RecordLayout() {}

  /** What a dictionary's record has for attributes. */
  static final Attributes NO_ATTRIBUTES = new Attributes(0, 0, Attributes.UNKNOWN_MODE, "", "", "");

  /** Length of a record's header, own CRC included. */
  static int headerLength(int path, int owner, int group, int etag) {
    return MIN_LENGTH + path + owner + group + etag;
  }

  /** Whole header length by its fixed part at {@code at}. */
  static int headerLength(ByteBuffer buffer, int at) {
    return headerLength(
        Short.toUnsignedInt(buffer.getShort(at + PATH_LENGTH_AT)),
        buffer.get(at + OWNER_LENGTH_AT) & 0xFF,
        buffer.get(at + GROUP_LENGTH_AT) & 0xFF,
        buffer.get(at + ETAG_LENGTH_AT) & 0xFF);
  }

  /** Writes record headers into an array of its own. */
  static final class Encoder {
    private final byte[] bytes = new byte[MAX_LENGTH];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();

    Encoder(ContainerId id) {
      buffer.putLong(SYNC_MARKER_AT, SYNC_MARKER);
      buffer.put(ID_AT, id.toBytes());
    }

    byte[] array() {
      return bytes;
    }

    /** Encodes a header into {@link #array} and returns its length. */
    int encode(
        long offset,
        int kind,
        int ordinal,
        int flags,
        byte[] path,
        Attributes attributes,
        byte[] owner,
        byte[] group,
        byte[] etag,
        long length,
        int codec,
        int storedLength,
        int storedCrc,
        int crc) {
      return encode(
          offset,
          kind,
          ordinal,
          flags,
          path,
          path.length,
          attributes.mtimeSeconds(),
          attributes.mtimeNanos(),
          attributes.mode(),
          owner,
          group,
          etag,
          length,
          codec,
          storedLength,
          storedCrc,
          crc);
    }

    /** The same, of the first {@code pathLength} bytes of {@code path}. */
    int encode(
        long offset,
        int kind,
        int ordinal,
        int flags,
        byte[] path,
        int pathLength,
        long mtimeSeconds,
        int mtimeNanos,
        int mode,
        byte[] owner,
        byte[] group,
        byte[] etag,
        long length,
        int codec,
        int storedLength,
        int storedCrc,
        int originalCrc) {
      buffer.putLong(OFFSET_AT, offset);
      buffer.putInt(ORDINAL_AT, ordinal);
      bytes[KIND_AT] = (byte) kind;
      bytes[CODEC_AT] = (byte) codec;
      bytes[FLAGS_AT] = (byte) flags;
      bytes[OWNER_LENGTH_AT] = (byte) owner.length;
      bytes[GROUP_LENGTH_AT] = (byte) group.length;
      bytes[ETAG_LENGTH_AT] = (byte) etag.length;
      buffer.putShort(PATH_LENGTH_AT, (short) pathLength);
      buffer.putLong(LENGTH_AT, length);
      buffer.putInt(STORED_LENGTH_AT, storedLength);
      buffer.putInt(STORED_CRC_AT, storedCrc);
      buffer.putInt(CRC_AT, originalCrc);
      buffer.putLong(MTIME_SECONDS_AT, mtimeSeconds);
      buffer.putInt(MTIME_NANOS_AT, mtimeNanos);
      buffer.putShort(MODE_AT, (short) mode);
      System.arraycopy(path, 0, bytes, NAMES_AT, pathLength);
      int at = append(etag, append(group, append(owner, NAMES_AT + pathLength)));
      crc.reset();
      crc.update(bytes, 0, at);
      buffer.putInt(at, (int) crc.getValue());
      return at + Integer.BYTES;
    }

    private int append(byte[] name, int at) {
      System.arraycopy(name, 0, bytes, at, name.length);
      return at + name.length;
    }
  }

  /**
   * A record's header, checked.
   *
   * @param offset where the record starts in the file
   * @param payloadOffset where its stored bytes start
   */
  record Header(
      long offset,
      int ordinal,
      int kind,
      int codec,
      boolean racy,
      LogicalPath path,
      Attributes attributes,
      long payloadOffset,
      long length,
      int storedLength,
      int storedCrc,
      int crc) {

    long end() {
      return payloadOffset + storedLength;
    }

    Entry toEntry(ContainerId id) {
      boolean passThrough = kind == PASS_THROUGH;
      return new Entry(
          path,
          ordinal,
          passThrough ? Entry.Kind.PASS_THROUGH : Entry.Kind.FOLDED,
          length,
          new Extent(id, payloadOffset, storedLength),
          codec,
          storedCrc,
          crc,
          racy,
          attributes);
    }
  }

  /** Whether sync marker, id and own offset at {@code at} are those of a record there. Needs {@link #NAMES_AT} bytes. */
  static boolean isRecord(ByteBuffer buffer, int at, ContainerId id, long offset) {
    return buffer.getLong(at + SYNC_MARKER_AT) == SYNC_MARKER
        && Long.reverseBytes(buffer.getLong(at + ID_AT)) == id.mostSignificant()
        && Long.reverseBytes(buffer.getLong(at + ID_AT + Long.BYTES)) == id.leastSignificant()
        && buffer.getLong(at + OFFSET_AT) == offset;
  }

  /** Whether the own CRC of the header at {@code at}, {@code headerLength} bytes long, is right. */
  static boolean hasGoodCrc(ByteBuffer buffer, int at, int headerLength) {
    int crcAt = headerLength - Integer.BYTES;
    return Checksums.crc32c(buffer.slice(at, crcAt)) == buffer.getInt(at + crcAt);
  }

  /**
   * Reads a header whose CRC is right.
   *
   * @throws IllegalArgumentException if it says what no writer writes
   */
  static Header decode(ByteBuffer buffer, int at, int headerLength, long offset) {
    int kind = buffer.get(at + KIND_AT);
    int codec = buffer.get(at + CODEC_AT) & 0xFF;
    int flags = buffer.get(at + FLAGS_AT);
    int pathLength = Short.toUnsignedInt(buffer.getShort(at + PATH_LENGTH_AT));
    int ownerLength = buffer.get(at + OWNER_LENGTH_AT) & 0xFF;
    int groupLength = buffer.get(at + GROUP_LENGTH_AT) & 0xFF;
    int etagLength = buffer.get(at + ETAG_LENGTH_AT) & 0xFF;
    long length = buffer.getLong(at + LENGTH_AT);
    int storedLength = buffer.getInt(at + STORED_LENGTH_AT);
    int storedCrc = buffer.getInt(at + STORED_CRC_AT);
    int crc = buffer.getInt(at + CRC_AT);
    int namesAt = at + NAMES_AT;
    byte[] path = new byte[pathLength];
    buffer.get(namesAt, path);
    String owner = text(buffer, namesAt + pathLength, ownerLength);
    String group = text(buffer, namesAt + pathLength + ownerLength, groupLength);
    String etag = text(buffer, namesAt + pathLength + ownerLength + groupLength, etagLength);
    Attributes attributes = new Attributes(
        buffer.getLong(at + MTIME_SECONDS_AT),
        buffer.getInt(at + MTIME_NANOS_AT),
        Short.toUnsignedInt(buffer.getShort(at + MODE_AT)),
        owner,
        group,
        etag);
    LogicalPath logicalPath = LogicalPath.ofUtf8(path);
    boolean raw = codec == PayloadCodec.RAW;
    boolean stores = kind == FILE || kind == DICTIONARY;
    int ordinal = buffer.getInt(at + ORDINAL_AT);
    int ordinals = kind == DICTIONARY
        ? 1
        : kind == DIRECTORY ? ContainerWriter.MAX_DIRECTORIES : ContainerWriter.MAX_ENTRIES;
    Preconditions.checkArgument(
        (kind == FILE || kind == PASS_THROUGH || kind == DIRECTORY || kind == DICTIONARY)
            && (flags == 0 || flags == RACY && kind == FILE)
            && ordinal >= 0
            && ordinal < ordinals
            && length >= 0
            && storedLength >= 0
            && (raw || kind == FILE)
            && (!stores || length <= Integer.MAX_VALUE)
            && (!stores || !raw || length == storedLength && crc == storedCrc)
            && (stores || storedLength == 0 && storedCrc == 0 && crc == 0)
            && (kind != DIRECTORY || length == 0)
            && (kind != DICTIONARY || length <= IndexBlock.MAX_DICTIONARY_LENGTH && pathLength == 0)
            && (kind == DIRECTORY || kind == DICTIONARY || pathLength > 0)
            && buffer.getShort(at + RESERVED_AT) == 0,
        "kind %s, ordinal %s, codec %s, flags %s, lengths %s and %s",
        kind,
        ordinal,
        codec,
        flags,
        length,
        storedLength);
    return new Header(
        offset,
        ordinal,
        kind,
        codec,
        flags == RACY,
        logicalPath,
        attributes,
        offset + headerLength,
        length,
        storedLength,
        storedCrc,
        crc);
  }

  private static String text(ByteBuffer buffer, int at, int length) {
    if (length == 0) {
      return "";
    }
    byte[] utf8 = new byte[length];
    buffer.get(at, utf8);
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
