package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ByteSource;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TestDamagedDataset {
  private static final LogicalPath A = LogicalPath.of("a");
  private static final LogicalPath B = LogicalPath.of("b");

  private final MemoryStore store = new MemoryStore();
  private final DatasetBuilder builder = DatasetBuilder.on(store, "/source");
  private ContainerId container;
  private String file;

  @BeforeEach
  void build() throws IOException {
    container = builder.add(new Content().file("a", "content of a").file("b", "content of b"));
    builder.commit();
    file = ContainerSummary.pathOf(container).toString();
  }

  private FoldedDataset open() throws IOException {
    return FoldedDataset.open(store, Map.of(), ReaderOptions.defaults());
  }

  @Test
  void damagedPayloadNamesFileAndOffsetAndSparesTheOthers() throws IOException {
    Entry entry;
    try (FoldedDataset dataset = open()) {
      entry = dataset.locate(A).orElseThrow().entry();
    }
    flip(file, entry.extent().offset() + 3);
    try (FoldedDataset dataset = open()) {
      assertThatThrownBy(() -> dataset.read(A))
          .isInstanceOfSatisfying(CorruptDataException.class, e -> {
            assertThat(e.source()).endsWith(file);
            assertThat(e.offset()).isEqualTo(entry.extent().offset());
          })
          .hasMessageContaining("CRC32C");
      try (ByteSource opened = dataset.open(A)) {
        assertThatThrownBy(() -> opened.readFully(0, ByteBuffer.allocate(1)))
            .isInstanceOf(CorruptDataException.class);
      }
      assertThat(UTF_8.decode(dataset.read(B)).toString()).isEqualTo("content of b");
      var all = dataset.readAll(List.of(A, B)).iterator();
      assertThatThrownBy(all::next)
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(CorruptDataException.class);
      assertThat(UTF_8.decode(all.next()).toString()).isEqualTo("content of b");
    }
  }

  @Test
  void missingContainerIsDamageAndNoMissingFile() throws IOException {
    store.delete(LogicalPath.of(file));
    try (FoldedDataset dataset = open()) {
      for (int round = 0; round < 2; round++) {
        assertThatThrownBy(() -> dataset.read(A))
            .isInstanceOf(CorruptDataException.class)
            .hasMessageStartingWith("container is missing, the manifest says that it has ")
            .hasMessageEndingWith(file + " at offset 0");
      }
      assertThatThrownBy(() -> dataset.list(LogicalPath.ROOT).count())
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(CorruptDataException.class);
    }
  }

  @Test
  void containerComesBackByItself() throws IOException {
    byte[] whole = content(file);
    store.delete(LogicalPath.of(file));
    try (FoldedDataset dataset = open()) {
      assertThatThrownBy(() -> dataset.read(A)).isInstanceOf(CorruptDataException.class);
      store.put(file, whole);
      assertThat(dataset.read(A).remaining()).isEqualTo(12);
    }
  }

  @Test
  void truncatedContainerIsRefused() throws IOException {
    byte[] whole = content(file);
    store.put(file, java.util.Arrays.copyOf(whole, whole.length - 1));
    try (FoldedDataset dataset = open()) {
      assertThatThrownBy(() -> dataset.read(A))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(
              "container has %d bytes, the manifest says %d", whole.length - 1, whole.length);
    }
  }

  @Test
  void goodContainerInTheWrongPlaceIsRefused() throws IOException {
    ContainerId twin =
        builder.add(new Content().file("a", "CONTENT OF A").file("b", "CONTENT OF B"));
    byte[] foreign = content(ContainerSummary.pathOf(twin).toString());
    assertThat(foreign).hasSameSizeAs(content(file));
    store.put(file, foreign);
    try (FoldedDataset dataset = open()) {
      assertThatThrownBy(() -> dataset.read(A))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(twin.toString())
          .hasMessageContaining(file);
    }
  }

  @Test
  void everyDamagedByteGivesTypedErrorOrRightBytes() throws IOException {
    byte[] whole = content(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1 << (at % 8);
      store.put(file, damaged);
      assertTypedErrorOrRightBytes("byte " + at);
    }
  }

  @Test
  void everyDamagedSnapshotFileGivesTypedErrorOrRightBytes() throws IOException {
    builder.removeFile("b").commit();
    List<String> metadata = new ArrayList<>();
    store.listRecursively(LogicalPath.of("_pleat"), new io.pleat.store.ListingVisitor() {
      @Override
      public void visit(io.pleat.store.FileInfo info) {
        if (info.kind() == io.pleat.store.FileInfo.Kind.FILE) {
          metadata.add(info.path().toString());
        }
      }

      @Override
      public void unlistable(LogicalPath directory, String displayName, String reason) {}
    });
    assertThat(metadata).hasSizeGreaterThanOrEqualTo(3);
    for (String name : metadata) {
      byte[] whole = content(name);
      for (int at = 0; at < whole.length; at++) {
        byte[] damaged = whole.clone();
        damaged[at] ^= 1 << (at % 8);
        store.put(name, damaged);
        assertTypedErrorOrRightBytes(name + " byte " + at);
      }
      store.put(name, whole);
    }
  }

  private void assertTypedErrorOrRightBytes(String what) {
    Throwable failure = catchThrowable(() -> {
      try (FoldedDataset dataset = open();
          Stream<ListedItem> items = dataset.listRecursively(LogicalPath.ROOT)) {
        for (ListedItem item : items.toList()) {
          if (!item.isDirectory()) {
            assertThat(UTF_8.decode(dataset.read(item.path())).toString())
                .isEqualTo("content of " + item.path());
          }
        }
      }
    });
    if (failure instanceof UncheckedIOException unchecked) {
      failure = unchecked.getCause();
    }
    if (failure != null) {
      assertThat(failure)
          .as(what)
          .isInstanceOfAny(CorruptDataException.class, UnsupportedFormatException.class);
    }
  }

  @Test
  void randomRubbishInPlaceOfContainerIsRefused() throws IOException {
    byte[] whole = content(file);
    new Random(1).nextBytes(whole);
    store.put(file, whole);
    try (FoldedDataset dataset = open()) {
      assertThatThrownBy(() -> dataset.read(A)).isInstanceOf(CorruptDataException.class);
    }
  }

  private byte[] content(String name) throws IOException {
    try (ByteSource source = store.open(LogicalPath.of(name))) {
      ByteBuffer bytes = ByteBuffer.allocate((int) source.length());
      source.readFully(0, bytes);
      return bytes.array();
    }
  }

  private void flip(String name, long at) throws IOException {
    byte[] bytes = content(name);
    bytes[(int) at] ^= 1;
    store.put(name, bytes);
  }
}
