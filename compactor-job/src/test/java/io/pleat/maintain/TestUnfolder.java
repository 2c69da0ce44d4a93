package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.maintain.UnfoldRequest.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TestUnfolder {
  @TempDir
  private Path directory;

  private final Map<String, String> failed = new ConcurrentSkipListMap<>();
  private FoldedTree tree;
  private Path target;

  @BeforeEach
  void fold() throws IOException {
    tree = FoldedTree.awkward(directory);
    target = directory.resolve("target");
  }

  private UnfoldReport unfold(Existing existing, String... paths) throws IOException {
    failed.clear();
    UnfoldRequest request = new UnfoldRequest(
        tree.dataset().toString(),
        target.toString(),
        Stream.of(paths).map(LogicalPath::of).toList(),
        Map.of(),
        existing,
        3);
    return Unfolder.unfold(request, new UnfoldListener() {
      @Override
      public void failed(LogicalPath path, String reason) {
        failed.merge(path.toString(), reason, (one, other) -> one + "; " + other);
      }
    });
  }

  private void assertNothingIsLeftOver() throws IOException {
    try (Stream<Path> all = Files.walk(target)) {
      assertThat(all.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(Target.TEMPORARY_PREFIX));
    }
  }

  @Test
  void whatWasFoldedUnfoldsWithAllItsAttributes() throws IOException {
    UnfoldReport report = unfold(Existing.KEEP);
    assertThat(failed).isEmpty();
    assertThat(report.failures()).isZero();
    assertThat(report.incomplete()).isZero();
    assertThat(FoldedTree.describe(target)).isEqualTo(FoldedTree.describe(tree.source()));
    assertThat(report.files()).isEqualTo(15);
  }

  @Test
  void filesOfAContainerWhoseHeaderIsDamagedAreRestored() throws IOException {
    for (Path container : tree.containers()) {
      byte[] bytes = Files.readAllBytes(container);
      bytes[8] ^= 1;
      Files.write(container, bytes);
    }
    assertThat(unfold(Existing.KEEP).failures()).isZero();
    assertThat(failed).isEmpty();
    assertThat(FoldedTree.describe(target)).isEqualTo(FoldedTree.describe(tree.source()));
  }

  @Test
  void anEmptyTargetIsAsGoodAsNone() throws IOException {
    Files.createDirectory(target);
    FoldedTree.setMode(target, 0700);
    unfold(Existing.KEEP);
    assertThat(FoldedTree.describe(target)).isEqualTo(FoldedTree.describe(tree.source()));
  }

  @Test
  void whatStandsThereIsKeptAndReported() throws IOException {
    Files.createDirectories(target.resolve("a"));
    FoldedTree.setMode(target.resolve("a"), 0711);
    Files.writeString(target.resolve("plain"), "mine");
    Files.writeString(target.resolve("other"), "mine");
    UnfoldReport report = unfold(Existing.KEEP);
    assertThat(report.failures()).isOne();
    assertThat(failed).containsOnlyKeys("plain");
    assertThat(failed.get("plain")).contains("something stands there already");
    assertThat(target.resolve("plain")).hasContent("mine");
    assertThat(target.resolve("other")).hasContent("mine");
    assertThat((int) Files.getAttribute(target.resolve("a"), "unix:mode") & 07777)
        .isEqualTo(0711);
    assertThat(target.resolve("a-b")).hasSameBinaryContentAs(tree.source().resolve("a-b"));
    assertNothingIsLeftOver();
  }

  @Test
  void aSecondUnfoldReplacesWhenTold() throws IOException {
    unfold(Existing.KEEP);
    FoldedTree.setMode(target.resolve("plain"), 0600);
    Files.writeString(target.resolve("plain"), "changed");
    FoldedTree.setMode(target.resolve("empty"), 0700);
    assertThat(unfold(Existing.KEEP).failures()).isEqualTo(15);
    assertThat(unfold(Existing.REPLACE).failures()).isZero();
    assertThat(FoldedTree.describe(target)).isEqualTo(FoldedTree.describe(tree.source()));
  }

  @Test
  void aLinkInPlaceOfADirectoryIsNeverFollowed() throws IOException {
    Path outside = Files.createDirectories(directory.resolve("outside/b"));
    Files.createDirectory(target);
    Files.createSymbolicLink(target.resolve("a"), directory.resolve("outside"));
    for (Existing existing : Existing.values()) {
      UnfoldReport report = unfold(existing);
      assertThat(report.failures()).isPositive();
      assertThat(failed).containsKeys("a", "a/b/deep", "a/large");
      assertThat(failed.get("a/b/deep")).contains("symbolic link");
      assertThat(outside).isEmptyDirectory();
      assertThat(directory.resolve("outside")).isDirectoryContaining("glob:**/b");
      assertThat(target.resolve("a")).isSymbolicLink();
      assertThat(target.resolve("a-b")).exists();
    }
  }

  @Test
  void aLinkInPlaceOfAFileIsKeptOrReplacedButNeverWrittenThrough() throws IOException {
    Path victim = directory.resolve("victim");
    Files.writeString(victim, "untouched");
    Files.createDirectory(target);
    Files.createSymbolicLink(target.resolve("plain"), victim);
    Files.createSymbolicLink(target.resolve("a-b"), directory.resolve("nowhere"));
    unfold(Existing.KEEP);
    assertThat(failed).containsOnlyKeys("plain", "a-b");
    assertThat(directory.resolve("nowhere")).doesNotExist();
    assertThat(unfold(Existing.REPLACE).failures()).isZero();
    assertThat(victim).hasContent("untouched");
    assertThat(directory.resolve("nowhere")).doesNotExist();
    assertThat(FoldedTree.describe(target)).isEqualTo(FoldedTree.describe(tree.source()));
  }

  @Test
  void theTargetItselfMayBeALink() throws IOException {
    Path real = Files.createDirectory(directory.resolve("real"));
    Files.createSymbolicLink(target, real);
    assertThat(unfold(Existing.KEEP).failures()).isZero();
    assertThat(FoldedTree.describe(real)).isEqualTo(FoldedTree.describe(tree.source()));
  }

  @Test
  void aFileWhereADirectoryShouldBeAndTheReverseAreReported() throws IOException {
    Files.createDirectories(target.resolve("plain"));
    Files.writeString(target.resolve("a"), "a file");
    unfold(Existing.REPLACE);
    assertThat(failed).containsKeys("plain", "a", "a/b/deep");
    assertThat(failed.get("plain")).contains("a directory stands there");
    assertThat(target.resolve("a")).hasContent("a file");
    assertThat(target.resolve("a.b")).exists();
  }

  @Test
  void aSelectionRestoresSubtreesFilesAndWhatIsAboveThem() throws IOException {
    UnfoldReport report = unfold(Existing.KEEP, "a/b", "a/b/deep", "emoji-😀/naïve", "nothing");
    assertThat(failed).containsOnlyKeys("nothing");
    assertThat(failed.get("nothing")).contains("holds no such file");
    assertThat(report.files()).isEqualTo(2);
    Map<String, String> expected = new TreeMap<>(FoldedTree.describe(tree.source()));
    expected
        .keySet()
        .removeIf(path -> !path.isEmpty()
            && !path.equals("a")
            && !path.equals("a/b")
            && !path.startsWith("a/b/")
            && !path.startsWith("emoji"));
    assertThat(FoldedTree.describe(target)).isEqualTo(expected);
  }

  @Test
  void aDamagedFileIsReportedAndTheRestIsRestored() throws IOException {
    byte[] content = Files.readAllBytes(tree.source().resolve("plain"));
    Path damaged = null;
    for (Path each : tree.containers()) {
      byte[] all = Files.readAllBytes(each);
      int at = indexOf(all, content);
      if (at >= 0) {
        all[at] ^= 1;
        Files.write(each, all);
        damaged = each;
      }
    }
    assertThat(damaged).isNotNull();
    UnfoldReport report = unfold(Existing.KEEP);
    assertThat(report.failures()).isOne();
    assertThat(failed.get("plain"))
        .contains("CRC32C")
        .contains(damaged.getFileName().toString());
    assertThat(target.resolve("plain")).doesNotExist();
    assertThat(report.files()).isEqualTo(14);
    assertNothingIsLeftOver();
  }

  @Test
  void aMissingContainerCostsOnlyItsOwnFiles() throws IOException {
    Path missing = tree.containers().get(0);
    Files.delete(missing);
    UnfoldReport report = unfold(Existing.KEEP);
    assertThat(report.files()).isBetween(7L, 8L);
    assertThat(report.failures()).isGreaterThanOrEqualTo(15 - report.files());
    assertThat(failed.toString()).contains(missing.getFileName().toString());
  }

  @Test
  void aPassThroughFileThatChangedIsNotRestored() throws IOException {
    Files.setLastModifiedTime(tree.source().resolve("a/large"), FileTime.fromMillis(0));
    UnfoldReport report = unfold(Existing.KEEP);
    assertThat(failed).containsOnlyKeys("a/large");
    assertThat(report.failures()).isOne();
    assertThat(target.resolve("a/large")).doesNotExist();
  }

  @Test
  void aTargetInsideTheDatasetIsRefused() {
    target = tree.dataset().resolve("inside");
    assertThatThrownBy(() -> unfold(Existing.KEEP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the target lies in the dataset");
    assertThat(target).doesNotExist();
    target = tree.dataset().getParent();
    assertThatThrownBy(() -> unfold(Existing.REPLACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the dataset lies in the target");
  }

  @Test
  void aTargetThatIsAFileIsRefused() throws IOException {
    Files.writeString(target, "a file");
    assertThatThrownBy(() -> unfold(Existing.REPLACE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no directory");
    assertThat(target).hasContent("a file");
  }

  @Test
  void aMissingDatasetIsAnError() {
    UnfoldRequest request = new UnfoldRequest(
        directory.resolve("none").toString(),
        target.toString(),
        java.util.List.of(),
        Map.of(),
        Existing.KEEP,
        1);
    assertThatThrownBy(() -> Unfolder.unfold(request, UnfoldListener.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no dataset at");
    assertThat(Files.exists(target, LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  static int indexOf(byte[] in, byte[] what) {
    outer:
    for (int i = 0; i <= in.length - what.length; i++) {
      for (int j = 0; j < what.length; j++) {
        if (in[i + j] != what[j]) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }
}
