package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.ContainerId;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

  @Test
  void snapshotIsReadAndWrittenByteForByte() throws IOException {
    byte[] golden = golden("snapshot.json");

    assertThat(SnapshotCodec.encode(Samples.snapshot())).isEqualTo(golden);
    assertThat(SnapshotCodec.decode(new StoredBytes("golden", golden)))
        .isEqualTo(Samples.snapshot());
  }

  @Test
  void manifestIsReadAndWrittenByteForByte() throws IOException {
    byte[] golden = golden("one-container.manifest");

    assertThat(ManifestCodec.encode(CONTAINERS)).isEqualTo(golden);
    assertThat(ManifestCodec.decode(new StoredBytes("golden", golden))).isEqualTo(CONTAINERS);
  }

  @Test
  void deletionVectorIsReadAndWrittenByteForByte() throws IOException {
    byte[] golden = golden("two-rows.dv");

    assertThat(DeletionVectorCodec.encode(ID, DEAD)).isEqualTo(golden);
    assertThat(DeletionVectorCodec.decode(new StoredBytes("golden", golden), ID))
        .isEqualTo(DEAD);
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in = TestGoldenFiles.class.getResourceAsStream("/vectors/v0/" + name)) {
      return in.readAllBytes();
    }
  }

  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    Files.write(directory.resolve("snapshot.json"), SnapshotCodec.encode(Samples.snapshot()));
    Files.write(directory.resolve("one-container.manifest"), ManifestCodec.encode(CONTAINERS));
    Files.write(directory.resolve("two-rows.dv"), DeletionVectorCodec.encode(ID, DEAD));
  }
}
