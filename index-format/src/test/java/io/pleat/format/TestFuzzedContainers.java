package io.pleat.format;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.pleat.format.RecordScanner.Salvaged;
import io.pleat.format.RecordScanner.SalvagedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Whatever the bytes of a container are, whoever reads it gets a typed error, or opens it, and each part then reads or gives a typed error. Kept inputs run here as tests;
 * {@code .ci/fuzz} looks for new ones. The first byte of an input says whether the rest is signed before it is read: past the checksums, that is.
 */
public class TestFuzzedContainers {
  private static final int SIGNED = 1;
  private static final Path KEPT = Path.of("src/test/resources/fuzz");

  /** What the fuzzer calls, for the index block and all that it leads to. */
  public static final class OfIndex {
    private OfIndex() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      byte[] file = file(data);
      try {
        TestDamagedContainers.useEverything(file, id(file));
      } catch (CorruptDataException | UnsupportedFormatException | MemoryLimitException expected) {
        return;
      }
    }
  }

  /** What the fuzzer calls, for the records alone. */
  public static final class OfRecords {
    private OfRecords() {}

    /** Reads one input. */
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
      byte[] file = file(data);
      ByteSource source = MemoryFile.source(file);
      try (RecordScanner scanner = RecordScanner.open(source, id(file))) {
        for (Optional<Salvaged> next = scanner.next(); next.isPresent(); next = scanner.next()) {
          if (next.get() instanceof SalvagedFile salvaged
              && salvaged.entry().kind() == Entry.Kind.FOLDED) {
            read(source, salvaged.entry(), scanner.dictionary());
          }
        }
      } catch (CorruptDataException | UnsupportedFormatException | MemoryLimitException expected) {
        return;
      }
    }
  }

  @TestFactory
  List<DynamicTest> keptInputsOfTheIndex() throws IOException {
    return kept("container", OfIndex::fuzzerTestOneInput);
  }

  @TestFactory
  List<DynamicTest> keptInputsOfTheRecords() throws IOException {
    return kept("records", OfRecords::fuzzerTestOneInput);
  }

  private interface Target {
    void read(byte[] data) throws IOException;
  }

  private static List<DynamicTest> kept(String folder, Target target) throws IOException {
    try (Stream<Path> files = Files.list(KEPT.resolve(folder))) {
      return files
          .sorted()
          .map(file -> dynamicTest(
              file.getFileName().toString(),
              () -> assertTimeoutPreemptively(
                  Duration.ofSeconds(60), () -> target.read(Files.readAllBytes(file)))))
          .toList();
    }
  }

  private static void read(ByteSource source, Entry entry, Optional<byte[]> dictionary)
      throws IOException {
    ByteBuffer stored = Reads.buffer((int) entry.extent().length());
    Reads.readFully(source, entry.extent().offset(), stored);
    ContainerId id = entry.extent().container();
    try (PayloadReader payloads = dictionary.isPresent()
        ? PayloadReader.withDictionary(id, dictionary.get(), source.toString())
        : PayloadReader.withoutDictionary(id, source.toString())) {
      payloads.decode(entry.payload(), stored);
    } catch (CorruptDataException | UnsupportedFormatException | MemoryLimitException expected) {
      return; // the next record may be sound
    }
  }

  private static byte[] file(byte[] data) {
    byte[] file = Arrays.copyOfRange(data, Math.min(1, data.length), data.length);
    if (data.length > 0 && (data[0] & SIGNED) != 0 && file.length > HeaderLayout.LENGTH) {
      Resigned.header(file);
      Resigned.records(file);
      if (file.length >= HeaderLayout.LENGTH + FooterLayout.LENGTH) {
        Resigned.all(file, id(file));
      }
    }
    return file;
  }

  /** What the header says. */
  private static ContainerId id(byte[] file) {
    return ContainerId.read(
        ByteBuffer.wrap(Arrays.copyOf(file, HeaderLayout.LENGTH)), HeaderLayout.ID_AT);
  }
}
