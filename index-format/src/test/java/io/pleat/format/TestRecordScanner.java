package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestRecordScanner {
  private static final ContainerId ID = ContainerId.parse("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb");
  private static final Attributes ATTRIBUTES = new Attributes(1, 2, 0644, "o", "g", "e");

  private static byte[] container(List<byte[]> payloads) throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      writer.addDirectory(LogicalPath.of("d"), ATTRIBUTES);
      for (int i = 0; i < payloads.size(); i++) {
        writer.addFile(
            LogicalPath.of("d/" + i),
            ATTRIBUTES,
            Payload.raw(ByteBuffer.wrap(payloads.get(i))),
            false);
      }
      writer.finish();
    }
    return sink.bytes();
  }

  private static List<Entry> scan(byte[] file) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (RecordScanner scanner = RecordScanner.open(MemoryFile.source(file), ID)) {
      for (var next = scanner.next(); next.isPresent(); next = scanner.next()) {
        if (next.get() instanceof RecordScanner.SalvagedFile salvaged) {
          entries.add(salvaged.entry());
        }
      }
    }
    return entries;
  }

  @Test
  void payloadsThatLookLikeRecordsFoolNobody() throws IOException {
    byte[] inner = container(List.of(new byte[50], new byte[70]));
    // Its own id, real records, right CRCs: only the offsets betray it.
    byte[] file =
        container(List.of(new byte[10], inner, Vectors.read("three-files"), new byte[10]));
    List<Entry> expected = new ArrayList<>();
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
      for (int i = 0; i < 4; i++) {
        expected.add(reader.index().entry(i));
      }
    }
    byte[] noFooter = Arrays.copyOf(file, file.length - 300);
    assertThat(scan(noFooter)).isEqualTo(expected);

    // The record of the file that holds a container is damaged: the scan has to go through its
    // payload.
    byte[] damaged = noFooter.clone();
    damaged[(int) expected.get(1).extent().offset() - 20] ^= 1;
    assertThat(scan(damaged)).containsExactly(expected.get(0), expected.get(2), expected.get(3));
  }

  @Test
  void everyRecordBeforeAndAfterADamagedOneIsFound() throws IOException {
    List<byte[]> payloads = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      payloads.add(new byte[i * 1000]);
    }
    byte[] file = container(payloads);
    byte[] noFooter = Arrays.copyOf(file, file.length - 1);
    List<Entry> all = scan(noFooter);
    assertThat(all).hasSize(9);
    for (int lost = 0; lost < 9; lost++) {
      byte[] damaged = noFooter.clone();
      damaged[(int) all.get(lost).extent().offset() - 1] ^= 1;
      List<Entry> rest = new ArrayList<>(all);
      rest.remove(lost);
      assertThat(scan(damaged)).as("record %s", lost).isEqualTo(rest);
    }
  }

  @Test
  void recordsWithoutHeaderOrEndAreFound() throws IOException {
    byte[] file = container(List.of(new byte[100], new byte[200], new byte[300]));
    Arrays.fill(file, 0, HeaderLayout.LENGTH, (byte) 0);
    List<Entry> all = scan(file);
    assertThat(all).hasSize(3);
    byte[] cut = Arrays.copyOf(file, (int) all.get(2).extent().offset() + 299);
    assertThat(scan(cut)).isEqualTo(all.subList(0, 2));
    assertThat(scan(new byte[0])).isEmpty();
    assertThat(scan(new byte[10])).isEmpty();
  }
}
