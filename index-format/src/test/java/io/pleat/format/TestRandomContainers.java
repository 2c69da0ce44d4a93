package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many small containers of random rows: what the index block answers is what a sorted map of the same rows does. */
class TestRandomContainers {
  private static final int CONTAINERS = 40;

  private static final List<String> EQUAL_HASHES = CollidingPaths.of(64);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void indexBlockAnswersAsASortedMap(long seed) throws IOException {
    for (int i = 0; i < CONTAINERS; i++) {
      try {
        Model model = new Model(new Random(1000 * seed + i));
        model.write();
        model.check();
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", container " + i, e);
      }
    }
  }

  /** What was written, beside the container of it. */
  private static final class Model {
    private final Random random;
    private final ContainerId id;
    private final int style;

    private final TreeSet<LogicalPath> files = new TreeSet<>();

    /** All directories by their keys' order: with attributes where they are recorded. */
    private final TreeMap<byte[], Optional<Attributes>> directories =
        new TreeMap<>(Arrays::compareUnsigned);

    private final List<Entry> entries = new ArrayList<>();
    private final List<byte[]> keys = new ArrayList<>();
    private byte[] container;

    Model(Random random) {
      this.random = random;
      id = new ContainerId(random.nextLong(), random.nextLong());
      style = random.nextInt(4);
      int count = random.nextInt(4) == 0 ? random.nextInt(4) : random.nextInt(300);
      if (random.nextInt(5) == 0) {
        addEqualHashes();
      }
      for (int i = 0; i < count; i++) {
        addFile(newPath());
      }
      int recorded = random.nextInt(2) * random.nextInt(20);
      for (int i = 0; i < recorded; i++) {
        LogicalPath directory = random.nextBoolean() || files.isEmpty() ? newPath() : someFile();
        while (random.nextBoolean() && !directory.isRoot()) {
          directory = directory.parent();
        }
        if (files.stream().noneMatch(directory::startsWith)) {
          addDirectories(directory);
          directories.put(directory.directoryKey(), Optional.of(attributes()));
        }
      }
    }

    private void addEqualHashes() {
      for (String path : EQUAL_HASHES) {
        if (random.nextInt(3) > 0) {
          addFile(LogicalPath.of(path));
        }
      }
    }

    private void addFile(LogicalPath path) {
      for (LogicalPath at = path.parent(); ; at = at.parent()) {
        if (files.contains(at)) {
          return;
        }
        if (at.isRoot()) {
          break;
        }
      }
      if (!directories.containsKey(path.directoryKey())) {
        files.add(path);
        addDirectories(path.parent());
      }
    }

    private void addDirectories(LogicalPath directory) {
      for (LogicalPath at = directory; ; at = at.parent()) {
        directories.putIfAbsent(at.directoryKey(), Optional.empty());
        if (at.isRoot()) {
          return;
        }
      }
    }

    private LogicalPath someFile() {
      LogicalPath from = newPath();
      LogicalPath file = files.ceiling(from);
      return file == null ? files.last() : file;
    }

    /** A legal path: alone, in the directory of another, or one that begins or ends like another. */
    private LogicalPath newPath() {
      while (true) {
        StringBuilder path = new StringBuilder();
        int like = files.isEmpty() ? 0 : random.nextInt(5);
        if (like == 1 || like == 2) {
          path.append(files.isEmpty() ? "" : pick().parent());
        } else if (like == 3) {
          String other = pick().toString();
          path.append(
              other,
              0,
              other.offsetByCodePoints(
                  0, other.codePointCount(0, other.length()) * random.nextInt(8) / 8));
        }
        int components = 1 + random.nextInt(1 + random.nextInt(4));
        for (int i = 0; i < components; i++) {
          if (path.length() > 0 && (i > 0 || like != 3)) {
            path.append('/');
          }
          component(path);
        }
        if (like == 4) {
          path.append(pick().name());
        }
        byte[] utf8 = path.toString().getBytes(StandardCharsets.UTF_8);
        if (utf8.length > 0
            && utf8.length <= 700
            && LogicalPath.whyIllegal(utf8).isEmpty()) {
          return LogicalPath.ofUtf8(utf8);
        }
      }
    }

    private LogicalPath pick() {
      return files.stream().skip(random.nextInt(files.size())).findFirst().orElseThrow();
    }

    private void component(StringBuilder path) {
      int length = switch (random.nextInt(12)) {
        case 0 -> 1;
        case 1 -> 100 + random.nextInt(200);
        default -> 1 + random.nextInt(20);
      };
      if (style == 3 && random.nextInt(10) > 0) {
        path.append("image-").append(random.nextInt(1000)).append(".jpg");
        return;
      }
      for (int i = 0; i < length; i++) {
        int point = switch (style) {
          case 0 -> "ab-. \u0001\u007F".codePointAt(random.nextInt(7));
          case 1 -> random.nextInt(0x80);
          default -> {
            int bits = 7 + random.nextInt(15);
            yield random.nextInt(1 << Math.min(bits, 21));
          }
        };
        if (Character.isValidCodePoint(point)
            && point != 0
            && point != '/'
            && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)) {
          path.appendCodePoint(point);
        }
      }
    }

    private Attributes attributes() {
      return new Attributes(
          random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(100),
          random.nextInt(2) * random.nextInt(1_000_000_000),
          random.nextInt(5) == 0 ? Attributes.UNKNOWN_MODE : random.nextInt(010000),
          "o".repeat(random.nextInt(8) == 0 ? random.nextInt(256) : 3),
          random.nextBoolean() ? "" : "g" + random.nextInt(3),
          "e".repeat(random.nextInt(8) == 0 ? random.nextInt(256) : 0));
    }

    void write() throws IOException {
      MemoryFile.Sink sink = new MemoryFile.Sink();
      int minCompressed =
          random.nextBoolean() ? Integer.MAX_VALUE : IndexBuilder.MIN_COMPRESSED_LENGTH;
      boolean plain = random.nextBoolean();
      TreeMap<byte[], LogicalPath> rows = new TreeMap<>(Arrays::compareUnsigned);
      files.forEach(path -> rows.put(path.fileKey(), path));
      directories.forEach((key, attributes) -> {
        if (attributes.isPresent()) {
          rows.put(key, LogicalPath.ofUtf8(SortKey.toPath(key)));
        }
      });
      int dictionaryAt = random.nextInt(20);
      int row = 0;
      try (ContainerWriter writer = ContainerWriter.create(sink, id, minCompressed)) {
        for (var each : rows.entrySet()) {
          if (row++ == dictionaryAt) {
            writer.setDictionary(new byte[1 + random.nextInt(100_000)]);
          }
          LogicalPath path = each.getValue();
          Optional<Attributes> directory = directories.get(each.getKey());
          if (directory != null) {
            writer.addDirectory(path, directory.orElseThrow());
          } else {
            entries.add(writeFile(writer, path, plain, row > dictionaryAt));
          }
        }
        writer.finish();
      }
      container = sink.bytes();
      entries.forEach(entry -> keys.add(entry.path().fileKey()));
    }

    private Entry writeFile(
        ContainerWriter writer, LogicalPath path, boolean plain, boolean hasDictionary)
        throws IOException {
      Attributes attributes = attributes();
      int kind = plain ? 0 : random.nextInt(6);
      if (kind == 1) {
        long length = random.nextLong() >>> 24 + random.nextInt(40);
        int ordinal = writer.addPassThrough(path, attributes, length);
        Extent extent = new Extent(id, writer.position(), 0);
        return new Entry(
            path, ordinal, Entry.Kind.PASS_THROUGH, length, extent, 0, 0, 0, false, attributes);
      }
      byte[] stored = new byte[random.nextInt(1 << random.nextInt(12))];
      random.nextBytes(stored);
      Payload payload = Payload.raw(ByteBuffer.wrap(stored));
      if (kind == 2 && stored.length > 0) {
        // No frame that a codec could decode: only the index is asked.
        payload = new Payload(
            payload.stored(),
            stored.length + random.nextInt(1 << 1 + random.nextInt(30)),
            hasDictionary ? 1 + random.nextInt(2) : 1,
            payload.storedCrc32c(),
            random.nextInt());
      }
      int ordinal = writer.addFile(path, attributes, payload, kind == 3);
      return new Entry(
          path,
          ordinal,
          Entry.Kind.FOLDED,
          payload.length(),
          new Extent(id, writer.position() - stored.length, stored.length),
          payload.codec(),
          payload.storedCrc32c(),
          payload.crc32c(),
          kind == 3,
          attributes);
    }

    void check() throws IOException {
      try (IndexBlock index = IndexBlock.open(MemoryFile.source(container), id)) {
        checkEntries(index);
        checkDirectories(index);
        checkAbsent(index);
        checkCeilings(index);
      }
    }

    private void checkEntries(IndexBlock index) throws IOException {
      assertThat(index.entryCount()).isEqualTo(entries.size());
      assertThat(index.entries(0, entries.size())).isEqualTo(entries);
      for (Entry entry : entries) {
        byte[] path = entry.path().utf8();
        int ordinal = entry.ordinal();
        assertThat(index.find(path)).isEqualTo(ordinal);
        assertThat(index.locate(path)).contains(entry.payload());
        assertThat(index.payload(ordinal)).isEqualTo(entry.payload());
        assertThat(index.entry(ordinal)).isEqualTo(entry);
        assertThat(index.path(ordinal)).isEqualTo(entry.path());
      }
      for (int i = 0; i < 10; i++) {
        int from = random.nextInt(entries.size() + 1);
        int to = from + random.nextInt(entries.size() - from + 1);
        assertThat(index.entries(from, to)).isEqualTo(entries.subList(from, to));
      }
    }

    private void checkDirectories(IndexBlock index) throws IOException {
      assertThat(index.directoryCount()).isEqualTo(directories.size());
      List<LogicalPath> paths = directories.keySet().stream()
          .map(key -> LogicalPath.ofUtf8(SortKey.toPath(key)))
          .toList();
      int number = 0;
      for (var row : directories.entrySet()) {
        LogicalPath path = paths.get(number);
        List<Entry> below =
            entries.stream().filter(entry -> entry.path().startsWith(path)).toList();
        int direct = (int)
            below.stream().filter(entry -> entry.path().parent().equals(path)).count();
        int first = before(row.getKey());
        int subtree =
            (int) paths.stream().filter(directory -> directory.startsWith(path)).count();
        assertThat(index.findDirectory(path.utf8())).isEqualTo(number);
        assertThat(index.directory(number))
            .isEqualTo(new DirectoryEntry(
                path,
                number,
                first,
                first + direct,
                first + below.size(),
                number + subtree,
                row.getValue()));
        number++;
      }
    }

    private void checkAbsent(IndexBlock index) throws IOException {
      Set<ByteBuffer> present = new HashSet<>();
      entries.forEach(entry -> present.add(ByteBuffer.wrap(entry.path().utf8())));
      Set<ByteBuffer> presentDirectories = new HashSet<>();
      directories
          .keySet()
          .forEach(key -> presentDirectories.add(ByteBuffer.wrap(SortKey.toPath(key))));
      List<byte[]> candidates = new ArrayList<>();
      EQUAL_HASHES.forEach(path -> candidates.add(path.getBytes(StandardCharsets.UTF_8)));
      for (Entry entry : entries) {
        byte[] path = entry.path().utf8();
        candidates.add(changed(path));
        candidates.add(changed(path));
        candidates.add(newPath().utf8());
        candidates.add(entry.path().parent().utf8());
        candidates.add(Arrays.copyOf(path, path.length + 1));
        candidates.add(Arrays.copyOf(path, random.nextInt(path.length)));
      }
      for (int length : new int[] {0, 1, 255, 256, 65_535, 65_536, 100_000}) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        candidates.add(noise);
        candidates.add(new byte[length]);
      }
      for (byte[] path : candidates) {
        if (!present.contains(ByteBuffer.wrap(path))) {
          assertThat(index.find(path)).isEqualTo(-1);
          assertThat(index.locate(path)).isEmpty();
        }
        if (!presentDirectories.contains(ByteBuffer.wrap(path))) {
          assertThat(index.findDirectory(path)).isEqualTo(-1);
        }
      }
    }

    private byte[] changed(byte[] path) {
      byte[] changed = path.clone();
      changed[random.nextInt(path.length)] ^= (byte) (1 << random.nextInt(8));
      return changed;
    }

    private void checkCeilings(IndexBlock index) throws IOException {
      for (int i = 0; i < 200; i++) {
        LogicalPath path = entries.isEmpty() || random.nextBoolean() ? newPath() : pick();
        byte[] key = switch (random.nextInt(5)) {
          case 0 -> path.fileKey();
          case 1 -> path.directoryKey();
          case 2 -> SortKey.subtreePrefix(path.utf8());
          case 3 -> changed(path.fileKey());
          default -> Arrays.copyOf(path.fileKey(), random.nextInt(path.fileKey().length + 2));
        };
        assertThat(index.ceiling(key)).isEqualTo(before(key));
        assertThat(index.directoryCeiling(key))
            .isEqualTo(directories.headMap(key, false).size());
      }
    }

    /** How many entries' keys are below a key. */
    private int before(byte[] key) {
      return (int)
          keys.stream().filter(each -> Arrays.compareUnsigned(each, key) < 0).count();
    }
  }
}
