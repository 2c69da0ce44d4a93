package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads of any length, each in another buffer, find the same. */
@Timeout(120)
class TestContainerVerifier {
  private static final ContainerId ID = new ContainerId(7, 11);
  private static final List<Integer> LENGTHS =
      List.of(ContainerReader.MIN_READ_LENGTH, 200_001, ContainerReader.MAX_READ_LENGTH);

  private byte[] file;
  private ContainerStatistics statistics;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(5);
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      for (int i = 0; i < 300; i++) {
        LogicalPath directory = LogicalPath.of(String.format("d%03d-", i) + "x".repeat(i % 200));
        Attributes attributes = new Attributes(i, i, 0755, "owner", "group" + i % 7, "");
        writer.addDirectory(directory, attributes);
        byte[] bytes = new byte[random.nextInt(i % 50 == 0 ? 400_000 : 4000)];
        random.nextBytes(bytes);
        writer.addFile(
            directory.resolve("file"), attributes, Payload.raw(ByteBuffer.wrap(bytes)), i % 3 == 0);
        writer.addPassThrough(directory.resolve("large"), attributes, 1L << 40);
      }
      statistics = writer.finish();
    }
    file = sink.bytes();
  }

  private List<String> findings(int readLength) throws IOException {
    List<String> findings = new ArrayList<>();
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
      reader.verify(readLength, entry -> {}, new ContainerReader.DamageListener() {
        @Override
        public void damaged(CorruptDataException finding) {
          findings.add(finding.getMessage());
        }

        @Override
        public void lost(int ordinal, CorruptDataException finding) {
          findings.add("lost " + ordinal + ": " + finding.getMessage());
        }
      });
    }
    return findings;
  }

  @Test
  void everyEntryIsSeenOnceInOrderAndEveryByteSummed() throws IOException {
    for (int length : LENGTHS) {
      List<Integer> seen = new ArrayList<>();
      try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
        int crc = reader.verify(length, entry -> seen.add(entry.ordinal()), damage -> {
          throw new AssertionError(damage);
        });
        assertThat(crc).isEqualTo(statistics.crc32c());
        assertThat(seen).hasSize(statistics.entries()).isSorted().doesNotHaveDuplicates();
        seen.clear();
        reader.verifyHeaders(1000, entry -> seen.add(entry.ordinal()), damage -> {
          throw new AssertionError(damage);
        });
        assertThat(seen).hasSize(statistics.entries()).isSorted().doesNotHaveDuplicates();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void damageIsFoundWhateverIsReadAtOnce(long seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < 25; round++) {
      int at = random.nextInt((int) statistics.indexOffset());
      int length = Math.min(1 + random.nextInt(300), (int) statistics.indexOffset() - at);
      byte[] before = file.clone();
      for (int i = at; i < at + length; i++) {
        file[i] ^= 0x55;
      }
      if (at >= HeaderLayout.LENGTH) {
        List<String> first = findings(LENGTHS.get(0));
        assertThat(first).as("seed %s, %s bytes at %s", seed, length, at).isNotEmpty();
        for (int readLength : LENGTHS) {
          assertThat(findings(readLength))
              .as("seed %s, %s bytes at %s", seed, length, at)
              .isEqualTo(first);
        }
      }
      file = before;
    }
  }

  @Test
  void payloadBehindADamagedHeaderIsCheckedByTheIndexBlock() throws IOException {
    int offset;
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
      offset = (int) reader.index().extent(2).offset();
    }
    file[offset - 1] ^= 1;
    assertThat(findings(LENGTHS.get(0)))
        .noneMatch(what -> what.startsWith("lost"))
        .anyMatch(what -> what.startsWith("record of entry 2, "));
    file[offset] ^= 1;
    assertThat(findings(LENGTHS.get(0))).anyMatch(what -> what.startsWith("lost 2: CRC32C of"));
  }

  @Test
  void aSourceThatFailsEndsTheCheck() throws IOException {
    for (int length : LENGTHS) {
      ByteSource sound = MemoryFile.source(file);
      long from = statistics.indexOffset() / 2;
      boolean[] fails = {false};
      ByteSource source = new ByteSource() {
        @Override
        public long length() {
          return sound.length();
        }

        @Override
        public void readFully(long position, ByteBuffer target) throws IOException {
          if (fails[0] && position + target.remaining() > from) {
            throw new IOException("no such luck");
          }
          sound.readFully(position, target);
        }

        @Override
        public void close() {}
      };
      try (ContainerReader reader = ContainerReader.open(source, ID)) {
        fails[0] = true;
        assertThatThrownBy(() -> reader.verify(length, entry -> {}, damage -> {}))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("no such luck");
      }
    }
  }
}
