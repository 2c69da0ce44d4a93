package io.pleat.bench.index;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.ContainerWriter;
import io.pleat.format.Entry;
import io.pleat.format.IndexBlock;
import io.pleat.format.IndexOnly;
import io.pleat.format.PayloadExtent;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pleat's own index blocks, of as many containers as the corpus takes; a lookup chooses the container by its first key. Of each container only what
 * stands behind its records is written.
 */
final class PleatIndex implements OpenIndex {
  private static final Map<Integer, String> SECTIONS =
      Map.of(1, "entries", 2, "directories", 3, "attributes", 0x8001, "locator");
  /** Entries that are listed at once. */
  private static final int PAGE = 256;

  private static final int FOOTER_LENGTH = 68;
  private static final int TABLE_LENGTH_AT = 24;
  private static final int TABLE_HEAD = 48;
  private static final int TABLE_ROW = 32;

  private final IndexBlock[] blocks;
  private final ByteBuffer[] firstPaths;
  private final int[] firstOrdinals;

  private PleatIndex(List<IndexBlock> blocks) throws IOException {
    this.blocks = blocks.toArray(new IndexBlock[0]);
    firstPaths = new ByteBuffer[this.blocks.length];
    firstOrdinals = new int[this.blocks.length];
    for (int i = 0; i < this.blocks.length; i++) {
      byte[] first = this.blocks[i].path(0).utf8();
      ByteBuffer padded = ByteBuffer.allocateDirect(first.length + Long.BYTES);
      firstPaths[i] = padded.order(ByteOrder.LITTLE_ENDIAN).put(first).clear();
      firstOrdinals[i] = i == 0 ? 0 : firstOrdinals[i - 1] + this.blocks[i - 1].entryCount();
    }
  }

  private int blockOf(byte[] path) {
    if (blocks.length == 1) {
      return 0;
    }
    int lastSlash = PathOrder.lastSlash(path);
    int low = 0;
    int high = blocks.length - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (isBefore(path, lastSlash, firstPaths[middle])) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    return low;
  }

  private static boolean isBefore(byte[] path, int lastSlash, ByteBuffer first) {
    return PathOrder.compare(path, lastSlash, first, 0, first.limit() - Long.BYTES) < 0;
  }

  @Override
  public int find(byte[] path) throws IOException {
    int block = blockOf(path);
    int ordinal = blocks[block].find(path);
    return ordinal < 0 ? -1 : firstOrdinals[block] + ordinal;
  }

  @Override
  public int locate(byte[] path, Location location) throws IOException {
    int block = blockOf(path);
    Optional<PayloadExtent> found = blocks[block].locate(path);
    if (found.isEmpty()) {
      return -1;
    }
    PayloadExtent payload = found.get();
    location.offset = payload.extent().offset();
    location.size = (int) payload.length();
    location.crc = payload.crc32c();
    return firstOrdinals[block] + payload.ordinal();
  }

  @Override
  public void list(PathSink sink) throws IOException {
    for (IndexBlock block : blocks) {
      for (int from = 0; from < block.entryCount(); from += PAGE) {
        for (Entry entry : block.entries(from, Math.min(from + PAGE, block.entryCount()))) {
          byte[] path = entry.path().utf8();
          sink.accept(path, path.length);
        }
      }
    }
  }

  @Override
  public Map<String, Long> resident() {
    long bytes = 0;
    for (IndexBlock block : blocks) {
      bytes += block.residentBytes();
    }
    return Map.of("index blocks", bytes);
  }

  @Override
  public void close() {
    for (IndexBlock block : blocks) {
      block.close();
    }
  }

  static Candidate candidate() {
    return new Candidate() {
      @Override
      public void build(Path corpus, Path folder) throws IOException {
        try (Containers containers = new Containers(folder)) {
          CorpusFile.read(corpus, containers::add);
        }
      }

      @Override
      public OpenIndex open(Path folder) throws IOException {
        List<IndexBlock> blocks = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve("list"))) {
          String[] parts = line.split(" ");
          try (Tail tail = new Tail(folder.resolve(parts[0]), Long.parseLong(parts[2]))) {
            blocks.add(
                IndexBlock.open(tail, Long.parseLong(parts[1]), ContainerId.parse(parts[0])));
          }
        }
        return new PleatIndex(blocks);
      }

      @Override
      public Map<String, Long> atRest(Path folder) throws IOException {
        Map<String, Long> lengths = new LinkedHashMap<>();
        for (String line : Files.readAllLines(folder.resolve("list"))) {
          readTable(folder.resolve(line.split(" ")[0]), lengths);
        }
        return lengths;
      }
    };
  }

  private static void readTable(Path file, Map<String, Long> lengths) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int footer = all.limit() - FOOTER_LENGTH;
    int tableLength = all.getInt(footer + TABLE_LENGTH_AT);
    int table = footer - tableLength;
    for (int row = table + TABLE_HEAD; row + TABLE_ROW <= footer; row += TABLE_ROW) {
      int kind = all.getShort(row) & 0xFFFF;
      String name = SECTIONS.getOrDefault(kind, Integer.toHexString(kind));
      lengths.merge(name, all.getLong(row + 16), Long::sum);
    }
    lengths.merge("table and footer", (long) FOOTER_LENGTH + tableLength, Long::sum);
  }

  /** Writes what stands behind the records of containers, each to a file named by its id. */
  private static final class Containers implements AutoCloseable {
    private final Path folder;
    private final List<String> lines = new ArrayList<>();
    private ContainerId id;
    private IndexOnly index;

    Containers(Path folder) {
      this.folder = folder;
    }

    void add(Item item) throws IOException {
      if (index != null && index.entryCount() == ContainerWriter.MAX_ENTRIES) {
        finish();
      }
      if (index == null) {
        id = new ContainerId(0x9E3779B97F4A7C15L, lines.size());
        index = new IndexOnly(id);
      }
      Attributes attributes =
          new Attributes(item.mtimeSeconds, item.mtimeNanos, 0644, "root", "root", "");
      index.add(item.pathBytes(), attributes, item.size, item.crc);
    }

    private void finish() throws IOException {
      Path file = folder.resolve(id.toString());
      try (OutputStream target = new BufferedOutputStream(Files.newOutputStream(file))) {
        index.writeTo(target);
      }
      long offset = index.indexOffset();
      lines.add(id + " " + offset + " " + (offset + Files.size(file)));
      index = null;
    }

    @Override
    public void close() throws IOException {
      if (index != null) {
        finish();
      }
      Files.write(folder.resolve("list"), lines);
    }
  }

  /** A container of which only the end exists. */
  private static final class Tail implements ByteSource, AutoCloseable {
    private final FileChannel channel;
    private final long length;

    Tail(Path file, long length) throws IOException {
      this.length = length;
      channel = FileChannel.open(file, StandardOpenOption.READ);
    }

    @Override
    public long length() {
      return length;
    }

    @Override
    public void readFully(long position, ByteBuffer target) throws IOException {
      long at = position - (length - channel.size());
      while (target.hasRemaining()) {
        int read = channel.read(target, at);
        if (read < 0) {
          throw new EOFException("container's end is cut short");
        }
        at += read;
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
