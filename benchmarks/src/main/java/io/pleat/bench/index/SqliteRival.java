package io.pleat.bench.index;

import io.pleat.format.SortKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** SQLite: a table without row ids, mapped, a prepared statement for each thread. */
final class SqliteRival implements OpenIndex {
  private static final String FILE = "sqlite";

  private final Path file;
  private final ThreadLocal<PreparedStatement> lookup = ThreadLocal.withInitial(this::prepare);

  private SqliteRival(Path folder) {
    file = folder.resolve(FILE);
    lookup.get();
  }

  private static Connection connect(Path file) throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA mmap_size = 8589934592");
    }
    return connection;
  }

  private PreparedStatement prepare() {
    try {
      return connect(file).prepareStatement("SELECT value FROM files WHERE path = ?");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] get(byte[] path) throws IOException {
    try {
      PreparedStatement statement = lookup.get();
      statement.setBytes(1, SortKey.ofFile(path));
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? rows.getBytes(1) : null;
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public int find(byte[] path) throws IOException {
    byte[] value = get(path);
    return value == null ? -1 : StoredExtent.ordinal(value);
  }

  @Override
  public int locate(byte[] path, Location location) throws IOException {
    byte[] value = get(path);
    return value == null ? -1 : StoredExtent.decode(value, location);
  }

  @Override
  public void list(PathSink sink) throws IOException {
    try (Connection connection = connect(file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT path FROM files ORDER BY path")) {
      while (rows.next()) {
        byte[] path = SortKey.toPath(rows.getBytes(1));
        sink.accept(path, path.length);
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public Map<String, Long> resident() throws IOException {
    return Map.of("mapped", Files.size(file));
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws Exception {
        try (Connection connection = connect(folder.resolve(FILE));
            Statement statement = connection.createStatement()) {
          statement.execute("PRAGMA journal_mode = OFF");
          statement.execute("PRAGMA synchronous = OFF");
          statement.execute(
              "CREATE TABLE files (path BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
          connection.setAutoCommit(false);
          int[] ordinal = {0};
          try (PreparedStatement insert =
              connection.prepareStatement("INSERT INTO files VALUES (?, ?)")) {
            CorpusFile.read(corpus, item -> {
              try {
                insert.setBytes(1, SortKey.ofFile(item.pathBytes()));
                insert.setBytes(2, StoredExtent.encode(item, ordinal[0]++));
                insert.executeUpdate();
              } catch (SQLException e) {
                throw new IOException(e);
              }
            });
          }
          connection.commit();
        }
      }

      @Override
      public OpenIndex open(Path folder) {
        return new SqliteRival(folder);
      }

      @Override
      public Map<String, Long> atRest(Path folder) throws IOException {
        return Map.of("table", Files.size(folder.resolve(FILE)));
      }
    };
  }
}
