package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The proof holds for what is sound, whatever is read at once and however it is cut; and for nothing else. */
@Timeout(120)
class TestContainerProof {
  private static final ContainerId ID = new ContainerId(7, 11);
  private static final int PIECE_LENGTH = 100_000;
  private static final List<Integer> LENGTHS =
      List.of(ContainerReader.MIN_READ_LENGTH, 200_001, ContainerReader.MAX_READ_LENGTH);

  /** Files of all lengths, directories recorded or not, empty ones, pass-throughs. */
  private static byte[] write(long seed) throws IOException {
    Random random = new Random(seed);
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, ID)) {
      writer.addDirectory(LogicalPath.ROOT, attributes(random));
      for (int i = 0; i < 600; i++) {
        LogicalPath directory =
            LogicalPath.of(String.format("d%03d-", i) + "x".repeat(random.nextInt(250)));
        if (random.nextInt(3) > 0) {
          writer.addDirectory(directory, attributes(random));
        }
        int files = random.nextInt(20);
        for (int j = 0; j < files; j++) {
          LogicalPath file = directory.resolve(String.format(".%04d", j) + "é€".repeat(j % 7));
          if (random.nextInt(50) == 0) {
            writer.addPassThrough(file, attributes(random), random.nextLong() >>> 10);
            continue;
          }
          byte[] bytes = new byte[random.nextInt(random.nextInt(500) == 0 ? 900_000 : 1500)];
          random.nextBytes(bytes);
          Payload payload = Payload.raw(ByteBuffer.wrap(bytes));
          writer.addFile(file, attributes(random), payload, random.nextBoolean());
        }
        writer.addDirectory(directory.resolve("z"), attributes(random));
      }
      writer.finish();
    }
    return sink.bytes();
  }

  private static Attributes attributes(Random random) {
    return new Attributes(
        random.nextInt(),
        random.nextInt(1_000_000_000),
        random.nextInt(4) == 0 ? Attributes.UNKNOWN_MODE : random.nextInt(07777),
        "owner" + random.nextInt(3),
        "grüppe" + random.nextInt(3),
        random.nextBoolean() ? "" : "etag" + random.nextInt());
  }

  private static OptionalInt prove(ContainerReader reader, int readLength) throws IOException {
    ContainerProof proof = reader.proof(readLength, PIECE_LENGTH);
    for (int piece = proof.pieces() - 1; piece >= 0; piece--) { // any order will do
      proof.check(piece, (ordinal, folded, length, storedLength) -> {});
    }
    return proof.crc();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void holdsForWhatIsSoundAndSeesEachEntryOnce(long seed) throws IOException {
    byte[] file = write(seed);
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), ID)) {
      for (int readLength : LENGTHS) {
        ContainerProof proof = reader.proof(readLength, PIECE_LENGTH);
        assertThat(proof.pieces()).isGreaterThan(20);
        List<String> rows = new ArrayList<>();
        for (int piece = 0; piece < proof.pieces(); piece++) {
          assertThat(proof.crc()).isEmpty();
          assertThat(proof.check(
                  piece,
                  (ordinal, folded, length, stored) ->
                      rows.add(ordinal + " " + folded + " " + length + " " + stored)))
              .as("seed %s, piece %s, reads of %s", seed, piece, readLength)
              .isTrue();
        }
        assertThat(proof.crc()).hasValue(Checksums.crc32c(file, 0, file.length));
        List<String> expected = new ArrayList<>();
        for (Entry entry : reader.index().entries(0, reader.index().entryCount())) {
          expected.add(entry.ordinal() + " " + (entry.kind() == Entry.Kind.FOLDED) + " "
              + entry.length() + " " + entry.extent().length());
        }
        assertThat(rows).isEqualTo(expected);
      }
    }
  }

  static List<String> golden() {
    return Vectors.ALL;
  }

  @ParameterizedTest
  @MethodSource("golden")
  void holdsForEveryGoldenContainer(String name) throws IOException {
    byte[] file = Vectors.read(name);
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), Vectors.id(name))) {
      assertThat(prove(reader, LENGTHS.get(0))).hasValue(Checksums.crc32c(file, 0, file.length));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void holdsForNothingThatIsDamaged(long seed) throws IOException {
    byte[] file = write(seed);
    Random random = new Random(seed);
    int recordsEnd = (int) FooterLayout.read(MemoryFile.source(file), ID).indexOffset();
    byte[] damaged = file.clone();
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(damaged), ID)) {
      for (int round = 0; round < 100; round++) {
        int at = random.nextInt(recordsEnd);
        if (round % 2 == 0) { // in a header, or near it
          int ordinal = random.nextInt(reader.index().entryCount());
          at = (int) reader.index().extent(ordinal).offset() - 1 - random.nextInt(80);
        }
        damaged[at] ^= (byte) (1 << random.nextInt(8));
        assertThat(prove(reader, LENGTHS.get(round % 3)))
            .as("seed %s, at %s of %s", seed, at, recordsEnd)
            .isEmpty();
        damaged[at] = file[at];
      }
      assertThat(prove(reader, LENGTHS.get(0))).isPresent();
    }
  }

  /** Index blocks that contradict themselves or the records, under checksums that are right. */
  @ParameterizedTest
  @MethodSource("golden")
  void holdsForNothingInWhichVerifyFindsAnything(String name) throws IOException {
    byte[] file = Vectors.read(name);
    ContainerId id = Vectors.id(name);
    int indexAt = (int) FooterLayout.read(MemoryFile.source(file), id).indexOffset();
    int step = Math.max(1, (file.length - indexAt) / 500);
    int refuted = 0;
    for (int at = indexAt; at < file.length - FooterLayout.LENGTH; at += step) {
      for (int flip : new int[] {1, 1 << 1 + at % 7}) {
        byte[] damaged = file.clone();
        damaged[at] ^= (byte) flip;
        Resigned.all(damaged, id);
        List<String> findings = new ArrayList<>();
        try (ContainerReader reader = ContainerReader.open(MemoryFile.source(damaged), id)) {
          boolean proven = isProven(reader);
          try {
            reader.verify(
                LENGTHS.get(0), entry -> {}, finding -> findings.add(finding.getMessage()));
          } catch (CorruptDataException e) {
            findings.add(e.getMessage());
          }
          if (!findings.isEmpty()) {
            refuted++;
            assertThat(proven).as("%s at %s: %s", flip, at, findings).isFalse();
          }
        } catch (IOException e) {
          continue; // does not even open
        }
      }
    }
    if (!name.equals("empty")) {
      assertThat(refuted).isPositive();
    }
  }

  private static boolean isProven(ContainerReader reader) throws IOException {
    try {
      return prove(reader, LENGTHS.get(0)).isPresent();
    } catch (UnsupportedFormatException e) {
      return false;
    }
  }

  @Test
  void aSourceThatFailsIsNoFinding() throws IOException {
    byte[] file = write(1);
    ByteSource sound = MemoryFile.source(file);
    boolean[] fails = {false};
    ByteSource source = new ByteSource() {
      @Override
      public long length() {
        return sound.length();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        if (fails[0]) {
          throw new IOException("no such luck");
        }
        sound.readFully(position, target);
      }

      @Override
      public void close() {}
    };
    try (ContainerReader reader = ContainerReader.open(source, ID)) {
      fails[0] = true;
      assertThatThrownBy(() -> prove(reader, LENGTHS.get(0)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no such luck");
    }
  }
}
