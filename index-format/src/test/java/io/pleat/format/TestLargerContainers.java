package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Containers of thousands of entries, drawn from a seed and known by their SHA-256; of each 5,000 sampled bits are flipped. */
class TestLargerContainers {
  private static final int FLIPS_IN_RECORDS = 2500;
  private static final int FLIPS_IN_INDEX = 1250;
  private static final int FLIPS_AT_ONCE = 1000;

  private enum Shape {
    KERNEL("24e3781d4b2bed27d7da2232ba2a031d2d78e982fdf7b1fece5d0ff59a7c1975"),
    IMAGES("56daf87f8c3d7d6039fc827f54f2ff339a1b07f3432cbb8d9cdab0df40cf9729"),
    MIXED("618d5b66dad6f09d542de65010bfcf6de0462e991c10e6f6fb95ced65503114d"),
    LONG_PATHS("9feaf30209a3ecdd46bb7588b89901c78c557eaf3b39b560cedbccf91d7f418e");

    final String sha256;

    Shape(String sha256) {
      this.sha256 = sha256;
    }

    ContainerId id() {
      return Vectors.id(name());
    }
  }

  private static byte[] write(Shape shape, int minCompressedLength) throws IOException {
    MemoryFile.Sink sink = new MemoryFile.Sink();
    Random random = new Random(shape.ordinal());
    try (ContainerWriter writer = ContainerWriter.create(sink, shape.id(), minCompressedLength)) {
      switch (shape) {
        case KERNEL -> writeKernel(writer, random);
        case IMAGES -> writeImages(writer, random);
        case MIXED -> writeMixed(writer, random);
        case LONG_PATHS -> writeLongPaths(writer, random);
      }
      writer.finish();
    }
    return sink.bytes();
  }

  private static byte[] uncompressed(Shape shape) throws IOException {
    return write(shape, Integer.MAX_VALUE);
  }

  private static byte[] compressed(Shape shape) throws IOException {
    return write(shape, IndexBuilder.MIN_COMPRESSED_LENGTH);
  }

  /** Deep, uneven directories of words that recur. */
  private static void writeKernel(ContainerWriter writer, Random random) throws IOException {
    String[] words = new String[400];
    for (int i = 0; i < words.length; i++) {
      words[i] = Integer.toString(random.nextInt(1 << 20) + 36 * 36, 36);
    }
    List<String> directories = new ArrayList<>(List.of("drivers"));
    for (int i = 0; i < 1500; i++) {
      String parent = directories.get(random.nextInt(directories.size()));
      directories.add(parent + "/" + words[random.nextInt(words.length)]);
    }
    TreeSet<LogicalPath> paths = new TreeSet<>();
    while (paths.size() < 20_000) {
      String word = words[random.nextInt(words.length)] + "-" + words[random.nextInt(100)];
      paths.add(LogicalPath.of(directories.get(random.nextInt(directories.size()))
          + "/"
          + word
          + (random.nextInt(3) == 0 ? ".h" : ".c")));
    }
    for (LogicalPath path : paths) {
      Attributes attributes =
          new Attributes(1_700_000_000 + random.nextInt(9), 0, 0644, "root", "root", "");
      writer.addFile(path, attributes, bytes(random, random.nextInt(40)), false);
    }
  }

  /** Numbered names, as of ImageNet. */
  private static void writeImages(ContainerWriter writer, Random random) throws IOException {
    TreeSet<LogicalPath> paths = new TreeSet<>();
    for (int i = 0; i < 20_000; i++) {
      String directory = "n" + (1_440_764 + 17 * (i / 100));
      paths.add(LogicalPath.of("train/" + directory + "/" + directory + "_" + 7 * i + ".JPEG"));
    }
    for (LogicalPath path : paths) {
      Attributes attributes =
          new Attributes(random.nextInt(), random.nextInt(1_000_000_000), 0640, "ml", "ml", "");
      writer.addFile(path, attributes, bytes(random, random.nextInt(90)), false);
    }
  }

  /** Pass-through, racy, encoded with and without the dictionary; directories with attributes between them; etags. */
  private static void writeMixed(ContainerWriter writer, Random random) throws IOException {
    for (int i = 0; i < 5000; i++) {
      LogicalPath path = LogicalPath.of(String.format("d%02d/e%02d/%05x", i / 500, i / 50 % 10, i));
      Attributes attributes = new Attributes(
          random.nextLong(),
          random.nextInt(1_000_000_000),
          i % 9 == 0 ? Attributes.UNKNOWN_MODE : random.nextInt(010000),
          "o" + random.nextInt(i / 50 + 1),
          i % 3 == 0 ? "" : "g",
          random.nextInt(4) == 0 ? Long.toHexString(random.nextLong()) : "");
      if (i % 500 == 0) {
        writer.addDirectory(path.parent().parent(), attributes);
      }
      if (i % 200 == 0) {
        writer.addDirectory(path.parent(), attributes);
      }
      if (i == 1234) {
        byte[] dictionary = new byte[777];
        random.nextBytes(dictionary);
        writer.setDictionary(dictionary);
      }
      int kind = i / 100 % 4 == 0 ? 0 : random.nextInt(12);
      switch (kind) {
        case 1 -> writer.addPassThrough(path, attributes, random.nextLong(1L << 40));
        case 2, 3, 4 ->
          writer.addFile(
              path,
              attributes,
              oneByte(
                  random, i > 1234 && kind == 4 ? PayloadCodec.ZSTD_DICTIONARY : PayloadCodec.ZSTD),
              kind == 3);
        default -> writer.addFile(path, attributes, bytes(random, random.nextInt(200)), kind == 5);
      }
    }
  }

  private static void writeLongPaths(ContainerWriter writer, Random random) throws IOException {
    TreeSet<LogicalPath> paths = new TreeSet<>();
    paths.add(LogicalPath.of("m".repeat(LogicalPath.MAX_LENGTH)));
    String shared = "x/".repeat(300);
    while (paths.size() < 90) {
      int length = 1 << random.nextInt(16) | random.nextInt(1 << 10);
      StringBuilder path = new StringBuilder(random.nextBoolean() ? shared : "d" + paths.size());
      while (path.length() < length) {
        path.append((char) ('a' + random.nextInt(26)));
        if (random.nextInt(2000) == 0) {
          path.append('/');
        }
      }
      path.append('~');
      paths.add(LogicalPath.of(path.substring(Math.max(0, path.length() - LogicalPath.MAX_LENGTH))
          .replaceAll("^/", "-")));
    }
    for (LogicalPath path : paths) {
      writer.addFile(
          path, new Attributes(0, 0, 0, "", "", ""), bytes(random, random.nextInt(3000)), false);
    }
  }

  private static Payload bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Payload.raw(ByteBuffer.wrap(bytes));
  }

  /** A file of one byte many times, as a zstd frame that no compressor's version changes: a single block of type RLE. */
  private static Payload oneByte(Random random, int codec) {
    int length = 14 + random.nextInt(5000);
    byte value = (byte) random.nextInt();
    ByteBuffer frame = ByteBuffer.allocate(13).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(0xFD2FB528);
    frame.put((byte) 0xA0); // single segment, content size of four bytes
    frame.putInt(length);
    frame.put((byte) (length << 3 | 1 << 1 | 1)).putShort((short) (length >> 5));
    frame.put(value);
    byte[] original = new byte[length];
    Arrays.fill(original, value);
    return new Payload(
        frame.flip(),
        length,
        codec,
        Checksums.crc32c(frame.duplicate()),
        Checksums.crc32c(original, 0, length));
  }

  @ParameterizedTest
  @EnumSource
  void isWrittenByteForByte(Shape shape) throws IOException {
    assertThat(Vectors.sha256(ByteBuffer.wrap(uncompressed(shape)))).isEqualTo(shape.sha256);
  }

  @ParameterizedTest
  @EnumSource
  void readsWholeWithCompressedSectionsAndWithout(Shape shape) throws IOException {
    byte[] uncompressed = uncompressed(shape);
    byte[] compressed = compressed(shape);
    assertThat(compressed).hasSizeLessThan(uncompressed.length);
    try (ContainerReader one = open(uncompressed, shape);
        ContainerReader other = open(compressed, shape)) {
      List<Entry> entries = one.index().entries(0, one.index().entryCount());
      assertThat(other.index().entries(0, entries.size())).isEqualTo(entries);
      one.verify(TestLargerContainers::fail);
      other.verify(TestLargerContainers::fail);
    }
  }

  private static ContainerReader open(byte[] file, Shape shape) throws IOException {
    return ContainerReader.open(MemoryFile.source(file), shape.id());
  }

  private static void fail(CorruptDataException damage) {
    throw new AssertionError(damage);
  }

  @ParameterizedTest
  @EnumSource
  void flippedBitsOfHeaderIndexBlockAndFooterAreRefused(Shape shape) throws IOException {
    Random random = new Random(17 + shape.ordinal());
    for (byte[] file : List.of(uncompressed(shape), compressed(shape))) {
      ByteSource source = MemoryFile.source(file);
      int indexAt = (int) FooterLayout.read(source, shape.id()).indexOffset();
      for (int i = 0; i < FLIPS_IN_INDEX; i++) {
        int at = i % 100 == 0
            ? random.nextInt(HeaderLayout.LENGTH)
            : i % 10 == 0
                ? file.length - 1 - random.nextInt(FooterLayout.LENGTH)
                : indexAt + random.nextInt(file.length - indexAt);
        int bit = random.nextInt(Byte.SIZE);
        file[at] ^= (byte) (1 << bit);
        assertRefused(source, shape, "bit " + bit + " of byte " + at);
        file[at] ^= (byte) (1 << bit);
      }
      open(file, shape).close();
    }
  }

  private static void assertRefused(ByteSource source, Shape shape, String what) {
    try {
      ContainerReader.open(source, shape.id()).close();
    } catch (CorruptDataException | UnsupportedFormatException expected) {
      return;
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
    throw new AssertionError(what + " went unnoticed");
  }

  @ParameterizedTest
  @EnumSource
  void flippedBitsOfRecordsCostTheseRecordsAndNoOther(Shape shape) throws IOException {
    Random random = new Random(23 + shape.ordinal());
    byte[] file = uncompressed(shape);
    byte[] golden = file.clone();
    List<RecordLayout.Header> records = records(file, shape);
    int end = (int) records.get(records.size() - 1).end();
    try (ContainerReader reader = open(file, shape);
        ContainerReader sound = open(golden, shape)) {
      BitSet hit = new BitSet();
      for (int flips = 0; flips < FLIPS_IN_RECORDS; flips += hit.cardinality()) {
        hit.clear();
        for (int i = 0; i < FLIPS_AT_ONCE; i++) {
          int at = HeaderLayout.LENGTH + random.nextInt(end - HeaderLayout.LENGTH);
          int record = recordAt(records, at);
          if (!hit.get(record)) {
            hit.set(record);
            file[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
          }
        }
        if (flips == 0) {
          List<CorruptDataException> findings = new ArrayList<>();
          reader.verify(findings::add);
          assertThat(findings).hasSizeGreaterThanOrEqualTo(hit.cardinality());
        }
        check(reader, sound, file, shape, records, hit);
        System.arraycopy(golden, 0, file, 0, end);
      }
    }
  }

  private static void check(
      ContainerReader reader,
      ContainerReader sound,
      byte[] damaged,
      Shape shape,
      List<RecordLayout.Header> records,
      BitSet hit)
      throws IOException {
    Map<Long, RecordLayout.Header> expected = new HashMap<>();
    for (int i = 0; i < records.size(); i++) {
      RecordLayout.Header record = records.get(i);
      if (!hit.get(i)) {
        expected.put(record.offset(), record);
      } else if (record.kind() == RecordLayout.FILE) {
        PayloadExtent payload = reader.index().payload(record.ordinal());
        ByteBuffer read;
        try {
          read = reader.read(payload);
        } catch (CorruptDataException e) {
          continue;
        }
        assertThat(read).isEqualTo(sound.read(payload)); // the record's header was hit
      }
    }
    Map<Long, RecordLayout.Header> salvaged = new HashMap<>();
    for (RecordLayout.Header record : records(damaged, shape)) {
      salvaged.put(record.offset(), record);
    }
    assertThat(salvaged).isEqualTo(expected);
  }

  private static int recordAt(List<RecordLayout.Header> records, long offset) {
    int low = 0;
    int high = records.size() - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      if (records.get(middle).offset() <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** What a scan finds sound: header and stored bytes. */
  private static List<RecordLayout.Header> records(byte[] file, Shape shape) throws IOException {
    ByteSource source = MemoryFile.source(file);
    long end = FooterLayout.read(source, shape.id()).indexOffset();
    List<RecordLayout.Header> sound = new ArrayList<>();
    try (RecordReader reader =
        new RecordReader(source, shape.id(), end, new ForwardWindow(source, end))) {
      long position = HeaderLayout.LENGTH;
      while (position < end) {
        try {
          RecordLayout.Header header = reader.read(position);
          if (reader.storedCrc(header.payloadOffset(), header.storedLength())
              == header.storedCrc()) {
            sound.add(header);
          }
          position = header.end();
        } catch (CorruptDataException e) {
          position = reader.resync(position + 1);
        }
      }
    }
    return sound;
  }
}
