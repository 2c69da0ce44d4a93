package io.pleat.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestIndexPack {
  private static final Payload EMPTY = Payload.raw(ByteBuffer.allocate(0));

  @TempDir
  Path folder;

  /** A container of numbered files in two directories, and where its index block starts. */
  private record Sample(ContainerId id, byte[] file, long indexOffset, int entries) {
    ByteBuffer tail() {
      ByteBuffer tail = ByteBuffer.allocateDirect((int) (file.length - indexOffset));
      return tail.put(file, (int) indexOffset, tail.remaining()).flip();
    }

    String path(int i) {
      return String.format("%s/%08d.jpeg", i < entries / 2 ? "d" : "e/f", i);
    }
  }

  private static Sample sample(int number, int entries) throws IOException {
    ContainerId id = new ContainerId(0xFFL << 56 | number, -number);
    Sample sample = new Sample(id, new byte[0], 0, entries);
    MemoryFile.Sink sink = new MemoryFile.Sink();
    try (ContainerWriter writer = ContainerWriter.create(sink, id)) {
      writer.addDirectory(LogicalPath.ROOT, attributes(7));
      for (int i = 0; i < entries; i++) {
        writer.addFile(LogicalPath.of(sample.path(i)), attributes(i), EMPTY, false);
      }
      ContainerStatistics written = writer.finish();
      return new Sample(id, sink.bytes(), written.indexOffset(), entries);
    }
  }

  private static Attributes attributes(int i) {
    return new Attributes(i, 0, 0600 + i % 64, "o" + i % 3, "g", "");
  }

  private Path pack(IndexPackWriter.Form form, Sample... samples) throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    IndexPackWriter writer = new IndexPackWriter(sink, form);
    for (Sample sample : samples) {
      writer.add(
          sample.id, sample.file.length, sample.indexOffset, sample.tail(), "sample " + sample.id);
    }
    writer.finish();
    return Files.write(folder.resolve(form + ".pack"), sink.bytes());
  }

  private static IndexBlock block(MappedIndexPack pack, Sample sample) throws IOException {
    return pack.block(sample.id, sample.file.length, sample.indexOffset, IndexBlock.Spare.NONE)
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(IndexPackWriter.Form.class)
  void packedBlockAnswersAsTheContainersOwn(IndexPackWriter.Form form) throws IOException {
    Sample[] samples = {sample(3, 9_000), sample(1, 0), sample(2, 5)};
    try (MappedIndexPack pack = MappedIndexPack.open(pack(form, samples))) {
      assertThat(pack.size()).isEqualTo(3);
      for (Sample sample : samples) {
        try (IndexBlock packed = block(pack, sample);
            IndexBlock own = IndexBlock.open(MemoryFile.source(sample.file), sample.id)) {
          assertThat(packed.heldBytes()).isZero();
          assertSame(packed, own, sample);
          assertThat(packed.heldBytes() == 0)
              .isEqualTo(form == IndexPackWriter.Form.INFLATED || sample.entries < 10);
        }
      }
    }
  }

  private static void assertSame(IndexBlock packed, IndexBlock own, Sample sample)
      throws IOException {
    int count = own.entryCount();
    assertThat(packed.entryCount()).isEqualTo(count);
    assertThat(packed.entries(0, count)).isEqualTo(own.entries(0, count));
    for (int i = 0; i < own.directoryCount(); i++) {
      assertThat(packed.directory(i)).isEqualTo(own.directory(i));
    }
    for (int i = 0; i < count; i += 7) {
      assertThat(packed.find(sample.path(i).getBytes(UTF_8))).isEqualTo(i);
      assertThat(packed.find((sample.path(i) + "x").getBytes(UTF_8))).isEqualTo(-1);
    }
  }

  @Test
  void inflatedBlockIsWhatAContainerWithoutCompressionEndsWith() throws IOException {
    Sample sample = sample(4, 3_000);
    Path file = pack(IndexPackWriter.Form.INFLATED, sample);
    IndexPack table = IndexPack.open(MemoryFile.source(Files.readAllBytes(file)));
    IndexPack.Row row =
        table.find(sample.id, sample.file.length, sample.indexOffset).orElseThrow();
    assertThat(row.offset() % 4096).isZero();
    byte[] container = Arrays.copyOf(sample.file, (int) sample.indexOffset + row.length());
    System.arraycopy(
        Files.readAllBytes(file),
        (int) row.offset(),
        container,
        (int) sample.indexOffset,
        row.length());
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(container), sample.id)) {
      List<CorruptDataException> damage = new ArrayList<>();
      reader.verify(damage::add);
      assertThat(damage).isEmpty();
      assertThat(reader.index().table().rows()).allMatch(each -> each.encoding() == 0);
      assertThat(reader.index().table().rows().get(0).kind()).isEqualTo(SectionTable.ENTRIES);
    }
  }

  @Test
  void onlyTheVeryContainerIsFound() throws IOException {
    Sample sample = sample(5, 10);
    IndexPack table = IndexPack.open(
        MemoryFile.source(Files.readAllBytes(pack(IndexPackWriter.Form.STORED, sample))));
    assertThat(table.find(sample.id, sample.file.length, sample.indexOffset)).isPresent();
    assertThat(table.find(sample.id, sample.file.length + 1, sample.indexOffset))
        .isEmpty();
    assertThat(table.find(sample.id, sample.file.length, sample.indexOffset - 1))
        .isEmpty();
    assertThat(table.find(ContainerId.random(), sample.file.length, sample.indexOffset))
        .isEmpty();
  }

  @Test
  void everyFlippedBitIsFoundOrMakesNoDifference() throws IOException {
    Sample sample = sample(6, 200);
    byte[] whole = Files.readAllBytes(pack(IndexPackWriter.Form.INFLATED, sample));
    Path file = folder.resolve("flipped.pack");
    IndexPack table = IndexPack.open(MemoryFile.source(whole));
    IndexPack.Row row = table.rows().get(0);
    try (IndexBlock own = IndexBlock.open(MemoryFile.source(sample.file), sample.id)) {
      for (int bit = 0; bit < 8 * whole.length; bit += bit / 8 % 97 == 0 ? 3 : 61) {
        byte[] damaged = whole.clone();
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        if (bit / 8 < row.paddedLength()) {
          ByteBuffer bytes = ByteBuffer.wrap(damaged, 0, row.paddedLength());
          assertThatThrownBy(() -> table.check(row, bytes))
              .isInstanceOf(CorruptDataException.class);
        }
        Files.write(file, damaged);
        int checked = row.length() + PieceChecks.encodedLength(row.length());
        boolean inPadding = bit / 8 >= checked && bit / 8 < row.paddedLength();
        boolean found = false;
        try (MappedIndexPack pack = MappedIndexPack.open(file);
            IndexBlock packed = block(pack, sample)) {
          assertSame(packed, own, sample);
        } catch (CorruptDataException | UnsupportedFormatException e) {
          found = true;
        }
        assertThat(found).as("bit %s", bit).isEqualTo(!inPadding);
      }
    }
  }

  @Test
  void everyTruncationIsFound() throws IOException {
    byte[] whole = Files.readAllBytes(pack(IndexPackWriter.Form.STORED, sample(7, 3)));
    for (int length = 0; length < whole.length; length++) {
      byte[] shorter = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> IndexPack.open(MemoryFile.source(shorter)))
          .as("length %s", length)
          .isInstanceOf(CorruptDataException.class);
    }
  }

  @Test
  void whereABlockIsDamagedItsSpareAnswersOpenedOnce() throws Exception {
    Sample sample = sample(8, 5_000);
    Path file = pack(IndexPackWriter.Form.INFLATED, sample);
    byte[] bytes = Files.readAllBytes(file);
    for (int at : new int[] {100, 40_000, 70_000, 85_000}) { // entries, attributes, locator
      bytes[at] ^= 1;
    }
    Files.write(file, bytes);
    AtomicInteger asked = new AtomicInteger();
    try (MappedIndexPack pack = MappedIndexPack.open(file);
        IndexBlock own = IndexBlock.open(MemoryFile.source(sample.file), sample.id);
        IndexBlock packed = pack.block(
                sample.id, sample.file.length, sample.indexOffset, damage -> {
                  asked.incrementAndGet();
                  assertThat(damage).hasMessageContaining("CRC32C of piece ");
                  return IndexBlock.open(MemoryFile.source(sample.file), sample.id);
                })
            .orElseThrow()) {
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        Callable<Void> task = () -> {
          assertSame(packed, own, sample);
          return null;
        };
        for (Future<Void> each : threads.invokeAll(List.of(task, task, task, task))) {
          each.get();
        }
      } finally {
        threads.shutdownNow();
      }
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void onlyWhatIsNeededOfABlockIsChecked() throws Exception {
    Sample sample = sample(11, 5_000);
    Path file = pack(IndexPackWriter.Form.INFLATED, sample);
    byte[] bytes = Files.readAllBytes(file);
    int damagedPage = 2_500 / 28; // somewhere in the middle of the entries
    bytes[damagedPage * EntryPages.PAGE_LENGTH + 100] ^= 1;
    Files.write(file, bytes);
    List<CorruptDataException> damages = new ArrayList<>();
    try (MappedIndexPack pack = MappedIndexPack.open(file);
        IndexBlock own = IndexBlock.open(MemoryFile.source(sample.file), sample.id);
        IndexBlock packed = pack.block(
                sample.id, sample.file.length, sample.indexOffset, damage -> {
                  damages.add(damage);
                  return IndexBlock.open(MemoryFile.source(sample.file), sample.id);
                })
            .orElseThrow()) {
      assertThat(packed.entries(0, 1_000)).isEqualTo(own.entries(0, 1_000));
      assertThat(packed.entries(4_000, 5_000)).isEqualTo(own.entries(4_000, 5_000));
      assertThat(packed.find(sample.path(4_500).getBytes(UTF_8))).isEqualTo(4_500);
      assertThat(packed.directory(1)).isEqualTo(own.directory(1));
      assertThat(damages).isEmpty();
      List<Integer> visited = new ArrayList<>();
      packed.scan(0, 5_000, row -> visited.add(row.ordinal()));
      assertThat(visited).hasSize(5_000).doesNotHaveDuplicates().isSorted();
      assertThat(damages).hasSize(1);
      assertThat(damages.get(0))
          .hasMessageContaining(
              "CRC32C of piece %s of the index block is",
              damagedPage * EntryPages.PAGE_LENGTH / PieceChecks.PIECE_LENGTH);
      assertSame(packed, own, sample);
      assertThat(damages).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4_095, 4_096, 4_097, 8_192, 50_000})
  void pieceChecksumsFindEveryDamageWhereItIs(int length) {
    ContainerId id = new ContainerId(length, 1);
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    PieceChecks.Builder builder = new PieceChecks.Builder();
    for (int at = 0, step = 1; at < length; at += step, step = 3 * step % 5_000) {
      builder.update(ByteBuffer.wrap(content, at, Math.min(step, length - at)));
    }
    ByteBuffer checksums = builder.finish(id);
    assertThat(checksums.remaining()).isEqualTo(PieceChecks.encodedLength(length));
    int start = 77;
    ByteBuffer memory = Reads.buffer(start + length + checksums.remaining()).put(start, content);
    memory.put(start + length, checksums.array());

    PieceChecks sound = new PieceChecks(memory, start, length, id, "sound");
    boolean all = false;
    for (int at = 0; at < length; at += 1_000) {
      all = sound.prove(start + at, Math.min(1_000, length - at));
    }
    assertThat(all || sound.prove(start, length)).isTrue();
    assertThatThrownBy(() -> new PieceChecks(memory, start, length, id, "beyond")
            .prove(start + length + PieceChecks.PIECE_LENGTH, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(
            () -> new PieceChecks(memory, start, length, ContainerId.random(), "another's")
                .prove(start, 1))
        .isInstanceOf(DamagedPartException.class)
        .hasMessageContaining("CRC32C of the piece checksums is");

    int damagedAt = length / 2;
    memory.put(start + damagedAt, (byte) ~memory.get(start + damagedAt));
    PieceChecks damaged = new PieceChecks(memory, start, length, id, "damaged");
    int piece = damagedAt / PieceChecks.PIECE_LENGTH;
    for (int at = 0; at < length; at += PieceChecks.PIECE_LENGTH) {
      int from = start + at;
      if (at / PieceChecks.PIECE_LENGTH == piece) {
        for (int again = 0; again < 2; again++) {
          assertThatThrownBy(() -> damaged.prove(from, 1))
              .isInstanceOf(DamagedPartException.class)
              .hasMessageContaining("CRC32C of piece " + piece + " of the index block is")
              .hasMessageContaining("damaged at offset " + piece * PieceChecks.PIECE_LENGTH);
        }
      } else {
        assertThat(damaged.prove(from, 1)).isFalse();
      }
    }
  }

  @Test
  void mappingStaysUntilTheLastBlockIsClosedAndTheLastCallHasReturned() throws Exception {
    Sample sample = sample(9, 3_000);
    Path file = pack(IndexPackWriter.Form.INFLATED, sample);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (int round = 0; round < 20; round++) {
        MappedIndexPack pack = MappedIndexPack.open(file);
        IndexBlock packed = block(pack, sample);
        pack.close();
        pack.close();
        CountDownLatch running = new CountDownLatch(3);
        List<Future<String>> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          all.add(threads.submit(() -> {
            running.countDown();
            for (int j = 0; ; j = (j + 1) % 3_000) {
              try {
                assertThat(packed.find(sample.path(j).getBytes(UTF_8))).isEqualTo(j);
              } catch (IllegalStateException e) {
                return e.getMessage();
              }
            }
          }));
        }
        running.await();
        packed.close();
        for (Future<String> each : all) {
          assertThat(each.get()).isEqualTo("index block is closed");
        }
        assertThatThrownBy(() -> block(pack, sample))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("index pack is closed");
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void damagedBlockIsNotPacked() throws IOException {
    Sample sample = sample(10, 2_000);
    ByteBuffer tail = sample.tail();
    tail.put(50, (byte) ~tail.get(50));
    MemoryFile.Sink sink = new MemoryFile.Sink();
    IndexPackWriter writer = new IndexPackWriter(sink, IndexPackWriter.Form.INFLATED);
    assertThatThrownBy(
            () -> writer.add(sample.id, sample.file.length, sample.indexOffset, tail, "there"))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("CRC32C of section")
        .hasMessageContaining("there");
    assertThat(sink.position()).isZero();
    writer.finish();
    assertThat(IndexPack.open(MemoryFile.source(sink.bytes())).size()).isZero();
    Path empty = Files.write(folder.resolve("empty.pack"), sink.bytes());
    MappedIndexPack.open(empty).close();
  }
}
