package io.pleat.read;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.FileInfo;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestPassThrough {
  private static final LogicalPath BIG = LogicalPath.of("dir/big.bin");

  @TempDir
  Path directory;

  private final MemoryStore store = new MemoryStore();
  private Path source;
  private Path original;
  private String root;
  private FoldedDataset dataset;

  @BeforeEach
  void fold() throws IOException {
    source = Files.createDirectories(directory.resolve("source"));
    original = source.resolve("dir/big.bin");
    Files.createDirectories(original.getParent());
    Files.writeString(original, "big content");
    FileInfo listed;
    try (Store tree = Stores.open(source.toString(), Map.of())) {
      listed = tree.stat(BIG).orElseThrow();
      root = tree.location();
    }
    DatasetBuilder builder = DatasetBuilder.on(store, root);
    builder.add(new Content()
        .file("dir/small", "small")
        .passThrough("dir/big.bin", listed.length(), listed.attributes()));
    builder.commit();
    dataset = openAllowing(Set.of(root));
  }

  private FoldedDataset openAllowing(Set<String> roots) throws IOException {
    return FoldedDataset.open(
        store, Map.of(), ReaderOptions.defaults().withAllowedSourceRoots(roots));
  }

  @AfterEach
  void close() throws IOException {
    dataset.close();
  }

  @Test
  void bytesComeFromTheOriginal() throws IOException {
    assertThat(text(dataset.read(BIG))).isEqualTo("big content");
    try (ByteSource file = dataset.open(BIG)) {
      assertThat(file.length()).isEqualTo(11);
      ByteBuffer target = ByteBuffer.allocate(7);
      file.readFully(4, target);
      assertThat(text(target.flip())).isEqualTo("content");
    }
    assertThat(dataset
            .readAll(List.of(BIG, LogicalPath.of("dir/small"), BIG))
            .map(TestPassThrough::text))
        .containsExactly("big content", "small", "big content");
    assertThat(dataset.statistics().passThroughReads()).isEqualTo(4);
  }

  @Test
  void listingMarksIt() throws IOException {
    try (Stream<ListedItem> items = dataset.list(LogicalPath.of("dir"))) {
      assertThat(items.filter(ListedItem::isPassThrough).map(ListedItem::path))
          .containsExactly(BIG);
    }
  }

  @Test
  void rootThatIsNotAllowedGivesNoBytes() throws IOException {
    try (FoldedDataset strict = openAllowing(Set.of(directory.resolve("other").toString()))) {
      assertThatThrownBy(() -> strict.read(BIG))
          .isInstanceOf(SourceNotAllowedException.class)
          .hasMessage("'dir/big.bin' is a pass-through file under source root " + root
              + ", which this reader may not read; allow it by"
              + " ReaderOptions.withAllowedSourceRoots(Set.of(\"" + root + "\"))");
      assertThatThrownBy(() -> strict.open(BIG)).isInstanceOf(SourceNotAllowedException.class);
      assertThat(text(strict.read(LogicalPath.of("dir/small")))).isEqualTo("small");
      assertThat(strict.locate(BIG)).isPresent();
    }
  }

  @Test
  void longerFileIsRefused() throws IOException {
    Files.writeString(original, "big content and more");
    assertChanged("found 20 bytes of ");
  }

  @Test
  void touchedFileIsRefused() throws IOException {
    Files.setLastModifiedTime(original, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
    assertChanged("found 11 bytes of 2001-02-03T04:05:06Z, expected 11 bytes of ");
  }

  @Test
  void missingFileIsRefused() throws IOException {
    Files.delete(original);
    assertChanged("found nothing, expected 11 bytes of ");
  }

  @Test
  void directoryInItsPlaceIsRefused() throws IOException {
    Files.delete(original);
    Files.createDirectory(original);
    assertChanged("found a directory, ");
  }

  @Test
  void linkInItsPlaceIsNotFollowed() throws IOException {
    Path secret = directory.resolve("secret");
    Files.move(original, secret);
    Files.createSymbolicLink(original, secret);
    assertChanged("found a symbolic link, ");
  }

  private void assertChanged(String message) {
    assertThatThrownBy(() -> dataset.read(BIG))
        .isInstanceOf(PassThroughChangedException.class)
        .hasMessageStartingWith("pass-through file changed since it was folded: " + message)
        .hasMessageEndingWith(": " + root + "/dir/big.bin");
    assertThatThrownBy(() -> dataset.open(BIG))
        .isInstanceOf(PassThroughChangedException.class)
        .hasMessageContaining(message);
  }

  private static String text(ByteBuffer bytes) {
    return UTF_8.decode(bytes.duplicate()).toString();
  }
}
