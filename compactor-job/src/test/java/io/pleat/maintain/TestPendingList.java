package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.ByteSink;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.LogicalPath;
import io.pleat.format.UnsupportedFormatException;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class TestPendingList {
  private static final int CRC_FROM_END = 12;

  private final MemoryStore store = new MemoryStore();

  private static ReclaimRow row(int i, String path) {
    return new ReclaimRow(
        LogicalPath.of(path),
        new ContainerId(i, -i),
        i,
        10L * i,
        -i,
        i,
        i % 2 == 0 ? "" : "tag é",
        ~i);
  }

  private byte[] write(List<ReclaimRow> rows) throws IOException {
    try (PendingListWriter writer = new PendingListWriter(store)) {
      for (ReclaimRow row : rows) {
        writer.add(row);
      }
      writer.finish();
      try (var file = store.open(PendingList.pathOf(writer.id()))) {
        byte[] bytes = new byte[(int) file.length()];
        file.readFully(0, ByteBuffer.wrap(bytes));
        return bytes;
      }
    }
  }

  private List<ReclaimRow> read(byte[] bytes) throws IOException {
    String id = PendingList.freshId();
    try (ByteSink sink = store.create(PendingList.pathOf(id))) {
      sink.write(ByteBuffer.wrap(bytes));
      sink.finish();
    }
    List<ReclaimRow> rows = new ArrayList<>();
    try (PendingListReader reader = PendingListReader.open(store, id)) {
      for (Optional<ReclaimRow> row = reader.next(); row.isPresent(); row = reader.next()) {
        rows.add(row.get());
      }
    }
    return rows;
  }

  @Test
  void rowsComeBackFromAListLongerThanAnyBuffer() throws IOException {
    List<ReclaimRow> rows = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      rows.add(row(i, i + "/" + "long name ".repeat(20)));
    }
    String longest = ("d".repeat(255) + "/").repeat(256);
    rows.add(row(7, longest.substring(0, LogicalPath.MAX_LENGTH)));
    assertThat(read(write(rows))).isEqualTo(rows);
  }

  @Test
  void aListWithoutRowsIsNoFile() throws IOException {
    try (PendingListWriter writer = new PendingListWriter(store)) {
      writer.finish();
    }
    assertThat(PendingList.all(store)).isEmpty();
  }

  @Test
  void aListThatWasCutOffWasNeverFinished() throws IOException {
    byte[] bytes = write(List.of(row(1, "a"), row(2, "b/c")));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> read(cut))
          .as("%s bytes", length)
          .isInstanceOf(PendingListReader.UnfinishedException.class);
    }
  }

  @Test
  void aFlippedBitIsSeen() throws IOException {
    byte[] bytes = write(List.of(row(1, "a"), row(2, "b/c")));
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> read(damaged))
          .as("bit %s", bit)
          .isInstanceOfAny(CorruptDataException.class, PendingListReader.UnfinishedException.class);
    }
  }

  @Test
  void aLaterVersionIsNotTakenForDamage() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(write(List.of(row(1, "a")))).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(PendingList.VERSION_AT, 2);
    reseal(bytes);
    assertThatThrownBy(() -> read(bytes.array()))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("format version 2");
  }

  @Test
  void lengthsAreNotBelieved() throws IOException {
    for (int length : new int[] {0, -1, 5, 1 << 30}) {
      ByteBuffer bytes =
          ByteBuffer.wrap(write(List.of(row(1, "a")))).order(ByteOrder.LITTLE_ENDIAN);
      bytes.putInt(PendingList.ROWS_AT, length);
      reseal(bytes);
      assertThatThrownBy(() -> read(bytes.array()))
          .as("%s", length)
          .isInstanceOf(CorruptDataException.class);
    }
  }

  private static void reseal(ByteBuffer bytes) {
    int crcAt = bytes.capacity() - CRC_FROM_END;
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, crcAt);
    bytes.putInt(crcAt, (int) crc.getValue());
  }
}
