package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.parquet.ParquetCatalogWriter;
import io.pleat.engine.LocalTaskEngine;
import io.pleat.fold.parquet.ParquetEntryCatalog;
import io.pleat.format.CorruptDataException;
import io.pleat.maintain.SizeClasses.SizeClass;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSurveyor {
  @TempDir
  private Path directory;

  private LivingTree tree;

  @BeforeEach
  void makeTree() throws IOException {
    tree = new LivingTree(directory);
  }

  private Survey survey() throws IOException {
    try (Store store = Stores.open(tree.dataset(), Map.of())) {
      return Surveyor.survey(store);
    }
  }

  private static long files(SizeClasses sizes) {
    return sizes.classes().stream().mapToLong(SizeClass::files).sum();
  }

  private static long bytes(SizeClasses sizes) {
    return sizes.classes().stream().mapToLong(SizeClass::bytes).sum();
  }

  @Test
  void sizeClassesMeetWithoutGaps() {
    SizeClasses sizes = new SizeClasses();
    for (long length : List.of(0L, 1L, 4095L, 4096L, (4L << 20) - 1, 4L << 20, 1L << 40)) {
      sizes.add(length);
    }
    long end = 0;
    for (SizeClass each : sizes.classes()) {
      assertThat(each.from()).isEqualTo(end);
      end = each.to();
    }
    assertThat(end).isEqualTo(Long.MAX_VALUE);
    assertThat(sizes.classes().stream().map(SizeClass::files))
        .containsExactly(1L, 2L, 1L, 0L, 0L, 0L, 1L, 1L, 0L, 1L);
    assertThat(sizes.classes().get(1).bytes()).isEqualTo(4096);
  }

  @Test
  void aLivingTreeIsCountedAsItIs() throws IOException {
    for (int i = 0; i < 20; i++) {
      tree.write("a/b/" + i, "x".repeat(i));
    }
    tree.write("a/c", "12345");
    tree.write("large", "y".repeat(LivingTree.MAX_FILE_SIZE + 1));
    tree.fold();
    tree.write("a/b/1", "changed");
    tree.fold();
    tree.rm("a/b/2", "a/b/3");
    tree.reclaim("a/c", "a/b/4");

    Survey survey = survey();
    assertThat(survey.gaps()).isEmpty();
    assertThat(survey.snapshot().version()).isEqualTo(tree.head().version());
    assertThat(files(survey.before())).isEqualTo(20);
    long small = 190L - 1 - 2 - 3 + "changed".length() + 5;
    assertThat(bytes(survey.before())).isEqualTo(small + LivingTree.MAX_FILE_SIZE + 1);
    assertThat(survey.objectsBefore()).isEqualTo(20);
    assertThat(survey.objectsNow()).isEqualTo(18 + survey.totals().files());
    assertThat(files(survey.after())).isEqualTo(survey.totals().files() + 1);
    assertThat(bytes(survey.after()))
        .isEqualTo(survey.totals().bytes() + LivingTree.MAX_FILE_SIZE + 1);
    assertThat(survey.reclaim()).isEqualTo(new Survey.ReclaimGain(17, small - 5 - 4, 0, 2));
    assertThat(survey.byFiles().stream().map(each -> each.path() + " " + each.files()))
        .containsExactly("a 19", "a/b 18");
    assertThat(survey.byBytes().get(0).bytes()).isEqualTo(small);
    assertThat(survey.totals().deadBytes()).isEqualTo(1 + 2 + 3);
    assertThat(survey.mostDead().stream().mapToLong(Survey.DeadSpace::deadBytes).sum())
        .isEqualTo(1 + 2 + 3);
    assertThat(survey.fills().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo((int) survey.totals().containers());
    assertThat(survey.growth().stream()
            .map(point -> point.version() + " " + point.operation() + " " + point.files()))
        .containsExactly("1 fold 22", "2 fold 22", "3 rm 20", "4 reclaim 20");
    assertThat(survey.runs()).extracting(Survey.Run::verb).contains("fold", "rm");
    assertThat(survey.runs()).filteredOn(run -> run.verb().equals("fold")).hasSize(2);
    assertThat(survey.compaction().removed()).isGreaterThan(survey.compaction().added());
    assertThat(survey.heap().isThere()).isFalse();
    // 20 files of a block each, and the directories root, a and b.
    assertThat(survey.heap().objectsBefore()).isEqualTo(20 + 19 + 3);
  }

  @Test
  void whatCompactWouldDoIsWhatItSays() throws IOException {
    for (int i = 0; i < 40; i++) {
      tree.write("d/" + i, "content " + i);
    }
    tree.fold();
    tree.rm("d/7", "d/8", "d/9");
    Survey.CompactionGain gain = survey().compaction();
    CompactReport dry = Compactor.compact(
        new CompactRequest(tree.dataset(), Map.of(), CompactionRules.defaults(), true),
        new LocalTaskEngine(1),
        new ParquetCatalogWriter(),
        ParquetEntryCatalog::new,
        CompactListener.NONE);
    assertThat(gain)
        .isEqualTo(new Survey.CompactionGain(
            dry.removed(), dry.added(), dry.bytesRemoved(), dry.bytesAdded()));
    assertThat(gain.removed()).isPositive();
  }

  @Test
  void theLargestDirectoriesAreThoseOfAWalk() throws IOException {
    Random random = new Random(20261127);
    Map<String, long[]> expected = new HashMap<>();
    for (int fold = 0; fold < 3; fold++) {
      for (int i = 0; i < 60; i++) {
        StringBuilder path = new StringBuilder("t");
        int depth = random.nextInt(4);
        for (int level = 0; level < depth; level++) {
          path.append("/").append(List.of("a", "a-b", "a b", "b", "c").get(random.nextInt(5)));
        }
        path.append("/f").append(fold).append('-').append(i);
        int length = random.nextInt(500);
        tree.write(path.toString(), "x".repeat(length));
        for (int end = path.indexOf("/"); end > 0; end = path.indexOf("/", end + 1)) {
          long[] totals = expected.computeIfAbsent(path.substring(0, end), name -> new long[2]);
          totals[0]++;
          totals[1] += length;
        }
      }
      tree.fold();
    }
    expected
        .entrySet()
        .removeIf(each -> expected.entrySet().stream()
            .anyMatch(other -> other.getKey().startsWith(each.getKey() + "/")
                && other.getValue()[0] == each.getValue()[0]));
    List<String> byFiles = expected.entrySet().stream()
        .sorted(Comparator.<Map.Entry<String, long[]>>comparingLong(each -> each.getValue()[0])
            .thenComparingLong(each -> each.getValue()[1])
            .reversed())
        .limit(20)
        .map(each -> each.getKey() + " " + each.getValue()[0] + " " + each.getValue()[1])
        .toList();
    assertThat(survey().byFiles().stream()
            .map(each -> each.path() + " " + each.files() + " " + each.bytes()))
        .containsExactlyElementsOf(byFiles);
    assertThat(new TreeSet<>(byFiles)).hasSize(20);
  }

  @Test
  void anEmptyTreeIsSurveyedToo() throws IOException {
    tree.fold();
    Survey survey = survey();
    assertThat(files(survey.before())).isZero();
    assertThat(survey.byFiles()).isEmpty();
    assertThat(survey.mostDead()).isEmpty();
    assertThat(survey.gaps()).isEmpty();
  }

  @Test
  void aDamagedContainerIsAGapThatNamesItAndTheRestIsCounted() throws IOException {
    for (int i = 10; i < 30; i++) {
      tree.write("d/" + i, "content");
    }
    tree.fold();
    List<Path> containers;
    try (var files = Files.list(Path.of(tree.dataset(), "containers"))) {
      containers = files.sorted().toList();
    }
    assertThat(containers).hasSizeGreaterThan(2);
    byte[] bytes = Files.readAllBytes(containers.get(1));
    bytes[bytes.length - 100] ^= 1;
    Files.write(containers.get(1), bytes);
    Survey survey = survey();
    assertThat(survey.gaps())
        .singleElement()
        .asString()
        .contains("containers/" + containers.get(1).getFileName());
    assertThat(files(survey.before())).isBetween(13L, 19L);
  }

  @Test
  void anUnreadableOlderSnapshotIsAGapAndTheNewestAnError() throws IOException {
    tree.write("a", "1");
    tree.fold();
    tree.write("b", "2");
    tree.fold();
    Path snapshots = Path.of(tree.dataset(), "_pleat/snapshots");
    Files.writeString(snapshots.resolve("00000000000000000001.json"), "{ torn");
    Survey survey = survey();
    assertThat(survey.gaps())
        .singleElement()
        .asString()
        .startsWith("snapshot 1 cannot be read: ")
        .contains("00000000000000000001.json");
    assertThat(survey.growth()).hasSize(1);
    Files.writeString(snapshots.resolve("00000000000000000002.json"), "{ torn");
    assertThatThrownBy(this::survey)
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("00000000000000000002.json");
  }

  @Test
  void unreadableMarksOfOnlyCopiesAreAGap() throws IOException {
    tree.write("a", "1");
    tree.write("b", "2");
    tree.fold();
    tree.reclaim("a");
    Path marks;
    try (var files = Files.list(Path.of(tree.dataset(), "_pleat/reclaimed"))) {
      marks = files.findFirst().orElseThrow();
    }
    Files.writeString(marks, "torn");
    assertThat(survey().gaps())
        .singleElement()
        .asString()
        .startsWith("which files of a container are only copies is not known: ")
        .contains(marks.getFileName().toString());
  }

  @Test
  void whereNoDatasetIsThereIsNoSurvey() {
    assertThatThrownBy(this::survey)
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining(tree.dataset());
  }
}
