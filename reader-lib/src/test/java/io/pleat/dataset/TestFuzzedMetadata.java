package io.pleat.dataset;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Whatever the bytes of a dataset's small files are, whoever reads one gets what it says or a typed error. Kept inputs run here as tests; {@code .ci/fuzz} looks for new ones. The
 * first byte of an input says whether the rest is signed before it is read: past the checksum, that is.
 */
public class TestFuzzedMetadata {
  private static final int SIGNED = 1;
  private static final ContainerId ID = ContainerId.parse("00112233445566778899aabbccddeeff");
  private static final Path KEPT = Path.of("src/test/resources/fuzz");

  /** What the fuzzer calls for a snapshot. */
  public static final class OfSnapshot {
    private OfSnapshot() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      attempt(sealedJson(data), SnapshotCodec::decodeFile);
    }
  }

  /** What the fuzzer calls for a lease. */
  public static final class OfLease {
    private OfLease() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      attempt(sealedJson(data), LeaseFile::decode);
    }
  }

  /** What the fuzzer calls for a manifest. */
  public static final class OfManifest {
    private OfManifest() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      attempt(framed(data), ManifestCodec::decode);
    }
  }

  /** What the fuzzer calls for a deletion vector. */
  public static final class OfDeletionVector {
    private OfDeletionVector() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      attempt(
          framed(data), file -> DeletionVectorCodec.decode(file, ID).toBitmap().toArray());
    }
  }

  /** What the fuzzer calls for reclaimed rows. */
  public static final class OfReclaimedRows {
    private OfReclaimedRows() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      attempt(framed(data), file -> DeletionVectorCodec.decodeReclaimed(file, ID));
    }
  }

  /** What the fuzzer calls for a condemned list. */
  public static final class OfCondemnedList {
    private OfCondemnedList() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      attempt(framed(data), file -> TestCondemnedList.read(file.bytes(), 3));
    }
  }

  @TestFactory
  List<DynamicTest> keptInputs() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    tests.addAll(kept("snapshot", OfSnapshot::fuzzerTestOneInput));
    tests.addAll(kept("lease", OfLease::fuzzerTestOneInput));
    tests.addAll(kept("manifest", OfManifest::fuzzerTestOneInput));
    tests.addAll(kept("deletionVector", OfDeletionVector::fuzzerTestOneInput));
    tests.addAll(kept("reclaimedRows", OfReclaimedRows::fuzzerTestOneInput));
    tests.addAll(kept("condemnedList", OfCondemnedList::fuzzerTestOneInput));
    return tests;
  }

  private interface Target {
    void read(byte[] data) throws IOException;
  }

  private static List<DynamicTest> kept(String folder, Target target) throws IOException {
    try (Stream<Path> files = Files.list(KEPT.resolve(folder))) {
      return files
          .sorted()
          .map(file -> dynamicTest(
              folder + " " + file.getFileName(),
              () -> assertTimeoutPreemptively(
                  Duration.ofSeconds(60), () -> target.read(Files.readAllBytes(file)))))
          .toList();
    }
  }

  private interface Reader {
    Object read(StoredBytes file) throws IOException;
  }

  private static void attempt(byte[] file, Reader reader) throws IOException {
    try {
      reader.read(new StoredBytes("fuzzed", file));
    } catch (CorruptDataException | UnsupportedFormatException expected) {
      return;
    }
  }

  private static boolean isSigned(byte[] data) {
    return data.length > 0 && (data[0] & SIGNED) != 0;
  }

  private static byte[] rest(byte[] data) {
    return Arrays.copyOfRange(data, Math.min(1, data.length), data.length);
  }

  private static byte[] framed(byte[] data) {
    byte[] file = rest(data);
    return isSigned(data) && file.length >= MetadataFrame.CRC_LENGTH
        ? MetadataFrame.seal(file)
        : file;
  }

  private static byte[] sealedJson(byte[] data) {
    byte[] file = rest(data);
    if (!isSigned(data) || file.length < SealedJson.SEAL_LENGTH) {
      return file;
    }
    int sealAt = file.length - SealedJson.SEAL_LENGTH;
    String crc = HexFormat.of().toHexDigits(StoredBytes.crc32c(file, 0, sealAt));
    byte[] seal = (",\n  \"crc32c\" : \"" + crc + "\"\n}\n").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(seal, 0, file, sealAt, seal.length);
    return file;
  }
}
