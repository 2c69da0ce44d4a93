package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The originals that a run is about to delete, on storage before the commit that marks them: so whatever a killed run has set aside, or left, is
 * found by the next one.
 */
final class PendingList {
  private static final LogicalPath DIRECTORY = LogicalPath.of("_pleat/reclaims");
  private static final String SUFFIX = ".pending";
  private static final int MAX_LENGTH = 1 << 28;

  private PendingList() {}

  /** A name that no other list has: 32 hexadecimal digits. */
  static String freshId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  static LogicalPath pathOf(String id) {
    return LogicalPath.of(DIRECTORY + "/" + id + SUFFIX);
  }

  static void write(Store dataset, String id, List<ReclaimRow> rows) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(rows.size());
    for (ReclaimRow row : rows) {
      byte[] path = row.path().utf8();
      out.writeInt(path.length);
      out.write(path);
      out.writeUTF(row.container());
      out.writeInt(row.ordinal());
      out.writeLong(row.length());
      out.writeLong(row.mtimeSeconds());
      out.writeInt(row.mtimeNanos());
      out.writeUTF(row.etag());
      out.writeInt(row.crc32c());
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.toByteArray());
    out.writeInt((int) crc.getValue());
    try (ByteSink sink = dataset.create(pathOf(id))) {
      sink.write(ByteBuffer.wrap(bytes.toByteArray()));
      sink.finish();
    }
  }

  /** @throws CorruptDataException if it is torn, as a run leaves it that died before it could commit, or damaged */
  static List<ReclaimRow> read(Store dataset, String id) throws IOException {
    byte[] bytes;
    String name;
    try (ByteSource source = dataset.open(pathOf(id))) {
      name = source.toString();
      if (source.length() < 8 || source.length() > MAX_LENGTH) {
        throw new CorruptDataException(name, 0, "list has %d bytes", source.length());
      }
      bytes = new byte[(int) source.length()];
      source.readFully(0, ByteBuffer.wrap(bytes));
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    int stored = ByteBuffer.wrap(bytes).getInt(bytes.length - 4);
    if (stored != (int) crc.getValue()) {
      throw new CorruptDataException(
          name,
          bytes.length - 4,
          "CRC32C of list is 0x%08x, stored 0x%08x",
          (int) crc.getValue(),
          stored);
    }
    try {
      return rows(bytes);
    } catch (IOException | IllegalArgumentException e) {
      CorruptDataException damage =
          new CorruptDataException(name, 0, "list contradicts itself (%s)", e.getMessage());
      damage.initCause(e);
      throw damage;
    }
  }

  private static List<ReclaimRow> rows(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    int count = in.readInt();
    List<ReclaimRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] path = in.readNBytes(in.readInt());
      checkArgument(path.length > 0, "the root among the files");
      rows.add(new ReclaimRow(
          LogicalPath.ofUtf8(path),
          in.readUTF(),
          in.readInt(),
          in.readLong(),
          in.readLong(),
          in.readInt(),
          in.readUTF(),
          in.readInt()));
    }
    return rows;
  }

  /** The ids of all lists in a dataset. */
  static List<String> all(Store dataset) throws IOException {
    List<String> ids = new ArrayList<>();
    try {
      dataset.list(DIRECTORY, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          String name = file.path().name();
          if (name.endsWith(SUFFIX)) {
            ids.add(name.substring(0, name.length() - SUFFIX.length()));
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return ids;
  }
}
