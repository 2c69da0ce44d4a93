package io.pleat.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.bench.ReadSides.Side;
import io.pleat.dataset.ContainerSummary;
import io.pleat.format.Entry;
import io.pleat.read.FoldedDataset;
import io.pleat.read.PooledBytes;
import io.pleat.read.ReaderOptions;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Random reads by path of a local dataset, beside the limit (positional reads of the same ranges, CRC32C checked), the originals and the
 * archives that one would take instead. Arguments: {@code SOURCE DATASET SCRATCH READS ROUNDS SEED THREADS[,THREADS] RIVALS}; RIVALS is
 * {@code all} or {@code none}. Prints files/s as JSON.
 */
public final class LocalReads {
  private final Path source;
  private final FoldedDataset dataset;
  private final Map<String, FileChannel> containers = new HashMap<>();
  private final ThreadLocal<ByteBuffer> own =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(4 << 20));

  private LocalReads(Path source, Path root, FoldedDataset dataset) throws IOException {
    this.source = source;
    this.dataset = dataset;
    for (ContainerSummary container : dataset.containers()) {
      containers.put(
          container.id().toString(),
          FileChannel.open(root.resolve(container.path().toString()), StandardOpenOption.READ));
    }
  }

  /** Builds the rivals, measures all sides in turn. */
  public static void main(String[] args) throws Exception {
    Path source = Path.of(args[0]);
    Path root = Path.of(args[1]);
    Path scratch = Path.of(args[2]);
    int reads = Integer.parseInt(args[3]);
    int rounds = Integer.parseInt(args[4]);
    long seed = Long.parseLong(args[5]);
    Map<String, Object> results = new LinkedHashMap<>();
    try (FoldedDataset dataset =
        FoldedDataset.open(root.toString(), Map.of(), ReaderOptions.defaults())) {
      LocalReads run = new LocalReads(source, root, dataset);
      List<Entry> entries = ReadSides.folded(dataset);
      results.put("files", entries.size());
      Map<String, Side> sides = run.sides();
      if (args[7].equals("all")) {
        run.addRivals(sides, entries, scratch);
      }
      run.check(sides, entries);
      for (String threads : args[6].split(",")) {
        results.put(
            threads,
            ReadSides.measure(
                sides, entries, reads, rounds, Integer.parseInt(threads), new Random(seed)));
      }
      results.put("statistics", dataset.statistics().toString());
    }
    System.out.println(new ObjectMapper().writeValueAsString(results));
  }

  private Map<String, Side> sides() {
    Map<String, Side> sides = new LinkedHashMap<>();
    sides.put("limit, new byte[]", entry -> {
      ByteBuffer target = ByteBuffer.allocate((int) entry.extent().length());
      return checked(entry, target);
    });
    sides.put("limit, direct", entry -> {
      ByteBuffer target = own.get().clear().limit((int) entry.extent().length());
      return checked(entry, target);
    });
    sides.put("pleat, read", entry -> dataset.read(entry.path()).remaining());
    sides.put("pleat, readPooled", entry -> {
      try (PooledBytes bytes = dataset.readPooled(entry.path())) {
        return bytes.length();
      }
    });
    sides.put(
        "originals", entry -> Files.readAllBytes(source.resolve(entry.path().toString())).length);
    return sides;
  }

  private long checked(Entry entry, ByteBuffer target) throws IOException {
    FileChannel channel = containers.get(entry.extent().container().toString());
    while (target.hasRemaining()) {
      if (channel.read(target, entry.extent().offset() + target.position()) < 0) {
        throw new IOException("container ends inside " + entry.path());
      }
    }
    CRC32C crc = new CRC32C();
    crc.update(target.flip());
    if ((int) crc.getValue() != entry.storedCrc32c()) {
      throw new IOException("wrong checksum: " + entry.path());
    }
    return target.limit();
  }

  /** A wrong answer is not worth timing. */
  private void check(Map<String, Side> sides, List<Entry> entries) throws Exception {
    for (int i = 0; i < entries.size(); i += 97) {
      for (Map.Entry<String, Side> side : sides.entrySet()) {
        if (side.getValue().read(entries.get(i)) != entries.get(i).length()) {
          throw new IOException(
              side.getKey() + " gives other bytes: " + entries.get(i).path());
        }
      }
    }
  }

  private void addRivals(Map<String, Side> sides, List<Entry> entries, Path scratch)
      throws Exception {
    Path zip = scratch.resolve("all.zip");
    Path sqlite = scratch.resolve("all.sqlite");
    writeZip(zip, entries);
    writeSqlite(sqlite, entries);
    // A ZipFile guards itself by one lock; one a thread is the better rival.
    ThreadLocal<ZipFile> archive = ThreadLocal.withInitial(() -> {
      try {
        return new ZipFile(zip.toFile());
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
    ThreadLocal<byte[]> heap = ThreadLocal.withInitial(() -> new byte[4 << 20]);
    sides.put("zip, stored", entry -> {
      ZipFile open = archive.get();
      try (InputStream in = open.getInputStream(open.getEntry(entry.path().toString()))) {
        return in.readNBytes(heap.get(), 0, (int) entry.length());
      }
    });
    ThreadLocal<PreparedStatement> query = ThreadLocal.withInitial(() -> prepare(sqlite));
    sides.put("SQLite archive", entry -> {
      PreparedStatement statement = query.get();
      statement.setString(1, entry.path().toString());
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getBytes(1).length : -1;
      }
    });
  }

  private byte[] original(Entry entry) throws IOException {
    return Files.readAllBytes(source.resolve(entry.path().toString()));
  }

  private void writeZip(Path zip, List<Entry> entries) throws IOException {
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(file, 1 << 20))) {
      out.setMethod(ZipOutputStream.STORED);
      for (Entry entry : entries) {
        byte[] bytes = original(entry);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry header = new ZipEntry(entry.path().toString());
        header.setSize(bytes.length);
        header.setCompressedSize(bytes.length);
        header.setCrc(crc.getValue());
        out.putNextEntry(header);
        out.write(bytes);
      }
    }
  }

  private void writeSqlite(Path sqlite, List<Entry> entries) throws IOException, SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + sqlite);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode = OFF");
      statement.execute("PRAGMA synchronous = OFF");
      // The table of an SQLite archive, see sqlar.c.
      statement.execute(
          "CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB)");
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO sqlar VALUES (?, 0, 0, ?, ?)")) {
        for (Entry entry : entries) {
          byte[] bytes = original(entry);
          insert.setString(1, entry.path().toString());
          insert.setInt(2, bytes.length);
          insert.setBytes(3, bytes);
          insert.executeUpdate();
        }
      }
      connection.commit();
    }
  }

  private static PreparedStatement prepare(Path sqlite) {
    try {
      Connection connection = DriverManager.getConnection("jdbc:sqlite:" + sqlite);
      try (Statement statement = connection.createStatement()) {
        statement.execute("PRAGMA mmap_size = 8589934592");
      }
      return connection.prepareStatement("SELECT data FROM sqlar WHERE name = ?");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
