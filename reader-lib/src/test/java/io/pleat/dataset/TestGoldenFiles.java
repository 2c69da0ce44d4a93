package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.ContainerId;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Files of format version 0: read, and written byte for byte, as long as version 0 is. They are the examples of
 * docs/format-dataset.md. To make them anew: {@code main} with their directory.
 */
class TestGoldenFiles {
  private static final ContainerId ID = ContainerId.parse("00112233445566778899aabbccddeeff");

  private static final List<ContainerSummary> CONTAINERS = List.of(new ContainerSummary(
      ID,
      4096,
      0x01020304,
      3072,
      3,
      1,
      1,
      2500,
      2400,
      9_000_000,
      new KeyRange(LogicalPath.ROOT.directoryKey(), LogicalPath.of("a/b.txt").fileKey()),
      1,
      new FileReference(LogicalPath.of("catalog/files/c.parquet"), 1234, 0x05060708),
      new FilterSection(3100, 40, 0x090a0b0c)));

  private static final DeletionVector DEAD = DeletionVector.of(0, 2);

  private static final ReclaimedRows RECLAIMED = ReclaimedRows.of(1);

  private static final List<ContainerSummary> TOMBSTONES = List.of(new ContainerSummary(
      ID,
      1024,
      0x01020304,
      512,
      2,
      2,
      0,
      0,
      0,
      30,
      new KeyRange(LogicalPath.of("a").fileKey(), LogicalPath.of("a/b.txt").fileKey()),
      2,
      FileReference.NONE,
      FilterSection.NONE));

  private static final LeaseFile LEASE = new LeaseFile(
      7,
      UUID.fromString("6f9619ff-8b86-4d01-b42d-00c04fc964ff"),
      3,
      "loader@host \"1\"",
      Duration.ofMinutes(10));

  private static final List<String> CONDEMNED = List.of(
      "_pleat/manifests/a.manifest",
      "_pleat/manifests/b.manifest",
      "containers/00112233445566778899aabbccddeeff.pleat");

  @Test
  void filesOfTheDraftAreStillRead() throws IOException {
    assertThat(SnapshotCodec.decode(stored("v0/snapshot.json"))).isEqualTo(Samples.snapshot());
    assertThat(ManifestCodec.decode(stored("v0/one-container.manifest"))).isEqualTo(CONTAINERS);
    assertThat(DeletionVectorCodec.decode(stored("v0/two-rows.dv"), ID)).isEqualTo(DEAD);
  }

  @Test
  void filesAreReadAndWrittenByteForByte() throws IOException {
    for (Map.Entry<String, byte[]> file : filesOfVersionOne().entrySet()) {
      assertThat(file.getValue())
          .as(file.getKey())
          .isEqualTo(stored("v1/" + file.getKey()).bytes());
    }
    assertThat(SnapshotCodec.decode(stored("v1/snapshot.json"))).isEqualTo(Samples.wholeLife());
    assertThat(SnapshotCodec.decodeFile(stored("v1/stub.json")))
        .isEqualTo(SnapshotStub.of(Samples.wholeLife()));
    assertThat(ManifestCodec.decode(stored("v1/one-container.manifest"))).isEqualTo(CONTAINERS);
    assertThat(ManifestCodec.decode(stored("v1/tombstones.manifest"))).isEqualTo(TOMBSTONES);
    assertThat(DeletionVectorCodec.decode(stored("v1/two-rows.dv"), ID)).isEqualTo(DEAD);
    assertThat(DeletionVectorCodec.decodeReclaimed(stored("v1/reclaimed.dv"), ID))
        .isEqualTo(RECLAIMED);
    assertThat(LeaseFile.decode(stored("v1/lease.json"))).isEqualTo(LEASE);
    assertThat(TestCondemnedList.read(stored("v1/condemned.list").bytes(), CONDEMNED.size()))
        .isEqualTo(CONDEMNED);
  }

  private static Map<String, byte[]> filesOfVersionOne() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("snapshot.json", SnapshotCodec.encode(Samples.wholeLife()));
    files.put("stub.json", SnapshotCodec.encode(SnapshotStub.of(Samples.wholeLife())));
    files.put("one-container.manifest", ManifestCodec.encode(CONTAINERS));
    files.put("tombstones.manifest", ManifestCodec.encode(TOMBSTONES));
    files.put("two-rows.dv", DeletionVectorCodec.encode(ID, DEAD));
    files.put("reclaimed.dv", DeletionVectorCodec.encode(ID, RECLAIMED));
    files.put("lease.json", LEASE.encode());
    files.put("condemned.list", TestCondemnedList.write(CONDEMNED));
    return files;
  }

  private static StoredBytes stored(String name) throws IOException {
    try (InputStream in = TestGoldenFiles.class.getResourceAsStream("/vectors/" + name)) {
      return new StoredBytes("golden", in.readAllBytes());
    }
  }

  /** Writes the golden files into the directory {@code args[0]}. */
  public static void main(String[] args) throws IOException {
    for (Map.Entry<String, byte[]> file : filesOfVersionOne().entrySet()) {
      Files.write(Path.of(args[0]).resolve(file.getKey()), file.getValue());
    }
  }
}
