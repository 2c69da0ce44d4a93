package io.pleat.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestFoldPlanner {
  private static final Attributes ATTRIBUTES = new Attributes(1, 2, 0644, "o", "g", "");

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void containersComeOutWithinFivePerCentOfTheTargetWhateverThePartitions(int partitions) {
    Random random = new Random(7);
    long target = 128 << 20;
    FoldOptions options = options(target, 1 << 20);
    List<PlannedRow> rows = new ArrayList<>();
    for (int i = 0; i < 60_000; i++) {
      rows.add(row(i, (long) Math.min(4 << 20, Math.exp(random.nextGaussian() * 1.5 + 9))));
    }
    List<FoldGroup> groups = plan(rows, partitions, options);
    assertThat(groups).hasSizeGreaterThan(5);
    for (FoldGroup group : groups.subList(0, groups.size() - 1)) {
      assertThat(group.bytes()).isBetween((long) (target * 0.95), (long) (target * 1.05));
    }
    assertThat(groups.stream().mapToLong(FoldGroup::files).sum()).isEqualTo(rows.size());
  }

  @Test
  void entryLimitClosesContainers() {
    FoldOptions options = options(1L << 30, 640);
    List<PlannedRow> rows = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      rows.add(row(i, 0));
    }
    List<FoldGroup> groups = plan(rows, 3, options);
    assertThat(groups).allSatisfy(group -> assertThat(group.files()).isLessThanOrEqualTo(640));
    assertThat(groups.stream().mapToLong(FoldGroup::files).sum()).isEqualTo(10_000);
  }

  @Test
  void filesLargerThanTheTargetGetAContainerEach() {
    FoldOptions options = options(1000, 1 << 20);
    List<FoldGroup> groups = plan(List.of(row(0, 5000), row(1, 5000), row(2, 10)), 1, options);
    assertThat(groups).extracting(FoldGroup::files).containsExactly(1L, 1L, 1L);
  }

  @Test
  void everyRowIsInExactlyOneGroupAndInOrder() {
    FoldOptions options = options(100_000, 1 << 20);
    List<PlannedRow> rows = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 5_000; i++) {
      rows.add(row(i, random.nextInt(2_000)));
    }
    List<List<byte[]>> blocks = new ArrayList<>();
    List<FoldGroup> groups = plan(rows, 4, options, blocks);
    List<String> seen = new ArrayList<>();
    for (FoldGroup group : groups) {
      for (int p = group.firstPartition(); p <= group.lastPartition(); p++) {
        for (byte[] block : blocks.get(p)) {
          FoldPlanner.rows(block, group)
              .forEachRemaining(row -> seen.add(row.path().toString()));
        }
      }
    }
    assertThat(seen).isEqualTo(rows.stream().map(row -> row.path().toString()).toList());
  }

  private static List<FoldGroup> plan(List<PlannedRow> rows, int partitions, FoldOptions options) {
    return plan(rows, partitions, options, new ArrayList<>());
  }

  private static List<FoldGroup> plan(
      List<PlannedRow> rows, int partitions, FoldOptions options, List<List<byte[]>> blocksOut) {
    List<byte[]> slices = new ArrayList<>();
    int each = (rows.size() + partitions - 1) / partitions;
    for (int p = 0; p < partitions; p++) {
      Iterator<PlannedRow> part =
          rows.subList(p * each, Math.min(rows.size(), (p + 1) * each)).iterator();
      List<byte[]> blocks = new ArrayList<>();
      FoldPlanner.pack(p, part, options).forEachRemaining(blocks::add);
      blocksOut.add(blocks);
      slices.add(FoldPlanner.packSlices(FoldPlanner.slices(p, blocks.iterator(), options)));
    }
    return FoldPlanner.group(FoldPlanner.unpackSlices(slices), options);
  }

  private static PlannedRow row(int number, long length) {
    LogicalPath path = LogicalPath.of("d/%08d".formatted(number));
    FileInfo info = new FileInfo(path, FileInfo.Kind.FILE, length, ATTRIBUTES, "stamp");
    return new PlannedRow(
        path.fileKey(), PlannedRow.Action.FOLD, info, List.of(), OptionalInt.empty());
  }

  private static FoldOptions options(long containerSize, int maxEntries) {
    return FoldOptions.defaults().withContainerSize(containerSize).withMaxEntries(maxEntries);
  }
}
