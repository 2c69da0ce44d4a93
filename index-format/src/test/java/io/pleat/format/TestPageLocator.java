package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TestPageLocator {
  private static final ContainerId ID = new ContainerId(77, 99);

  @Test
  void wyhashMatchesPublishedValues() {
    // The test vectors of wyhash, final version 4.2: message number i has seed i.
    List<String> messages = List.of(
        "",
        "a",
        "abc",
        "message digest",
        "abcdefghijklmnopqrstuvwxyz",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "1234567890".repeat(8));
    long[] hashes = {
      0x93228a4de0eec5a2L,
      0xc5bac3db178713c4L,
      0xa97f2f7b1d9b3314L,
      0x786d1f1df3801df4L,
      0xdca5a8138ad37c87L,
      0xb9e734f117cfaf70L,
      0x6cc5eab49a92d617L
    };
    for (int i = 0; i < hashes.length; i++) {
      byte[] utf8 = messages.get(i).getBytes(StandardCharsets.UTF_8);
      assertThat(PathHash.of(utf8, i)).as(messages.get(i)).isEqualTo(hashes[i]);
    }
  }

  @Test
  void lookupsAreExactForAnyNumberOfEntries() throws IOException {
    for (int count : new int[] {1, 2, 26, 27, 53, 100, 1000, 20_000}) {
      List<String> present = new ArrayList<>();
      List<String> absent = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        present.add("d" + i % 7 + "/file-" + i);
        absent.add("d" + i % 7 + "/file-" + (i + count));
      }
      check(present, absent);
    }
  }

  /** Paths of equal hash, all of them: one keeps its place in the locator, the others are left to binary search. */
  @Test
  void lookupsStayExactWhenHashesCollide() throws IOException {
    List<String> colliding = CollidingPaths.of(700);
    assertThat(colliding.stream()
            .map(path -> PathHash.of(path.getBytes(StandardCharsets.UTF_8)))
            .distinct())
        .hasSize(1);
    List<String> present = new ArrayList<>(colliding.subList(0, 500));
    for (int i = 0; i < 500; i++) {
      present.add("d/file-" + i);
    }
    List<String> absent = new ArrayList<>(colliding.subList(500, 700));
    absent.add("d/file-500");
    check(present, absent);
  }

  /** The same of 10^5, as many as someone with bad intent might fold: neither building nor looking up may take their square. */
  @Test
  void aHundredThousandPathsOfOneHashAreFoundExactly() throws IOException {
    int present = 100_000;
    List<byte[]> colliding = new ArrayList<>();
    for (String path : CollidingPaths.of(present + 1_000)) {
      colliding.add(path.getBytes(StandardCharsets.UTF_8));
    }
    long hash = PathHash.of(colliding.get(0));
    assertThat(colliding).allMatch(path -> PathHash.of(path) == hash);
    List<byte[]> sorted = colliding.subList(0, present).stream()
        .map(SortKey::ofFile)
        .sorted(Arrays::compareUnsigned)
        .map(SortKey::toPath)
        .toList();
    Attributes attributes = new Attributes(0, 0, 0, "", "", "");
    Payload empty = Payload.raw(ByteBuffer.allocate(0));
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (byte[] path : sorted) {
        writer.addFile(LogicalPath.trusted(path), attributes, empty, false);
      }
      writer.finish();
    }
    int found = 0;
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(sink.bytes()), ID)) {
      for (int ordinal = 0; ordinal < present; ordinal++) {
        found += index.find(sorted.get(ordinal)) == ordinal ? 1 : 0;
      }
      for (byte[] absent : colliding.subList(present, colliding.size())) {
        assertThat(index.find(absent)).isEqualTo(-1);
      }
    }
    assertThat(found).isEqualTo(present);
  }

  /** Paths shorter than a word, and all of them on pages of their kind. */
  @Test
  void shortPathsAreFoundExactly() throws IOException {
    List<String> present = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    String letters = "abcdefghij";
    for (int length = 1; length <= 9; length++) {
      for (int i = 0; i < 10; i++) {
        StringBuilder path = new StringBuilder();
        for (int j = 0; j < length; j++) {
          path.append(letters.charAt((i * (j + 1) + length) % 10));
        }
        (present.contains(path.toString()) ? absent : present).add(path.toString());
        absent.add(path + "z");
        absent.add("z" + path.substring(1));
      }
    }
    absent.removeAll(present);
    check(present, absent);
  }

  /** Pairs of paths that have all three slots in common, a pair for each seed that follows from the one before. */
  @Test
  void noChoiceOfPathsKeepsALocatorFromBeingBuilt() throws IOException {
    int pairs = 100;
    List<String> present = new ArrayList<>();
    int number = 0;
    for (int attempt = 0; attempt < pairs; attempt++) {
      PageLocator.Slots slots =
          PageLocatorBuilder.slots(2 * pairs, attempt * PageLocatorBuilder.SEED_STEP);
      Map<List<Integer>, String> seen = new HashMap<>();
      String other = null;
      String path = null;
      while (other == null) {
        path = "d/" + number++;
        long mixed = slots.mix(PathHash.of(path.getBytes(StandardCharsets.UTF_8)));
        int first = slots.first(mixed);
        other =
            seen.put(List.of(first, slots.second(mixed, first), slots.third(mixed, first)), path);
      }
      present.add(path);
      present.add(other);
    }
    check(present, List.of("d/-1", "d/x"));
  }

  private static void check(List<String> present, List<String> absent) throws IOException {
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
