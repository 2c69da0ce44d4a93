package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TestGoldenContainers {
  @BeforeAll
  static void writeIfAsked() throws IOException {
    if (Boolean.getBoolean(Vectors.WRITE)) {
      for (String name : Vectors.ALL) {
        Vectors.store(name, Vectors.write(name));
      }
      for (String name : Vectors.REFUSED.keySet()) {
        Vectors.store(name, Vectors.write(name));
      }
    }
  }

  static List<String> raw() {
    return Stream.concat(Vectors.RAW.stream(), refused().stream()).toList();
  }

  static Set<String> refused() {
    return Vectors.REFUSED.keySet();
  }

  static List<String> all() {
    return Vectors.ALL;
  }

  @ParameterizedTest
  @MethodSource("raw")
  void isWrittenByteForByte(String name) throws IOException {
    assertThat(Vectors.write(name)).isEqualTo(Vectors.read(name));
  }

  @ParameterizedTest
  @MethodSource("all")
  void readsAsItsTwinStates(String name) throws IOException {
    byte[] file = Vectors.read(name);
    assertThat(file).hasSizeLessThanOrEqualTo(64 << 10);
    ObjectMapper mapper = new ObjectMapper(); // both through text, so that numbers have one type
    assertThat(mapper.readTree(mapper.writeValueAsString(Vectors.describe(file, Vectors.id(name)))))
        .isEqualTo(Vectors.twin(name));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedAsItsTwinStates(String name) throws IOException {
    byte[] file = Vectors.read(name);
    assertThatThrownBy(() -> ContainerReader.open(MemoryFile.source(file), Vectors.id(name)))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining(Vectors.REFUSED.get(name));
    assertThat(Vectors.twin(name).get("refused").textValue()).isEqualTo(Vectors.REFUSED.get(name));
  }

  @Test
  void compressedIndexIsCompressed() throws IOException {
    ContainerId id = Vectors.id("compressed-index");
    try (IndexBlock index =
        IndexBlock.open(MemoryFile.source(Vectors.read("compressed-index")), id)) {
      assertThat(index.table().find(SectionTable.ENTRIES).encoding())
          .isEqualTo(SectionTable.ZSTD_COLUMNS);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void verifiesClean(String name) throws IOException {
    byte[] file = Vectors.read(name);
    List<CorruptDataException> findings = new ArrayList<>();
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), Vectors.id(name))) {
      assertThat(reader.verify(findings::add)).isEqualTo(Checksums.crc32c(file, 0, file.length));
    }
    assertThat(findings).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("all")
  void salvageFindsTheSameRows(String name) throws IOException {
    byte[] file = Vectors.read(name);
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), Vectors.id(name));
        RecordScanner scanner = RecordScanner.open(
            MemoryFile.source(Arrays.copyOf(file, file.length - 1)), Vectors.id(name))) {
      int entries = 0;
      for (var next = scanner.next(); next.isPresent(); next = scanner.next()) {
        if (next.get() instanceof RecordScanner.SalvagedFile salvaged) {
          assertThat(salvaged.entry()).isEqualTo(reader.index().entry(entries++));
        } else if (next.get() instanceof RecordScanner.SalvagedDirectory salvaged) {
          DirectoryEntry row = reader.index().directory(salvaged.index());
          assertThat(row.path()).isEqualTo(salvaged.path());
          assertThat(row.attributes()).contains(salvaged.attributes());
        }
      }
      assertThat(entries).isEqualTo(reader.index().entryCount());
      assertThat(scanner.dictionary().map(ByteBuffer::wrap))
          .isEqualTo(reader.index().dictionary().map(ByteBuffer::wrap));
    }
  }
}
