package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestCondemnedList {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 20_000})
  void listRoundTrips(int count) throws IOException {
    List<String> paths = IntStream.range(0, count)
        .mapToObj(number -> String.format("containers/%08d.pleat", number))
        .toList();

    assertThat(read(write(paths), count)).isEqualTo(paths);
  }

  @Test
  void longPathsCrossTheBuffer() throws IOException {
    List<String> paths = new ArrayList<>();
    for (char c = 'a'; c < 'k'; c++) {
      paths.add("catalog/" + String.valueOf(c).repeat(60_000));
    }

    assertThat(read(write(paths), paths.size())).isEqualTo(paths);
  }

  @Test
  void anyDamageIsNoticed() throws IOException {
    List<String> paths = List.of("_pleat/runs/a.json", "_pleat/runs/b.json", "containers/c.pleat");
    Damage.assertNoneIsRead(write(paths), file -> read(file.bytes(), 3));
  }

  @Test
  void pathsOutOfOrderAndSnapshotsAreRefused() throws IOException {
    MemoryStore store = new MemoryStore();
    try (CondemnedListWriter list = CondemnedListWriter.create(store)) {
      list.add(LogicalPath.of("containers/b.pleat"));
      assertThatThrownBy(() -> list.add(LogicalPath.of("containers/a.pleat")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("'containers/a.pleat' does not sort above the path before");
      assertThatThrownBy(() -> list.add(LogicalPath.of("containers/b.pleat")))
          .isInstanceOf(IllegalArgumentException.class);
      for (String path : List.of("_pleat/snapshots/x", "elsewhere", "_pleat")) {
        assertThatThrownBy(() -> list.add(LogicalPath.of(path)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("may not be condemned: '" + path + "'");
      }
    }
    assertThat(store.files()).isEmpty();
  }

  /** Whatever a list says under a right checksum: no snapshot and nothing outside is ever given for deletion. */
  @Test
  void senselessContentIsRefusedThoughItsChecksumIsRight() throws IOException {
    byte[] sound = write(List.of("_pleat/runs/a.json", "_pleat/runs/b.json"));
    for (int at = CondemnedList.ENTRIES_AT; at < sound.length - MetadataFrame.CRC_LENGTH; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] bytes = sound.clone();
        bytes[at] = (byte) value;
        try {
          for (String path : read(MetadataFrame.seal(bytes), 2)) {
            assertThat(path).matches("(?s)(containers|catalog|_pleat)/.*");
            assertThat(path).doesNotStartWith("_pleat/snapshots/");
          }
        } catch (CorruptDataException e) {
          assertThat(e).hasMessageContaining("at offset");
        }
      }
    }
  }

  static byte[] write(List<String> paths) throws IOException {
    MemoryStore store = new MemoryStore();
    try (CondemnedListWriter list = CondemnedListWriter.create(store)) {
      for (String path : paths) {
        list.add(LogicalPath.of(path));
      }
      CondemnedListReference reference = list.finish();
      assertThat(reference.paths()).isEqualTo(paths.size());
      return store.get(reference.file().path().toString());
    }
  }

  static List<String> read(byte[] bytes, int count) throws IOException {
    MemoryStore store = new MemoryStore();
    store.put("_pleat/condemned/the-file", bytes);
    FileReference file = new FileReference(
        LogicalPath.of("_pleat/condemned/the-file"),
        bytes.length,
        StoredBytes.crc32c(bytes, 0, bytes.length));
    List<String> paths = new ArrayList<>();
    try (CondemnedList list = CondemnedList.open(store, new CondemnedListReference(file, count))) {
      for (Optional<LogicalPath> path = list.next(); path.isPresent(); path = list.next()) {
        paths.add(path.get().toString());
      }
    }
    return paths;
  }
}
