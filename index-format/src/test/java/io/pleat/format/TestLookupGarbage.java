package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lookups leave to the garbage collector: their result, and nothing else, compiled or not. */
class TestLookupGarbage {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final ContainerId ID = new ContainerId(5, 6);
  private static final int ROUNDS = 3;

  private static final List<byte[]> PRESENT = new ArrayList<>();
  private static final List<byte[]> ABSENT = new ArrayList<>();
  private static byte[] container;
  private static long indexOffset;

  @TempDir
  Path folder;

  private interface Lookup {
    void of(byte[] path) throws IOException;
  }

  @BeforeAll
  static void write() throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    Payload empty = Payload.raw(ByteBuffer.allocate(0));
    Attributes attributes = new Attributes(1, 2, 0644, "owner", "group", "");
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (int i = 0; i < 9; i++) {
        add(writer, "r" + i, attributes, empty); // shorter than eight bytes
      }
      for (int i = 0; i < 3_000; i++) {
        add(writer, String.format("train/n01440764/n01440764_%05d.JPEG", i), attributes, empty);
      }
      indexOffset = writer.finish().indexOffset();
    }
    container = sink.bytes();
  }

  private static void add(ContainerWriter writer, String path, Attributes attributes, Payload empty)
      throws IOException {
    writer.addFile(LogicalPath.of(path), attributes, empty, false);
    PRESENT.add(path.getBytes(StandardCharsets.UTF_8));
    ABSENT.add((path + "~").getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes that {@code lookup} of all of {@code paths} allocates, in the last of a few rounds. */
  private static long allocated(List<byte[]> paths, Lookup lookup) throws IOException {
    long bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < paths.size(); i++) {
        lookup.of(paths.get(i));
      }
      bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    return bytes;
  }

  /** What asking for the count itself takes. */
  private static long itself() {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private Optional<PayloadExtent> kept = Optional.empty();
  private int found;

  private void assertNoGarbage(IndexBlock block) throws IOException {
    long nothing = itself();
    Lookup find = path -> found += block.find(path);
    assertThat(allocated(PRESENT, find)).isEqualTo(nothing);
    assertThat(allocated(ABSENT, find)).isEqualTo(nothing);
    Lookup locate = path -> kept = block.locate(path);
    assertThat(allocated(ABSENT, locate)).isEqualTo(nothing);
    long results = allocated(
        PRESENT,
        path -> kept = Optional.of(new PayloadExtent(
            1, Entry.Kind.FOLDED, 0, new Extent(ID, path.length, 0), 0, 0, 0, false)));
    assertThat(results).isGreaterThan(PRESENT.size() * 32L);
    assertThat(allocated(PRESENT, locate)).isEqualTo(results);
    assertThat(kept).isPresent();
  }

  @Test
  void lookupsInALoadedBlockMakeNoGarbage() throws IOException {
    try (IndexBlock block = IndexBlock.open(MemoryFile.source(container), ID)) {
      assertNoGarbage(block);
    }
  }

  @Test
  void lookupsInAMappedBlockMakeNoGarbage() throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    IndexPackWriter writer = new IndexPackWriter(sink, IndexPackWriter.Form.INFLATED);
    ByteBuffer tail =
        ByteBuffer.wrap(container).slice((int) indexOffset, container.length - (int) indexOffset);
    writer.add(ID, container.length, indexOffset, tail, "sample");
    writer.finish();
    Path file = Files.write(folder.resolve("garbage.pack"), sink.bytes());
    try (MappedIndexPack pack = MappedIndexPack.open(file);
        IndexBlock block =
            pack.block(ID, container.length, indexOffset, IndexBlock.Spare.NONE).orElseThrow()) {
      assertNoGarbage(block);
    }
  }
}
