package io.pleat.bench.index;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** {@code HashMap<String, record>}: what people write first. Nothing at rest: it is made anew from the corpus; it lists in no order. */
final class HashMapRival implements OpenIndex {
  private record Extent(long offset, int size, int crc, int ordinal) {}

  private final Map<String, Extent> extents = new HashMap<>();

  private HashMapRival(Path corpus) throws IOException {
    CorpusFile.read(
        corpus,
        item -> extents.put(
            new String(item.path, 0, item.length, StandardCharsets.UTF_8),
            new Extent(item.offset, item.size, item.crc, extents.size())));
  }

  private Extent get(byte[] path) {
    return extents.get(new String(path, StandardCharsets.UTF_8));
  }

  @Override
  public int find(byte[] path) {
    Extent found = get(path);
    return found == null ? -1 : found.ordinal;
  }

  @Override
  public int locate(byte[] path, Location location) {
    Extent found = get(path);
    if (found == null) {
      return -1;
    }
    location.offset = found.offset;
    location.size = found.size;
    location.crc = found.crc;
    return found.ordinal;
  }

  @Override
  public void list(PathSink sink) {
    extents.keySet().stream().sorted().forEach(path -> {
      byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
      sink.accept(bytes, bytes.length);
    });
  }

  @Override
  public boolean listsInKeyOrder() {
    return false;
  }

  @Override
  public Map<String, Long> resident() {
    return Map.of();
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws IOException {
        new HashMapRival(corpus);
        Files.writeString(folder.resolve("corpus"), corpus.toAbsolutePath().toString());
      }

      @Override
      public OpenIndex open(Path folder) throws IOException {
        return new HashMapRival(Path.of(Files.readString(folder.resolve("corpus"))));
      }

      @Override
      public Map<String, Long> atRest(Path folder) {
        return Map.of("nothing", 0L);
      }
    };
  }
}
