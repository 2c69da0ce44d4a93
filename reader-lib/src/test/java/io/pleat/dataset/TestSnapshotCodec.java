package io.pleat.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestSnapshotCodec {
  @Test
  void snapshotRoundTrips() throws IOException {
    Snapshot snapshot = Samples.snapshot();

    assertThat(decode(SnapshotCodec.encode(snapshot))).isEqualTo(snapshot);
  }

  @Test
  void snapshotWithAWholeLifeRoundTrips() throws IOException {
    Snapshot snapshot = Samples.wholeLife();

    assertThat(decode(SnapshotCodec.encode(snapshot))).isEqualTo(snapshot);
    assertThat(snapshot.reclaimedFiles()).isEqualTo(35);
    assertThat(snapshot.retention().condemnedBy(3)).contains(6L);
    assertThat(snapshot.retention().kept(7).toString()).isEqualTo("5 to 7");
  }

  @Test
  void stubRoundTripsAndIsNoSnapshot() throws IOException {
    SnapshotStub stub = SnapshotStub.of(Samples.snapshot());
    byte[] bytes = SnapshotCodec.encode(stub);

    assertThat(SnapshotCodec.decodeFile(new StoredBytes("the-file", bytes))).isEqualTo(stub);
    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOf(CorruptDataException.class)
        .hasMessage("snapshot has expired: the-file at offset 0");
    Damage.assertNoneIsRead(bytes, SnapshotCodec::decodeFile);
  }

  @Test
  void snapshotWithoutDeadRowsRoundTrips() throws IOException {
    Snapshot full = Samples.snapshot();
    Snapshot snapshot = new Snapshot(
        full.version(),
        full.commitId(),
        full.runId(),
        full.sourceRoot(),
        full.committedAt(),
        full.operation(),
        full.manifests(),
        java.util.List.of(),
        new Snapshot.CatalogReferences(full.catalog().containers(), Optional.empty()),
        full.statistics());

    assertThat(decode(SnapshotCodec.encode(snapshot))).isEqualTo(snapshot);
  }

  @Test
  void bytesAreStableAndEndInTheirChecksum() throws IOException {
    byte[] bytes = SnapshotCodec.encode(Samples.snapshot());
    String text = new String(bytes, UTF_8);

    assertThat(SnapshotCodec.encode(Samples.snapshot())).isEqualTo(bytes);
    assertThat(text)
        .startsWith("{\n  \"format\" : \"pleat-snapshot\",\n  \"formatVersion\" : 1,\n");
    int sealAt = bytes.length - 28;
    String crc = HexFormat.of().toHexDigits(StoredBytes.crc32c(bytes, 0, sealAt));
    assertThat(new String(bytes, sealAt, 28, UTF_8))
        .isEqualTo(",\n  \"crc32c\" : \"" + crc + "\"\n}\n");
  }

  @Test
  void anyDamageIsNoticed() throws IOException {
    Damage.assertNoneIsRead(SnapshotCodec.encode(Samples.wholeLife()), SnapshotCodec::decode);
  }

  @Test
  void unknownMembersAndOptionalFeaturesAreIgnored() throws IOException {
    byte[] newer =
        edited(text -> text.replace("\"optionalFeatures\" : 0", "\"optionalFeatures\" : 5")
            .replace("\"files\" : 1,", "\"later\" : \"x\", \"files\" : 1,")
            .replace("\"operation\"", "\"later\" : { \"x\" : [ 1, { } ] },\n  \"operation\""));

    assertThat(decode(newer)).isEqualTo(Samples.wholeLife());
  }

  @Test
  void laterVersionsAndRequiredFeaturesAreRefused() {
    assertThatThrownBy(() ->
            decode(edited(text -> text.replace("\"formatVersion\" : 1", "\"formatVersion\" : 3")
                .replace("\"manifests\" : [", "\"manifests\" : [ 1,"))))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage("snapshot has format version 3, this reader knows up to 1: the-file");
    assertThatThrownBy(() -> decode(
            edited(text -> text.replace("\"requiredFeatures\" : 0", "\"requiredFeatures\" : 4"))))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessage("snapshot requires the features 0x4, which this reader lacks: the-file");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          "version" : 7               | "version" : 0               | outside 1..
          "version" : 7               | "version" : 7.5             | expected VALUE_NUMBER_INT
          "version" : 7               | "version" : 99999999999999999999999 | outside 1..
          "version" : 7               | "version" : 7, "version" : 7 | Duplicate field 'version'
          "version" : 7               | "vorsion" : 7               | member 'version' is missing
          "commitId" : "6f9619ff      | "commitId" : "6f9619fg      | is no UUID
          "committedAt" : "2026-11-21 | "committedAt" : "2026-11-41 | is no instant
          "operation" : "fold"        | "operation" : [ "fold" ]    | found START_ARRAY, expected VALUE_STRING
          _pleat/manifests/a          | _pleat/manifests/../a       | is no path below _pleat/manifests
          _pleat/manifests/a          | /etc/passwd                 | is no path below _pleat/manifests
          _pleat/deletes/1            | containers/1                | is no path below _pleat/deletes
          catalog/dead/d              | dead/d                      | is no path below catalog
          "9f21aa01"                  | "9f21aa0"                   | is no CRC32C
          "9f21aa01"                  | "9f21aa0g"                  | is no CRC32C
          "length" : 1001             | "length" : -1               | outside 0..
          "length" : 1001,            | "x" : 1,                    | of a reference is missing
          "containers" : 3            | "x" : 3                     | member 'containers' is missing
          "cardinality" : 9           | "cardinality" : 0           | outside 1..
          "cardinality" : 9           | "x" : 0                     | is missing
          cdef0000000000000001        | cdef0000000000000002        | two deletion vectors of container
          "foldedFiles" : 2           | "foldedFilez" : 2           | member 'statistics.foldedFiles' is missing
          "reclaimed" : [             | "reclaimez" : [             | member 'reclaimed' is missing
          _pleat/reclaimed/1          | _pleat/deletes/9            | is no path below _pleat/reclaimed
          "cardinality" : 17          | "cardinality" : 0           | outside 1..
          "first" : 1,                | "first" : 3,                | impossible versions: 3 to 2
          "first" : 4,                | "first" : 3,                | version 3 follows version 2
          "last" : 4                  | "last" : 7                  | says that it is expired or condemned
          "version" : 6               | "version" : 8               | says that it is expired or condemned
          "paths" : 12                | "x" : 12                    | member 'paths' is missing
          _pleat/condemned/c          | _pleat/snapshots/c          | is no path below _pleat/condemned
          "snapshots" : [             | "x" : [                     | of a condemnation is missing
          "format" : "pleat-snapshot" | "format" : "pleat-snapshoy" | format is 'pleat-snapshoy'
          """)
  void senselessContentIsRefusedThoughItsChecksumIsRight(
      String sound, String senseless, String message) throws IOException {
    String text = new String(SnapshotCodec.encode(Samples.wholeLife()), UTF_8);
    assertThat(text).contains(sound);

    assertThatThrownBy(() -> decode(edited(sane -> sane.replace(sound, senseless))))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(": the-file at offset ");
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);

    assertThatThrownBy(() -> decode(
            edited(text -> text.replace("\"operation\"", "\"x\" : " + deep + ", \"operation\""))))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("nesting depth");
  }

  /** The sample's bytes, changed and sealed anew. */
  private static byte[] edited(UnaryOperator<String> edit) throws IOException {
    byte[] sound = SnapshotCodec.encode(Samples.wholeLife());
    String body = new String(sound, 0, sound.length - SealedJson.SEAL_LENGTH, UTF_8);
    byte[] changed = edit.apply(body).getBytes(UTF_8);
    String crc = HexFormat.of().toHexDigits(StoredBytes.crc32c(changed, 0, changed.length));
    return (edit.apply(body) + ",\n  \"crc32c\" : \"" + crc + "\"\n}\n").getBytes(UTF_8);
  }

  private static Snapshot decode(byte[] bytes) throws IOException {
    return SnapshotCodec.decode(new StoredBytes("the-file", bytes));
  }
}
