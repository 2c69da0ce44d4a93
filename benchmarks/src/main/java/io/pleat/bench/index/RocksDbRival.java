package io.pleat.bench.index;

import io.pleat.format.SortKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileWriter;

/** RocksDB, loaded in bulk from sorted keys, with a Bloom filter, hashed data blocks, LZ4, and a cache that holds all of it. */
final class RocksDbRival implements OpenIndex {
  private static final long CACHE = 2L << 30;
  private static final String FOLDER = "rocksdb";

  static {
    RocksDB.loadLibrary();
  }

  private final Options options;
  private final RocksDB database;

  private RocksDbRival(Path folder) throws RocksDBException {
    options = options();
    database = RocksDB.open(options, folder.resolve(FOLDER).toString());
  }

  private static Options options() {
    return new Options()
        .setCreateIfMissing(true)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(new BlockBasedTableConfig()
            .setBlockCache(new LRUCache(CACHE))
            .setFilterPolicy(new BloomFilter(10))
            .setDataBlockIndexType(DataBlockIndexType.kDataBlockBinaryAndHash));
  }

  private byte[] get(byte[] path) throws IOException {
    try {
      return database.get(SortKey.ofFile(path));
    } catch (RocksDBException e) {
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
  public void list(PathSink sink) {
    try (RocksIterator all = database.newIterator()) {
      for (all.seekToFirst(); all.isValid(); all.next()) {
        byte[] path = SortKey.toPath(all.key());
        sink.accept(path, path.length);
      }
    }
  }

  @Override
  public Map<String, Long> resident() throws IOException {
    try {
      return Map.of(
          "block cache", database.getLongProperty("rocksdb.block-cache-usage"),
          "table readers", database.getLongProperty("rocksdb.estimate-table-readers-mem"));
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    database.close();
    options.close();
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws Exception {
        Path loaded = folder.resolve("loaded.sst");
        try (Options options = options();
            EnvOptions environment = new EnvOptions();
            SstFileWriter writer = new SstFileWriter(environment, options)) {
          writer.open(loaded.toString());
          int[] ordinal = {0};
          CorpusFile.read(corpus, item -> {
            try {
              byte[] key = SortKey.ofFile(item.pathBytes());
              writer.put(key, StoredExtent.encode(item, ordinal[0]++));
            } catch (RocksDBException e) {
              throw new IOException(e);
            }
          });
          writer.finish();
        }
        try (RocksDbRival made = new RocksDbRival(folder);
            IngestExternalFileOptions move = new IngestExternalFileOptions()) {
          move.setMoveFiles(true);
          made.database.ingestExternalFile(List.of(loaded.toString()), move);
        }
      }

      @Override
      public OpenIndex open(Path folder) throws RocksDBException {
        return new RocksDbRival(folder);
      }

      @Override
      public Map<String, Long> atRest(Path folder) throws IOException {
        return Map.of("tables", bytesOf(folder.resolve(FOLDER), ".sst"));
      }
    };
  }

  /** Bytes of the files in a folder whose names end so. */
  static long bytesOf(Path folder, String suffix) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        bytes +=
            Files.isRegularFile(file) && file.toString().endsWith(suffix) ? Files.size(file) : 0;
      }
    }
    return bytes;
  }
}
