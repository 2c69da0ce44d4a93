package io.pleat.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestDamagedContainers {
  /** Golden files up to this length, in bytes, have each bit flipped. */
  private static final int SMALL = 10_000;

  static List<String> all() {
    return Vectors.ALL;
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyFlippedBitIsNoticed(String name) throws IOException {
    byte[] golden = Vectors.read(name);
    ContainerId id = Vectors.id(name);
    int records =
        Byte.SIZE * (int) FooterLayout.read(MemoryFile.source(golden), id).indexOffset();
    // Of many records of one kind fewer bits; an odd step meets each bit of a byte, in turn.
    int step = golden.length / 1000 | 1;
    for (int bit = 0; bit < Byte.SIZE * golden.length; bit++) {
      if (golden.length > SMALL && bit < records && bit % step != 0) {
        continue;
      }
      byte[] damaged = golden.clone();
      damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
      assertRefused("bit " + bit, damaged, id);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyTruncationIsNoticed(String name) throws IOException {
    byte[] golden = Vectors.read(name);
    int step = golden.length > SMALL ? golden.length / 1000 : 1;
    for (int length = 0; length < golden.length; length += step) {
      assertRefused("length " + length, Arrays.copyOf(golden, length), Vectors.id(name));
    }
    assertRefused("appended", Arrays.copyOf(golden, golden.length + 1), Vectors.id(name));
  }

  private static void assertRefused(String what, byte[] file, ContainerId id) {
    try {
      readEverything(file, id);
    } catch (CorruptDataException | UnsupportedFormatException expected) {
      return;
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
    throw new AssertionError(what + " went unnoticed");
  }

  private static void readEverything(byte[] file, ContainerId id) throws IOException {
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      reader.verify(damage -> {
        throw new Found(damage);
      });
    } catch (Found e) {
      throw e.damage;
    }
  }

  /** Ends a verification at its first finding. */
  private static final class Found extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final CorruptDataException damage;

    Found(CorruptDataException damage) {
      super(null, null, false, false);
      this.damage = damage;
    }
  }

  @Test
  void foreignContainerIsRefused() throws IOException {
    byte[] file = Vectors.read("three-files");
    assertThatThrownBy(() -> ContainerReader.open(MemoryFile.source(file), Vectors.id("empty")))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageStartingWith("container id in footer is " + Vectors.id("three-files"))
        .hasMessageContaining("expected " + Vectors.id("empty"));
  }

  @Test
  void unknownOptionalFeatureIsIgnored() throws IOException {
    byte[] file = Vectors.read("three-files");
    int footerAt = file.length - FooterLayout.LENGTH;
    file[footerAt + FooterLayout.OPTIONAL_AT + 3] |= (byte) 0x80;
    Resigned.footer(file);
    readEverything(file, Vectors.id("three-files"));
  }

  @Test
  void unknownRequiredFeatureIsRefused() throws IOException {
    byte[] file = Vectors.read("three-files");
    int footerAt = file.length - FooterLayout.LENGTH;
    file[footerAt + FooterLayout.REQUIRED_AT] |= 4;
    Resigned.footer(file);
    assertThatThrownBy(() -> readEverything(file, Vectors.id("three-files")))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage(
            "container needs required features 0x00000004, supported are 0x00000000: memory.pleat");
  }

  @Test
  void unknownRequiredFeatureOfTheRecordsIsRefusedByWhoeverReadsThem() throws IOException {
    byte[] file = Vectors.read("three-files");
    file[HeaderLayout.REQUIRED_AT] |= 4;
    Resigned.header(file);
    ContainerId id = Vectors.id("three-files");
    String message =
        "container needs required features 0x00000004, supported are 0x00000000: memory.pleat";
    assertThatThrownBy(() -> readEverything(file, id))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> RecordScanner.open(MemoryFile.source(file), id))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage(message);
    IndexBlock.open(MemoryFile.source(file), id).close();
  }

  @Test
  void laterVersionIsRefused() throws IOException {
    byte[] file = Vectors.read("three-files");
    file[file.length - FooterLayout.LENGTH + FooterLayout.VERSION_AT] = 2;
    Resigned.footer(file);
    assertThatThrownBy(() -> readEverything(file, Vectors.id("three-files")))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage("container format version is 2, supported is 1: memory.pleat");
  }

  @Test
  void unknownOptionalSectionIsIgnoredAndLookupsStayExact() throws IOException {
    byte[] file = Vectors.read("pages");
    Resigned.changeKind(file, Vectors.id("pages"), SectionTable.LOCATOR, 0x8123);
    readEverything(file, Vectors.id("pages"));
  }

  @Test
  void unknownRequiredSectionIsRefused() throws IOException {
    byte[] file = Vectors.read("pages");
    Resigned.changeKind(file, Vectors.id("pages"), SectionTable.LOCATOR, 0x0123);
    assertThatThrownBy(() -> readEverything(file, Vectors.id("pages")))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("section of kind 0x0123");
  }

  @Test
  void moreDirectoriesThanTheirSectionCanHoldAreRefusedAtOnce() throws IOException {
    byte[] file = Vectors.read("three-files");
    ContainerId id = Vectors.id("three-files");
    int footerAt = file.length - FooterLayout.LENGTH;
    int tableAt = footerAt - buffer(file).getInt(footerAt + FooterLayout.TABLE_LENGTH_AT);
    buffer(file).putInt(tableAt + SectionTable.DIRECTORIES_AT, ContainerWriter.MAX_DIRECTORIES);
    Resigned.all(file, id);
    assertThatThrownBy(() -> IndexBlock.open(MemoryFile.source(file), id))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageStartingWith("impossible or repeated section");
  }

  @Test
  void rootIsNoFile() throws IOException {
    byte[] file = Vectors.read("one-entry");
    ContainerId id = Vectors.id("one-entry");
    try (IndexBlock index = IndexBlock.open(MemoryFile.source(file), id)) {
      SectionTable.Row pages = index.table().find(SectionTable.ENTRIES);
      int lengthAt = (int) (index.indexOffset() + pages.offset()) + EntryPages.ROWS_START + 1;
      assertThat(file[lengthAt]).isEqualTo((byte) 1);
      file[lengthAt] = 0;
    }
    Resigned.all(file, id);
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      for (Action action : List.<Action>of(
          () -> reader.index().entry(0),
          () -> reader.index().path(0),
          () -> reader.verify(damage -> {
            throw new Found(damage);
          }))) {
        assertThatThrownBy(action::run)
            .extracting(e -> e instanceof Found found ? found.damage : e)
            .isInstanceOfSatisfying(
                CorruptDataException.class,
                e -> assertThat(e).hasMessageContaining("the root among the files"));
      }
    }
  }

  /** Bytes that someone with bad intent signed: checksums fit, contents do not. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void signedNonsenseGivesTypedErrorsOnly(long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      String name = Vectors.ALL.get(random.nextInt(Vectors.ALL.size()));
      byte[] file = Vectors.read(name);
      int footerAt = file.length - FooterLayout.LENGTH;
      int indexAt = (int) buffer(file).getLong(footerAt + FooterLayout.INDEX_OFFSET_AT);
      for (int change = random.nextInt(4); change >= 0; change--) {
        int at = indexAt + random.nextInt(file.length - FooterLayout.CRC_AT - indexAt);
        file[at] =
            (byte) (random.nextBoolean() ? random.nextInt() : file[at] ^ 1 << random.nextInt(8));
      }
      Resigned.all(file, Vectors.id(name));
      try {
        useEverything(file, Vectors.id(name));
      } catch (CorruptDataException | UnsupportedFormatException expected) {
        continue;
      } catch (IOException | RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", round " + i + ", " + name, e);
      }
    }
  }

  /** Every way to what a container holds; throws anything but a typed error. */
  static void useEverything(byte[] file, ContainerId id) throws IOException {
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      IndexBlock index = reader.index();
      List<IOException> errors = new ArrayList<>();
      for (String path :
          List.of("", "a", "hello.txt", "big/video.bin", "t/07", "d/d/d", "zzz", "d1/0070.jpg")) {
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        attempt(errors, () -> index.find(utf8));
        attempt(errors, () -> index.findDirectory(utf8));
        attempt(errors, () -> index.ceiling(SortKey.ofDirectory(utf8)));
      }
      for (int i = 0; i < Math.min(100, index.entryCount()); i++) {
        int ordinal = i;
        attempt(errors, () -> index.entry(ordinal));
        attempt(errors, () -> index.path(ordinal));
        attempt(errors, () -> {
          PayloadExtent payload = index.payload(ordinal);
          return payload.isFolded() ? reader.read(payload) : null;
        });
      }
      for (int i = 0; i < Math.min(100, index.directoryCount()); i++) {
        int number = i;
        attempt(errors, () -> index.directory(number));
      }
      attempt(errors, () -> reader.verify(errors::add));
      for (IOException e : errors) {
        if (!(e instanceof CorruptDataException
            || e instanceof UnsupportedFormatException
            || e instanceof MemoryLimitException)) {
          throw e;
        }
      }
    }
  }

  private interface Action {
    Object run() throws IOException;
  }

  private static void attempt(List<IOException> errors, Action action) {
    try {
      action.run();
    } catch (IOException e) {
      errors.add(e);
    }
  }

  @Test
  void verifyGoesOnAfterDamage() throws IOException {
    byte[] file = Vectors.read("deep-unicode");
    ContainerId id = Vectors.id("deep-unicode");
    List<CorruptDataException> findings = new ArrayList<>();
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      long first = reader.index().extent(0).offset();
      long deep = reader
          .index()
          .extent(reader.index().find(("d/".repeat(12) + "deep").getBytes(StandardCharsets.UTF_8)))
          .offset();
      file[(int) first - 10] ^= 1;
      file[(int) deep + 7] ^= 1;
      reader.verify(findings::add);
    }
    assertThat(findings)
        .extracting(Throwable::getMessage)
        .satisfiesExactly(
            message -> assertThat(message).startsWith("CRC32C of record header is not the stored"),
            message -> assertThat(message).startsWith("record of entry 0, ").contains("is missing"),
            message -> assertThat(message).startsWith("CRC32C of stored bytes of 'd/d/"));
  }

  @Test
  void everyFlippedBitOfAHeaderIsFoundWithoutThePayloads() throws IOException {
    byte[] file = Vectors.read("deep-unicode");
    ContainerId id = Vectors.id("deep-unicode");
    try (ContainerReader reader = ContainerReader.open(MemoryFile.source(file), id)) {
      BitSet payloads = new BitSet();
      for (int i = 0; i < reader.index().entryCount(); i++) {
        Extent extent = reader.index().extent(i);
        payloads.set((int) extent.offset(), (int) (extent.offset() + extent.length()));
      }
      assertThat(payloads.cardinality()).isPositive();
      for (int at = 0; at < reader.index().indexOffset(); at++) {
        List<CorruptDataException> findings = new ArrayList<>();
        int shortestSkip = at % 2 == 0 ? 0 : Integer.MAX_VALUE;
        file[at] ^= (byte) (1 << at % Byte.SIZE);
        reader.verifyHeaders(shortestSkip, findings::add);
        file[at] ^= (byte) (1 << at % Byte.SIZE);
        assertThat(findings.isEmpty()).as("byte %s: %s", at, findings).isEqualTo(payloads.get(at));
      }
    }
  }

  private static ByteBuffer buffer(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }
}
