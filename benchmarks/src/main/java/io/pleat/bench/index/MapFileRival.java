package io.pleat.bench.index;

import io.pleat.format.SortKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.MapFile;
import org.apache.hadoop.io.SequenceFile;

/** Hadoop's MapFile with its defaults, uncompressed (every 128th key in memory), a reader for each thread. */
final class MapFileRival implements OpenIndex {
  private final ThreadLocal<MapFile.Reader> reader;

  private MapFileRival(Path folder) {
    reader = ThreadLocal.withInitial(() -> {
      try {
        return new MapFile.Reader(hadoop(folder), new Configuration());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    reader.get();
  }

  private static org.apache.hadoop.fs.Path hadoop(Path folder) {
    return new org.apache.hadoop.fs.Path(folder.resolve("map").toUri());
  }

  private byte[] get(byte[] path) throws IOException {
    BytesWritable value = new BytesWritable();
    return reader.get().get(new BytesWritable(SortKey.ofFile(path)), value) == null
        ? null
        : value.copyBytes();
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
    MapFile.Reader all = reader.get();
    all.reset();
    BytesWritable key = new BytesWritable();
    BytesWritable value = new BytesWritable();
    while (all.next(key, value)) {
      byte[] path = SortKey.toPath(key.copyBytes());
      sink.accept(path, path.length);
    }
  }

  @Override
  public Map<String, Long> resident() {
    return Map.of();
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws IOException {
        try (MapFile.Writer writer = new MapFile.Writer(
            new Configuration(),
            hadoop(folder),
            MapFile.Writer.keyClass(BytesWritable.class),
            SequenceFile.Writer.valueClass(BytesWritable.class),
            SequenceFile.Writer.compression(SequenceFile.CompressionType.NONE))) {
          int[] ordinal = {0};
          CorpusFile.read(
              corpus,
              item -> writer.append(
                  new BytesWritable(SortKey.ofFile(item.pathBytes())),
                  new BytesWritable(StoredExtent.encode(item, ordinal[0]++))));
        }
      }

      @Override
      public OpenIndex open(Path folder) {
        return new MapFileRival(folder);
      }

      @Override
      public Map<String, Long> atRest(Path folder) throws IOException {
        return Map.of(
            "data", RocksDbRival.bytesOf(folder, "/data"),
            "index", RocksDbRival.bytesOf(folder, "/index"));
      }
    };
  }
}
