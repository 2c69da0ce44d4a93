package io.pleat.dataset.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.format.Attributes;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.junit.jupiter.api.Test;

class TestCatalog {
  private static final ContainerId ID = new ContainerId(1, 0xabcd);
  private static final String AWKWARD = "a b/\u00e9\ud83d\ude00 '\"`\n%#:*\\";

  private final MemoryStore store = new MemoryStore();

  private static Entry entry(
      String path, int ordinal, Entry.Kind kind, int codec, Attributes attributes) {
    long stored = kind == Entry.Kind.FOLDED ? 70 + ordinal : 0;
    return new Entry(
        LogicalPath.of(path),
        ordinal,
        kind,
        100L + ordinal,
        new Extent(ID, 1000L * ordinal, stored),
        codec,
        7,
        -2,
        false,
        attributes);
  }

  @Test
  void fileRowsRoundTrip() throws IOException {
    Attributes known = new Attributes(-1, 999_999_999, 04755, "r\u00fcdiger", "staff", "etag");
    Attributes unknown = new Attributes(1_700_000_000, 1999, Attributes.UNKNOWN_MODE, "", "", "");
    FileReference file = write(List.of(
        entry(AWKWARD, 0, Entry.Kind.FOLDED, 2, known),
        entry("b", 1, Entry.Kind.PASS_THROUGH, 0, unknown),
        entry("c", 2, Entry.Kind.FOLDED, 1, known),
        entry("d", 3, Entry.Kind.FOLDED, 99, unknown)));

    List<GenericRecord> rows = read(file);

    assertThat(file.path().toString()).matches("catalog/files/[0-9a-f-]{36}\\.parquet");
    assertThat(rows).hasSize(4);
    GenericRecord first = rows.get(0);
    assertThat(first.get("path").toString()).isEqualTo(AWKWARD);
    assertThat(first.get("container_id").toString()).isEqualTo("0000000000000001000000000000abcd");
    assertThat(first.get("ordinal")).isEqualTo(0);
    assertThat(first.get("offset")).isEqualTo(0L);
    assertThat(first.get("length")).isEqualTo(100L);
    assertThat(first.get("stored_length")).isEqualTo(70L);
    assertThat(first.get("codec").toString()).isEqualTo("zstd-dictionary");
    assertThat(first.get("crc32c")).isEqualTo(0xfffffffeL);
    assertThat(first.get("mtime")).isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
    assertThat(first.get("mode")).isEqualTo(04755);
    assertThat(first.get("owner").toString()).isEqualTo("r\u00fcdiger");
    assertThat(first.get("group").toString()).isEqualTo("staff");
    assertThat(first.get("kind").toString()).isEqualTo("folded");
    GenericRecord second = rows.get(1);
    assertThat(second.get("stored_length")).isEqualTo(0L);
    assertThat(second.get("codec").toString()).isEqualTo("raw");
    assertThat(second.get("mtime")).isEqualTo(Instant.parse("2023-11-14T22:13:20.000001Z"));
    assertThat(second.get("mode")).isNull();
    assertThat(second.get("owner")).isNull();
    assertThat(second.get("group")).isNull();
    assertThat(second.get("kind").toString()).isEqualTo("pass-through");
    assertThat(rows.get(2).get("codec").toString()).isEqualTo("zstd");
    assertThat(rows.get(3).get("codec").toString()).isEqualTo("99");
  }

  @Test
  void timesBeyondMicrosecondsAreClamped() throws IOException {
    Instant last = Instant.EPOCH.plus(Long.MAX_VALUE, ChronoUnit.MICROS);
    Instant first = Instant.EPOCH.plus(Long.MIN_VALUE, ChronoUnit.MICROS);
    List<Long> seconds = List.of(
        Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / 1_000_000, Long.MIN_VALUE / 1_000_000);
    List<Entry> entries = new ArrayList<>();
    for (long second : seconds) {
      entries.add(entry(
          "f" + entries.size(),
          entries.size(),
          Entry.Kind.FOLDED,
          0,
          new Attributes(second, 999_999_999, 0, "", "", "")));
    }

    assertThat(read(write(entries)))
        .extracting(row -> row.get("mtime"))
        .containsExactly(last, first, last, first);
  }

  @Test
  void referenceHasLengthAndChecksumOfTheFile() throws IOException {
    FileReference file = write(
        List.of(entry("a", 0, Entry.Kind.FOLDED, 0, new Attributes(1, 0, 0644, "o", "g", ""))));
    byte[] content = store.get(file.path().toString());
    CRC32C crc = new CRC32C();
    crc.update(content);

    assertThat(file.length()).isEqualTo(content.length);
    assertThat(file.crc32c()).isEqualTo((int) crc.getValue());
  }

  @Test
  void manyRowsSpanRowGroupsAndKeepTheirOrder() throws IOException {
    int rows = 300_000;
    Random random = new Random(1);
    byte[] name = new byte[60];
    Attributes attributes = new Attributes(1, 0, 0644, "owner", "group", "");
    FileReference file;
    try (CatalogFileWriter writer = CatalogFileWriter.create(store)) {
      for (int i = 0; i < rows; i++) {
        random.nextBytes(name);
        writer.add(
            entry(HexFormat.of().formatHex(name) + "/" + i, i, Entry.Kind.FOLDED, 0, attributes));
      }
      file = writer.finish();
    }
    try (ParquetFileReader reader =
        ParquetFileReader.open(new StoreInputFile(store, file.path()))) {
      assertThat(reader.getRowGroups()).hasSizeGreaterThan(1);
      assertThat(reader.getRecordCount()).isEqualTo(rows);
    }
    List<GenericRecord> found = read(file);
    for (int i = 0; i < rows; i += 997) {
      assertThat(found.get(i).get("ordinal")).isEqualTo(i);
      assertThat(found.get(i).get("path").toString()).endsWith("/" + i);
    }
  }

  @Test
  void abandonedFileLeavesNothing() throws IOException {
    Attributes attributes = new Attributes(1, 0, 0644, "owner", "group", "");
    try (CatalogFileWriter writer = CatalogFileWriter.create(store)) {
      writer.add(entry("a", 0, Entry.Kind.FOLDED, 0, attributes));
    }

    assertThat(store.files()).isEmpty();
  }

  @Test
  void schemaInTheFileIsTheDocumentedOne() throws IOException {
    FileReference file = write(List.of());
    try (ParquetFileReader reader =
        ParquetFileReader.open(new StoreInputFile(store, file.path()))) {
      Map<String, String> metadata = reader.getFileMetaData().getKeyValueMetaData();
      Schema schema = new Schema.Parser().parse(metadata.get("parquet.avro.schema"));
      assertThat(schema.getFields())
          .extracting(Schema.Field::name)
          .containsExactly(
              "path",
              "container_id",
              "ordinal",
              "offset",
              "length",
              "stored_length",
              "codec",
              "crc32c",
              "mtime",
              "mode",
              "owner",
              "group",
              "kind");
      assertThat(metadata).containsEntry("pleat.catalog.version", "0");
    }
  }

  @Test
  void containerRowsRoundTrip() throws IOException {
    ContainerSummary container = container(0xabcd, 10);
    FileReference file = new ParquetCatalogWriter().writeContainers(store, List.of(container));

    List<GenericRecord> rows = read(file);

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).toString().replace('"', '\''))
        .isEqualTo("{'container_id': '0000000000000001000000000000abcd', "
            + "'path': 'containers/0000000000000001000000000000abcd.pleat', 'length': 5000, "
            + "'crc32c': 4294967295, 'index_offset': 4000, 'entries': 10, 'pass_throughs': 1, "
            + "'directories': 2, 'payload_bytes': 3, 'stored_bytes': 4, 'pass_through_bytes': 5, "
            + "'first_path': '', 'last_path': 'z/z', 'sequence': 6, "
            + "'catalog_path': 'catalog/files/43981.parquet'}");
  }

  @Test
  void deadRowsAreEntriesOnly() throws IOException {
    FileReference file = new ParquetCatalogWriter()
        .writeDeadRows(
            store,
            List.of(container(1, 10), container(2, 10), container(3, 10)),
            Map.of(
                new ContainerId(1, 1),
                DeletionVector.of(0, 9, 10, 500),
                new ContainerId(1, 3),
                DeletionVector.of(4)));

    assertThat(read(file))
        .extracting(
            row -> row.get("container_id").toString().substring(31) + "/" + row.get("ordinal"))
        .containsExactly("1/0", "1/9", "3/4");
  }

  static ContainerSummary container(long id, int entries) {
    return new ContainerSummary(
        new ContainerId(1, id),
        5000,
        -1,
        4000,
        entries,
        1,
        2,
        3,
        4,
        5,
        new KeyRange(LogicalPath.ROOT.directoryKey(), LogicalPath.of("z/z").fileKey()),
        6,
        new FileReference(LogicalPath.of("catalog/files/" + id + ".parquet"), 8, 9),
        FilterSection.NONE);
  }

  private FileReference write(List<Entry> entries) throws IOException {
    try (CatalogFileWriter writer = CatalogFileWriter.create(store)) {
      for (Entry entry : entries) {
        writer.add(entry);
      }
      return writer.finish();
    }
  }

  private List<GenericRecord> read(FileReference file) throws IOException {
    List<GenericRecord> rows = new ArrayList<>();
    try (ParquetReader<GenericRecord> reader = AvroParquetReader.<GenericRecord>builder(
            new StoreInputFile(store, file.path()))
        .withConf(new Configuration(false))
        .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        rows.add(row);
      }
    }
    return rows;
  }
}
