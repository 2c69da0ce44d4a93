package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestManifestCodec {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 1000})
  void manifestRoundTrips(int count) throws IOException {
    List<ContainerSummary> containers = IntStream.range(0, count)
        .mapToObj(number -> Samples.container(number).withSequence(number + 1))
        .toList();

    assertThat(decode(ManifestCodec.encode(containers))).isEqualTo(containers);
  }

  @Test
  void summaryTravelsAsBytes() throws IOException {
    ContainerSummary summary = Samples.container(3);

    assertThat(ContainerSummary.fromBytes(summary.toBytes())).isEqualTo(summary);
  }

  @Test
  void anyDamageIsNoticed() {
    Damage.assertNoneIsRead(
        ManifestCodec.encode(List.of(Samples.container(1), Samples.container(2))),
        ManifestCodec::decode);
  }

  @Test
  void layoutIsAsDocumented() {
    byte[] bytes = ManifestCodec.encode(List.of(Samples.container(1)));
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);

    assertThat(new String(bytes, 0, 8, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("PLEATMFT");
    assertThat(file.getInt(20)).isEqualTo(1);
    assertThat(bytes[24]).isEqualTo((byte) 0x01);
    assertThat(bytes[25]).isEqualTo((byte) 0x23);
    assertThat(file.getLong(24 + 16)).isEqualTo(1_000_001);
    assertThat(file.getInt(24 + 72)).isEqualTo(0xc0ffee01);
    assertThat(file.getInt(24 + 100))
        .isEqualTo("catalog/files/".length() + 36 + ".parquet".length());
    assertThat(ManifestCodec.VARIABLE_AT).isEqualTo(120);
    assertThat(file.getLong(24 + 104)).isEqualTo(950_000);
    assertThat(file.getInt(24 + 112)).isEqualTo(1001);
    assertThat(file.getInt(24 + 116)).isEqualTo(0xf117e401);
  }

  @Test
  void checksumOfTheWholeFileTellsManifestsOfOneLengthApart() {
    byte[] one = ManifestCodec.encode(List.of(Samples.container(1)));
    byte[] two = ManifestCodec.encode(List.of(Samples.container(2)));

    assertThat(one).hasSameSizeAs(two);
    assertThat(StoredBytes.crc32c(one, 0, one.length))
        .isNotEqualTo(StoredBytes.crc32c(two, 0, two.length));
  }

  @Test
  void unknownRequiredFeatureIsRefusedAndOptionalOneIsNot() throws IOException {
    assertThatThrownBy(() -> decode(edited(file -> file.putInt(12, 1))))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage("manifest requires the features 0x00000001, which this reader lacks: the-file");
    assertThatThrownBy(() -> decode(edited(file -> file.putInt(8, -1))))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage("manifest has format version 4294967295, this reader knows up to 1: the-file");
    assertThat(decode(edited(file -> file.putInt(16, 1)))).hasSize(1);
  }

  @Test
  void countThatCannotFitAllocatesNothing() {
    for (int count : new int[] {2, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      assertThatThrownBy(() -> decode(edited(file -> file.putInt(ManifestCodec.COUNT_AT, count))))
          .isInstanceOf(CorruptDataException.class)
          .hasMessageContaining("entries in")
          .hasMessageEndingWith("the-file at offset 20");
    }
  }

  @Test
  void impossibleValuesAreRefused() {
    int entry = ManifestCodec.ENTRIES_AT;
    assertRefused(
        file -> file.putInt(entry + ManifestCodec.FIRST_KEY_LENGTH_AT, -1), "length is 4294967295");
    assertRefused(
        file -> file.putInt(entry + ManifestCodec.LAST_KEY_LENGTH_AT, 1 << 20),
        "length is 1048576");
    assertRefused(
        file -> file.putInt(entry + ManifestCodec.CATALOG_PATH_LENGTH_AT, 1),
        "catalogue file lies at 'c'");
    assertRefused(
        file -> file.putLong(entry + ManifestCodec.INDEX_OFFSET_AT, -1), "index offset -1");
    assertRefused(file -> file.putLong(entry + ManifestCodec.LENGTH_AT, 5), "outside length 5");
    assertRefused(
        file -> file.putInt(entry + ManifestCodec.ENTRY_COUNT_AT, -3), "impossible counts");
    assertRefused(
        file -> file.putLong(entry + ManifestCodec.PAYLOAD_BYTES_AT, -3), "negative size");
    assertRefused(
        file -> file.putLong(entry + ManifestCodec.CATALOG_LENGTH_AT, -3), "negative length");
    assertRefused(
        file -> file.putLong(entry + ManifestCodec.FILTER_OFFSET_AT, 999_001),
        "filter at 999001+1001 outside the index block");
    assertRefused(
        file -> file.putInt(entry + ManifestCodec.FILTER_LENGTH_AT, 3), "impossible filter");
    assertRefused(file -> file.put(entry + ManifestCodec.VARIABLE_AT, (byte) 0), "not a sort key");
    assertRefused(
        file -> file.put(entry + ManifestCodec.VARIABLE_AT, (byte) 'e'),
        "key range ends before it starts");
  }

  @Test
  void randomBytesUnderARightChecksumNeverEscapeTheTypedErrors() {
    long seed = 20261121;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = edited(file -> {
        for (int i = random.nextInt(8); i >= 0; i--) {
          file.put(20 + random.nextInt(file.capacity() - 24), (byte) random.nextInt());
        }
      });
      try {
        decode(bytes);
      } catch (CorruptDataException e) {
        assertThat(e.offset()).as("seed %s round %s", seed, round).isBetween(20L, (long)
            bytes.length);
      } catch (IOException e) {
        throw new AssertionError("seed " + seed + " round " + round, e);
      }
    }
  }

  private static void assertRefused(Consumer<ByteBuffer> edit, String message) {
    assertThatThrownBy(() -> decode(edited(edit)))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("the-file at offset ");
  }

  /** A manifest of one container, changed and sealed anew. */
  private static byte[] edited(Consumer<ByteBuffer> edit) {
    byte[] bytes = ManifestCodec.encode(List.of(Samples.container(1)));
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    edit.accept(file);
    return MetadataFrame.seal(bytes);
  }

  private static List<ContainerSummary> decode(byte[] bytes) throws IOException {
    return ManifestCodec.decode(new StoredBytes("the-file", bytes));
  }
}
