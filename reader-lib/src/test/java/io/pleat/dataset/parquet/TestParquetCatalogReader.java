package io.pleat.dataset.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogedContainer;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReferencedFile;
import io.pleat.format.Attributes;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestParquetCatalogReader {
  private static final ContainerId ID = new ContainerId(1, 0xabcd);

  private final MemoryStore store = new MemoryStore();
  private final CatalogReader reader = new ParquetCatalogReader();

  private static Entry entry(String path, int ordinal, int codec, Attributes attributes) {
    return new Entry(
        LogicalPath.of(path),
        ordinal,
        Entry.Kind.FOLDED,
        100,
        new Extent(ID, 1000L * ordinal, 70),
        codec,
        -2,
        -2,
        false,
        attributes);
  }

  private FileReference write(Entry... entries) throws IOException {
    try (CatalogFileWriter writer = CatalogFileWriter.create(store)) {
      for (Entry entry : entries) {
        writer.add(entry);
      }
      return writer.finish();
    }
  }

  private List<Entry> read(FileReference file) throws IOException {
    List<Entry> rows = new ArrayList<>();
    reader.read(store, file, rows::add);
    return rows;
  }

  private FileReference replaced(LogicalPath path, byte[] bytes) throws IOException {
    store.delete(path);
    try (ReferencedFile file = ReferencedFile.create(store, path)) {
      file.write(ByteBuffer.wrap(bytes));
      return file.finish();
    }
  }

  @Test
  void rowsComeBackAsTheyWereWritten() throws IOException {
    Attributes known = new Attributes(-1, 999_999_000, 04755, "r\u00fcdiger", "staff", "");
    Attributes unknown = new Attributes(1_700_000_000, 0, Attributes.UNKNOWN_MODE, "", "", "");
    List<Entry> rows = List.of(
        entry("a b/\u00e9\ud83d\ude00 '\"`\n%#:*\\", 0, 0, known),
        entry("b", 1, 1, unknown),
        entry("c", 2, 2, known),
        entry("d", 3, 99, unknown),
        new Entry(
            LogicalPath.of("large"),
            4,
            Entry.Kind.PASS_THROUGH,
            1L << 40,
            new Extent(ID, 0, 0),
            0,
            0,
            0,
            false,
            known));

    assertThat(read(write(rows.toArray(new Entry[0])))).isEqualTo(rows);
  }

  @Test
  void etagIsLostAndTimesAreRoundedDown() throws IOException {
    Attributes precise = new Attributes(-1, 999_999_999, 0644, "o", "g", "etag");

    assertThat(read(write(entry("a", 0, 0, precise))))
        .extracting(Entry::attributes)
        .containsExactly(new Attributes(-1, 999_999_000, 0644, "o", "g", ""));
  }

  @Test
  void containersComeBack() throws IOException {
    ContainerSummary one = TestCatalog.container(1, 10);
    ContainerSummary other = TestCatalog.container(2, 1);
    FileReference file = new ParquetCatalogWriter().writeContainers(store, List.of(one, other));
    List<CatalogedContainer> rows = new ArrayList<>();

    reader.readContainers(store, file, rows::add);

    assertThat(rows)
        .containsExactly(
            new CatalogedContainer(one.id(), 5000, -1, 10, 6, one.catalog().path()),
            new CatalogedContainer(other.id(), 5000, -1, 1, 6, other.catalog().path()));
  }

  @Test
  void deadRowsComeBackContainerByContainer() throws IOException {
    FileReference file = new ParquetCatalogWriter()
        .writeDeadRows(
            store,
            List.of(TestCatalog.container(1, 10), TestCatalog.container(3, 10)),
            Map.of(
                new ContainerId(1, 1),
                DeletionVector.of(0, 9, 10, 500),
                new ContainerId(1, 3),
                DeletionVector.of(4)));
    List<String> rows = new ArrayList<>();

    reader.readDeadRows(
        store,
        file,
        (container, ordinal) -> rows.add(container.leastSignificant() + "/" + ordinal));

    assertThat(rows).containsExactly("1/0", "1/9", "3/4");
  }

  @Test
  void fileThatIsNotWhatItsReferenceSaysIsRefusedBeforeAnyRow() throws IOException {
    FileReference file = write(entry("a", 0, 0, new Attributes(1, 0, 0, "", "", "")));
    byte[] bytes = store.get(file.path().toString());
    for (int at = 0; at < bytes.length; at += 97) {
      bytes[at] ^= 1;
      replaced(file.path(), bytes);
      List<Entry> rows = new ArrayList<>();
      assertThatThrownBy(() -> reader.read(store, file, rows::add))
          .as("byte %s", at)
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining(file.path().toString())
          .hasMessageContaining("its reference says");
      assertThat(rows).isEmpty();
      bytes[at] ^= 1;
    }
    store.delete(file.path());
    assertThatThrownBy(() -> read(file)).isInstanceOf(NoSuchFileException.class);
  }

  /** As when somebody signed what is no catalogue of ours. */
  @Test
  void signedNonsenseIsCorruptData() throws IOException {
    FileReference file = write(entry("a", 0, 0, new Attributes(1, 0, 0, "", "", "")));
    byte[] bytes = store.get(file.path().toString());
    for (byte[] nonsense :
        List.of(new byte[0], new byte[100], java.util.Arrays.copyOf(bytes, bytes.length / 2))) {
      FileReference signed = replaced(file.path(), nonsense);
      assertThatThrownBy(() -> read(signed)).isInstanceOf(CorruptDataException.class);
    }
    FileReference dead = new ParquetCatalogWriter()
        .writeDeadRows(
            store,
            List.of(TestCatalog.container(1, 10)),
            Map.of(new ContainerId(1, 1), DeletionVector.of(0)));
    assertThatThrownBy(() -> read(dead))
        .as("another table's rows")
        .isInstanceOf(CorruptDataException.class);
  }
}
