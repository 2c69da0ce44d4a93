package io.pleat.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.read.DatasetBuilder.LiveFile;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One bad container: every other file reads, listings give what others hold, and the error names the container. */
class TestPartialDamage {
  private final MemoryStore store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");
  private ContainerId bad;

  enum Damage {
    MISSING,
    TRUNCATED,
    EMPTY,
    INDEX_BLOCK,
    FOOTER
  }

  /** Three containers whose ranges hold one another; the bad one is in the middle. */
  private void build(boolean filters) throws IOException {
    Content first = new Content().directory("").directory("a").directory("z");
    Content second = new Content().directory("a/only-bad");
    Content third = new Content().directory("m");
    for (int i = 0; i < 60; i++) {
      first.file("a/first" + i, "1 " + i).file("z/first" + i, "1 " + i);
      second.file("a/second" + i, "2 " + i).file("m/second" + i, "2 " + i);
      second.file("a/only-bad/f" + i, "2 " + i);
      third.file("a/third" + i, "3 " + i).file("m/third" + i, "3 " + i).file("third" + i, "3");
    }
    if (filters) {
      second.filter();
      third.filter();
    }
    builder.add(first);
    bad = builder.add(second);
    builder.add(third);
    builder.commit();
  }

  private void damage(Damage how) throws IOException {
    String path = ContainerSummary.pathOf(bad).toString();
    byte[] bytes;
    try (var source = store.open(LogicalPath.of(path))) {
      bytes = new byte[(int) source.length()];
      source.readFully(0, ByteBuffer.wrap(bytes));
    }
    switch (how) {
      case MISSING -> store.delete(LogicalPath.of(path));
      case TRUNCATED -> store.put(path, Arrays.copyOf(bytes, bytes.length / 2));
      case EMPTY -> store.put(path, new byte[0]);
      case INDEX_BLOCK -> {
        for (int i = bytes.length - 400; i < bytes.length - 100; i++) {
          bytes[i] ^= 0x55;
        }
        store.put(path, bytes);
      }
      case FOOTER -> {
        bytes[bytes.length - 1] ^= 1;
        store.put(path, bytes);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void everyOtherFileReadsAndIsListed(Damage how) throws IOException {
    build(true);
    damage(how);
    check();
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void withoutFiltersToo(Damage how) throws IOException {
    build(false);
    damage(how);
    check();
  }

  private void check() throws IOException {
    try (FoldedDataset dataset = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults())) {
      List<LogicalPath> sound = new ArrayList<>();
      for (Map.Entry<LogicalPath, LiveFile> each : builder.files().entrySet()) {
        if (each.getValue().container().equals(bad)) {
          assertThatThrownBy(() -> dataset.read(each.getKey()))
              .as("%s", each.getKey())
              .isInstanceOf(CorruptDataException.class)
              .hasMessageContaining(bad.toString());
        } else {
          sound.add(each.getKey());
          assertThat(dataset.read(each.getKey()))
              .as("%s", each.getKey())
              .isEqualTo(ByteBuffer.wrap(each.getValue().bytes()));
          assertThat(dataset.find(each.getKey())).isPresent();
        }
      }
      try (Stream<ByteBuffer> all = dataset.readAll(sound)) {
        assertThat(all.count()).isEqualTo(sound.size());
      }
      Set<LogicalPath> listed = new HashSet<>();
      try (Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
        assertEndsInDamage(items.iterator(), listed);
      }
      assertThat(listed).containsAll(sound);
      assertThat(listed).doesNotContain(LogicalPath.of("a/second1"));
      for (String directory : List.of("", "a", "m")) {
        LogicalPath path = LogicalPath.of(directory);
        Set<LogicalPath> children = new HashSet<>();
        try (Stream<ListedItem> items = dataset.list(path)) {
          assertEndsInDamage(items.iterator(), children);
        }
        assertThat(children)
            .as("children of '%s'", directory)
            .containsAll(sound.stream().filter(f -> f.parent().equals(path)).toList());
      }
      Set<LogicalPath> root = new HashSet<>();
      try (Stream<ListedItem> items = dataset.list(LogicalPath.ROOT)) {
        assertEndsInDamage(items.iterator(), root);
      }
      assertThat(root).contains(LogicalPath.of("a"), LogicalPath.of("m"), LogicalPath.of("z"));
    }
  }

  private void assertEndsInDamage(Iterator<ListedItem> items, Set<LogicalPath> listed) {
    assertThatThrownBy(() -> {
          while (items.hasNext()) {
            listed.add(items.next().path());
          }
        })
        .isInstanceOf(UncheckedIOException.class)
        .hasCauseInstanceOf(CorruptDataException.class)
        .hasMessageContaining(bad.toString());
  }

  @Test
  void pathThatNobodyHasIsNotDeclaredAbsentWhereADamagedContainerMayHoldIt() throws IOException {
    build(false);
    damage(Damage.MISSING);
    try (FoldedDataset dataset = FoldedDataset.open(store, Map.of(), ReaderOptions.defaults())) {
      assertThatThrownBy(() -> dataset.locate(LogicalPath.of("a/secondX")))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(bad.toString());
      assertThat(dataset.locate(LogicalPath.of("z/zzz"))).isEmpty();
    }
  }
}
