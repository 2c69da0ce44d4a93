package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DatasetLog;
import io.pleat.dataset.Snapshot;
import io.pleat.dataset.SnapshotChange;
import io.pleat.dataset.TextCatalog;
import io.pleat.format.LogicalPath;
import io.pleat.maintain.Finding.Kind;
import io.pleat.maintain.VerifyRequest.Level;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class TestVerifier {
  @TempDir
  private Path directory;

  private final List<Finding> findings = new CopyOnWriteArrayList<>();
  private FoldedTree tree;

  @BeforeEach
  void fold() throws IOException {
    tree = FoldedTree.awkward(directory);
  }

  private VerifyReport verify(Path dataset, Level level) throws IOException {
    findings.clear();
    VerifyRequest request = new VerifyRequest(dataset.toString(), level, Map.of(), 2);
    return Verifier.verify(request, new VerifyListener() {
      @Override
      public void found(Finding finding) {
        findings.add(finding);
      }
    });
  }

  private VerifyReport verify(Level level) throws IOException {
    return verify(tree.dataset(), level);
  }

  private Path only(String kind) throws IOException {
    try (Stream<Path> files = Files.list(tree.dataset().resolve(kind))) {
      return files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
    }
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at < 0 ? bytes.length + at : at] ^= 0x40;
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @EnumSource
  void aSoundDatasetIsSoundAtEveryLevel(Level level) throws IOException {
    VerifyReport report = verify(level);
    assertThat(findings).isEmpty();
    assertThat(report.isSound()).isTrue();
    assertThat(report.version()).isOne();
    assertThat(report.containers()).isEqualTo(2);
    assertThat(report.files()).isEqualTo(15);
  }

  @Test
  void aDamagedPayloadShowsAtLevelData() throws IOException {
    byte[] content = Files.readAllBytes(tree.source().resolve("a-b"));
    Path container = null;
    for (Path each : tree.containers()) {
      int at = TestUnfolder.indexOf(Files.readAllBytes(each), content);
      if (at >= 0) {
        flip(each, at);
        container = each;
      }
    }
    assertThat(verify(Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(Level.METADATA).isSound()).isTrue();
    assertThat(verify(Level.DATA).isSound()).isFalse();
    assertThat(findings).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(finding.what()).contains("CRC32C").contains("'a-b'").contains("at offset");
    });
    assertThat(findings.get(0).where()).endsWith(container.getFileName().toString());
  }

  @Test
  void aDamagedRecordHeaderShowsAtLevelMetadata() throws IOException {
    byte[] content = Files.readAllBytes(tree.source().resolve("a-b"));
    for (Path each : tree.containers()) {
      int at = TestUnfolder.indexOf(Files.readAllBytes(each), content);
      if (at >= 0) {
        flip(each, at - 1); // the end of the header's checksum
      }
    }
    assertThat(verify(Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(Level.METADATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .satisfiesExactly(
            what -> assertThat(what).startsWith("CRC32C of record header is not the stored"),
            what -> assertThat(what).startsWith("record of entry ").contains("'a-b'"));
  }

  @Test
  void everyDamagedContainerIsNamed() throws IOException {
    for (Path container : tree.containers()) {
      flip(container, -100);
    }
    VerifyReport report = verify(Level.STRUCTURE);
    assertThat(report.isSound()).isFalse();
    assertThat(findings).hasSize(2).allSatisfy(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(finding.where()).startsWith("containers/");
    });
    assertThat(verify(Level.SOURCE).isSound()).isFalse();
  }

  @Test
  void missingAndTruncatedContainersAreNamed() throws IOException {
    List<Path> containers = tree.containers();
    Files.delete(containers.get(0));
    byte[] bytes = Files.readAllBytes(containers.get(1));
    Files.write(containers.get(1), java.util.Arrays.copyOf(bytes, bytes.length - 7));
    assertThat(verify(Level.DATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .anyMatch(what -> what.equals("is missing"))
        .anyMatch(what -> what.contains("the manifest says " + bytes.length));
  }

  @Test
  void aForeignContainerIsRefused() throws IOException {
    List<Path> containers = tree.containers();
    Files.write(containers.get(0), Files.readAllBytes(containers.get(1)));
    assertThat(verify(Level.STRUCTURE).isSound()).isFalse();
    assertThat(findings)
        .allMatch(
            finding -> finding.where().endsWith(containers.get(0).getFileName().toString()));
  }

  @Test
  void aDamagedManifestOrSnapshotIsNamed() throws IOException {
    flip(only("_pleat/manifests"), 40);
    VerifyReport report = verify(Level.SOURCE);
    assertThat(report.isSound()).isFalse();
    assertThat(findings).anySatisfy(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(finding.where()).startsWith("_pleat/manifests/");
    });
    flip(only("_pleat/snapshots"), 40);
    assertThat(verify(Level.STRUCTURE).isSound()).isFalse();
    assertThat(findings)
        .singleElement()
        .satisfies(finding -> assertThat(finding.where()).startsWith("_pleat/snapshots"));
  }

  @Test
  void aDamagedOrMissingCatalogueShowsAtLevelMetadata() throws IOException {
    flip(only("catalog/files"), 2);
    Files.delete(only("catalog/containers"));
    assertThat(verify(Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(Level.METADATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .anyMatch(what -> what.startsWith("CRC32C of file is 0x"))
        .anyMatch(what -> what.equals("is missing"));
  }

  @Test
  void aPathThatIsLiveTwiceOrBelowAFileIsFound() throws IOException {
    Path one = directory.resolve("one");
    Path other = directory.resolve("other");
    try (Store store = Stores.open(one.toString(), Map.of());
        Store donor = Stores.open(other.toString(), Map.of())) {
      String source = tree.source().toString();
      DatasetBuilder builder = DatasetBuilder.on(store, source);
      builder.add(new Content().file("a/x", "one").file("b", "b").file("d/y", "y"));
      final Snapshot base = builder.commit();
      DatasetBuilder second = DatasetBuilder.on(donor, source);
      second.add(new Content().file("a/x", "two").file("b/below", "x"));
      List<ContainerSummary> foreign = DatasetLog.open(donor).containers(second.commit());
      for (ContainerSummary container : foreign) {
        for (LogicalPath file : List.of(container.path(), container.catalog().path())) {
          Files.copy(other.resolve(file.toString()), one.resolve(file.toString()));
        }
      }
      SnapshotChange change = new SnapshotChange(
          "fold", UUID.randomUUID(), source, foreign, Map.of(), base.statistics());
      DatasetLog.open(store).commit(Optional.of(base), change, new TextCatalog());
    }
    assertThat(verify(one, Level.STRUCTURE).isSound()).isTrue();
    assertThat(verify(one, Level.METADATA).isSound()).isFalse();
    assertThat(findings)
        .extracting(Finding::what)
        .anyMatch(what -> what.startsWith("says 6 live files, there are "))
        .filteredOn(what -> !what.startsWith("says "))
        .hasSize(2)
        .anyMatch(what -> what.contains("'a/x' is live in containers/"))
        .anyMatch(what -> what.contains("the live file 'b' in container"));
  }

  @Test
  void changesInTheSourceAreSaidButNoDamage() throws IOException {
    Path source = tree.source();
    Files.delete(source.resolve("a.b"));
    Files.writeString(source.resolve("new-file"), "new");
    Files.write(source.resolve("a-b"), new byte[12_345]);
    Files.setLastModifiedTime(source.resolve("_underscore"), FileTime.fromMillis(1));
    FoldedTree.setMode(source.resolve(".hidden/.file"), 0600);
    Files.setLastModifiedTime(source.resolve("a/large"), FileTime.fromMillis(1));
    VerifyReport report = verify(Level.SOURCE);
    assertThat(report.isSound()).isTrue();
    assertThat(findings)
        .extracting(finding -> finding.kind() + " " + finding.where())
        .containsExactlyInAnyOrder(
            "MISSING a.b",
            "NEW new-file",
            "CHANGED a-b",
            "CHANGED _underscore",
            "CHANGED a/large",
            "ATTRIBUTES .hidden/.file");
  }

  @Test
  void otherBytesUnderTheSameLengthAndTimeAreADifference() throws IOException {
    Path file = tree.source().resolve("a-b");
    FileTime time = Files.getLastModifiedTime(file);
    flip(file, 0);
    Files.setLastModifiedTime(file, time);
    VerifyReport report = verify(Level.SOURCE);
    assertThat(report.isSound()).isFalse();
    assertThat(findings).singleElement().satisfies(finding -> {
      assertThat(finding.kind()).isEqualTo(Kind.DIFFERS);
      assertThat(finding.where()).isEqualTo("a-b");
    });
  }

  @Test
  void withoutASourceThereIsNothingToCompareWith() throws IOException {
    Files.move(tree.source(), directory.resolve("moved"));
    assertThat(verify(Level.DATA).isSound()).isTrue();
    assertThatThrownBy(() -> verify(Level.SOURCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the source root is gone");
  }
}
