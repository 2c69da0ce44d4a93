package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;

class TestHashSection {
  private static final ContainerId ID = new ContainerId(77, 99);
  private static final long SALT = ID.mostSignificant() ^ ID.leastSignificant();

  @Test
  void xxHash64MatchesPublishedValues() {
    assertThat(hash("", 0)).isEqualTo(0xEF46DB3751D8E999L);
    assertThat(hash("a", 0)).isEqualTo(0xD24EC4F1A98C6E5BL);
    assertThat(hash("abc", 0)).isEqualTo(0x44BC2CF5AD770999L);
    assertThat(hash("Nobody inspects the spammish repetition", 0)).isEqualTo(0xFBCEA83C8A378BF1L);
  }

  private static long hash(String text, long seed) {
    return XxHash64.hash(text.getBytes(StandardCharsets.UTF_8), seed);
  }

  @Test
  void lookupsStayExactWhenAllPathsShareAFingerprint() throws IOException {
    check(600, hash -> (hash & 0xFFF) == 0x123);
  }

  @Test
  void lookupsStayExactWhenAllPathsCrowdIntoAFewSlots() throws IOException {
    // More than 64 in a row: most entries find no slot and are left to the groups.
    check(600, hash -> hash >>> 56 == 0x80);
  }

  private static void check(int count, LongPredicate chosen) throws IOException {
    List<String> present = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    for (int i = 0; absent.size() < count; i++) {
      String path = "d" + i % 7 + "/file-" + i;
      if (chosen.test(hash(path, SALT))) {
        (present.size() < count ? present : absent).add(path);
      }
    }
    TreeSet<LogicalPath> sorted = new TreeSet<>();
    present.forEach(path -> sorted.add(LogicalPath.of(path)));
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (LogicalPath path : sorted) {
        writer.addFile(
            path, new Attributes(0, 0, 0, "", "", ""), Payload.raw(ByteBuffer.allocate(0)), false);
      }
      writer.finish();
    }
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(sink.bytes()), ID)) {
      int ordinal = 0;
      for (LogicalPath path : sorted) {
        assertThat(reader.index().find(path.utf8())).isEqualTo(ordinal++);
      }
      for (String path : absent) {
        assertThat(reader.index().find(path.getBytes(StandardCharsets.UTF_8))).isEqualTo(-1);
      }
      reader.verify(damage -> {
        throw new AssertionError(damage);
      });
    }
  }

  @Test
  void illegalPathsAreNeverFound() throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (String path : List.of("a", "d/a")) {
        writer.addFile(
            LogicalPath.of(path),
            new Attributes(0, 0, 0, "", "", ""),
            Payload.raw(ByteBuffer.allocate(0)),
            false);
      }
      writer.finish();
    }
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(sink.bytes()), ID)) {
      for (String path : List.of("/a", "d\0\0a", "d//a", "d/a/", "", "/", "\0\0a", "d\0a", "./a")) {
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        assertThat(reader.index().find(utf8)).as(path).isEqualTo(-1);
        if (!path.isEmpty()) {
          assertThat(reader.index().findDirectory(utf8)).as(path).isEqualTo(-1);
        }
      }
      assertThat(reader.index().find(new byte[70_000])).isEqualTo(-1);
    }
  }
}
