package io.pleat.fold;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.fold.PlannedRow.Action;
import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestDiffMerge {
  private static final Attributes OLD = new Attributes(100, 0, 0644, "o", "g", "");
  private static final Attributes NEW = new Attributes(200, 0, 0644, "o", "g", "");

  private final List<Map.Entry<byte[], byte[]>> rows = new ArrayList<>();

  @Test
  void newFilesAreFolded() {
    listed("a/b", 5, OLD);
    assertThat(merge(false)).extracting(PlannedRow::action).containsExactly(Action.FOLD);
  }

  @Test
  void unchangedFilesAskForNothing() {
    listed("a", 5, OLD);
    held("a", 0, 7, 5, OLD, false, 1);
    assertThat(merge(false)).isEmpty();
  }

  @Test
  void changedLengthTimeModeOrOwnerReplaces() {
    Attributes mode = new Attributes(100, 0, 0600, "o", "g", "");
    Attributes owner = new Attributes(100, 0, 0644, "p", "g", "");
    Attributes etag = new Attributes(100, 0, 0644, "o", "g", "e");
    listed("a", 6, OLD);
    held("a", 0, 0, 5, OLD, false, 1);
    listed("b", 5, NEW);
    held("b", 0, 1, 5, OLD, false, 1);
    listed("c", 5, mode);
    held("c", 0, 2, 5, OLD, false, 1);
    listed("d", 5, owner);
    held("d", 0, 3, 5, OLD, false, 1);
    listed("e", 5, etag);
    held("e", 0, 4, 5, OLD, false, 1);
    List<PlannedRow> planned = merge(false);
    assertThat(planned).hasSize(5);
    assertThat(planned).allSatisfy(row -> assertThat(row.dead()).hasSize(1));
    assertThat(planned.get(3).dead().get(0)).isEqualTo(DeadRows.entry(0, 3, 5, 5, false));
  }

  @Test
  void racyEntriesAreReadAgain() {
    listed("a", 5, OLD);
    held("a", 2, 0, 5, OLD, true, -17);
    PlannedRow row = merge(false).get(0);
    assertThat(row.action()).isEqualTo(Action.FOLD);
    assertThat(row.heldCrc32c()).hasValue(-17);
  }

  @Test
  void vanishedFilesStay() {
    held("a", 0, 0, 5, OLD, false, 1);
    heldDirectory("d", 0, 9, 1, OLD);
    assertThat(merge(false)).isEmpty();
  }

  @Test
  void aFileThatBecameADirectoryDies() {
    held("a", 3, 4, 5, OLD, false, 1);
    listedDirectory("a", NEW);
    listed("a/b", 1, NEW);
    List<PlannedRow> planned = merge(false);
    assertThat(planned)
        .extracting(PlannedRow::action)
        .containsExactly(Action.REPLACE, Action.RECORD_DIRECTORY, Action.FOLD);
    assertThat(planned.get(0).dead()).containsExactly(DeadRows.entry(3, 4, 5, 5, false));
  }

  @Test
  void aDirectoryThatBecameAFileDiesWithAllBelow() {
    listed("a", 1, NEW);
    row(
        "a",
        false,
        SortedRow.HELD_AS_DIRECTORY,
        out -> out.putLong(2).putLong(10).putLong(20).putLong(100).putLong(103));
    held("a/b", 2, 10, 5, OLD, false, 1);
    List<PlannedRow> planned = merge(false);
    assertThat(planned).hasSize(1);
    assertThat(planned.get(0).dead())
        .containsExactly(DeadRows.uncounted(2, 10, 20), DeadRows.uncounted(2, 100, 103));
  }

  @Test
  void theNewestRowSpeaksForADirectory() {
    listedDirectory("d", NEW);
    heldDirectory("d", 0, 9, 1, OLD);
    heldDirectory("d", 1, 5, 2, NEW);
    assertThat(merge(false)).isEmpty();
  }

  @Test
  void keysThatAreFileAndDirectoryStayLooseInObjectStores() {
    listed("a", 5, OLD);
    row("a", false, SortedRow.LISTED_AS_DIRECTORY, out -> {});
    listed("a/b", 5, OLD);
    assertThat(merge(true))
        .extracting(PlannedRow::action)
        .containsExactly(Action.LEAVE_LOOSE, Action.FOLD);
  }

  @Test
  void equalTombstonesHoldFilesAndDirectoriesBackAndOthersDie() {
    Attributes mode = new Attributes(100, 0, 0600, "x", "g", "");
    listedDirectory("d", OLD);
    tombstone("d", true, 0, OLD);
    listedDirectory("e", NEW);
    tombstone("e", true, 0, OLD);
    listed("f", 5, mode);
    tombstone("f", false, 5, OLD);
    listed("g", 6, OLD);
    tombstone("g", false, 5, OLD);
    listed("h", 5, NEW);
    tombstone("h", false, 5, OLD);
    tombstone("gone", false, 5, OLD);
    List<PlannedRow> planned = merge(false);
    assertThat(planned).extracting(row -> row.path().toString()).containsExactly("g", "h", "e");
    assertThat(planned)
        .allSatisfy(row -> assertThat(row.dead()).containsExactly(DeadRows.tombstone(4, 8)));
  }

  @Test
  void plannedRowsSurviveTheirBlocks() {
    listed("a/\u00e9\n", 6, NEW);
    held("a/\u00e9\n", 0, 0, 5, OLD, true, 1);
    List<PlannedRow> planned = merge(false);
    RowOutput out = new RowOutput(16);
    planned.get(0).write(out);
    PlannedRow copy = PlannedRow.read(new RowInput(out.toBytes()));
    assertThat(copy.info()).isEqualTo(planned.get(0).info());
    assertThat(copy.dead()).isEqualTo(planned.get(0).dead());
    assertThat(copy.key()).isEqualTo(planned.get(0).key());
  }

  private List<PlannedRow> merge(boolean flat) {
    rows.sort((a, b) -> Arrays.compareUnsigned(a.getKey(), b.getKey()));
    List<PlannedRow> planned = new ArrayList<>();
    new DiffMerge(rows.iterator(), flat, Optional.empty()).forEachRemaining(planned::add);
    return planned;
  }

  private void listed(String path, long length, Attributes attributes) {
    row(
        path,
        false,
        SortedRow.LISTED,
        out -> out.putByte(0).putLong(length).putAttributes(attributes).putString("s"));
  }

  private void listedDirectory(String path, Attributes attributes) {
    row(path, true, SortedRow.LISTED_DIRECTORY, out -> out.putAttributes(attributes));
    row(path, false, SortedRow.LISTED_AS_DIRECTORY, out -> {});
  }

  private void held(
      String path,
      int container,
      int ordinal,
      long length,
      Attributes attributes,
      boolean racy,
      int crc) {
    row(
        path,
        false,
        SortedRow.HELD,
        out -> out.putLong(container)
            .putLong(ordinal)
            .putByte(0)
            .putLong(length)
            .putLong(length)
            .putAttributes(attributes)
            .putByte(racy ? 1 : 0)
            .putSigned(crc)
            .putByte(0));
  }

  private void tombstone(String path, boolean directory, long length, Attributes attributes) {
    row(
        path,
        directory,
        SortedRow.TOMBSTONE,
        out -> out.putLong(4).putLong(8).putLong(length).putAttributes(attributes));
  }

  private void heldDirectory(
      String path, int container, int row, long sequence, Attributes attributes) {
    row(
        path,
        true,
        SortedRow.HELD_DIRECTORY,
        out -> out.putLong(container).putLong(row).putLong(sequence).putAttributes(attributes));
  }

  private void row(
      String path, boolean directory, byte type, java.util.function.Consumer<RowOutput> value) {
    LogicalPath logical = LogicalPath.of(path);
    RowOutput out = new RowOutput(16);
    value.accept(out);
    byte[] key = directory ? logical.directoryKey() : logical.fileKey();
    rows.add(new SimpleImmutableEntry<>(SortedRow.encode(key, type), out.toBytes()));
  }
}
