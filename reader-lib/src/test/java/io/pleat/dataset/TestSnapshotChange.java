package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.dataset.Condemnation.CondemnedListReference;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.MemoryStore;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestSnapshotChange {
  private final MemoryStore store = new MemoryStore();
  private final DatasetLog log = DatasetLog.open(store, Clock.systemUTC(), time -> {});
  private final CatalogWriter catalog = new TextCatalog();

  @Test
  void removingContainersRewritesTheManifestsThatListThemAndNoOthers() throws IOException {
    Snapshot one = commit(null, Samples.add(1, 2));
    Snapshot two = commit(one, Samples.add(3, 4));
    Snapshot three = commit(two, Samples.kill(2, 5));

    Snapshot four = commit(
        three,
        Samples.change("compact")
            .withRemoved(Set.of(Samples.id(2)))
            .withAdded(List.of(Samples.container(5))));

    assertThat(ids(four))
        .containsExactly(Samples.id(1), Samples.id(3), Samples.id(4), Samples.id(5));
    assertThat(four.manifests()).hasSize(2).contains(two.manifests().get(1));
    assertThat(four.deletionVectors()).isEmpty();
    assertThat(four.catalog().deadRows()).isEmpty();
    assertThat(log.containers(four))
        .extracting(ContainerSummary::sequence)
        .containsExactly(1L, 2L, 2L, 4L);
    assertThat(four.statistics().files()).isEqualTo(three.statistics().files());
    assertThat(four.statistics().sourceFiles()).isEqualTo(three.statistics().sourceFiles());
    assertThat(log.containers(three)).hasSize(4);
  }

  @Test
  void removingAllContainersLeavesNone() throws IOException {
    Snapshot one = commit(null, Samples.add(1, 2));
    Snapshot two =
        commit(one, Samples.change("x").withRemoved(Set.of(Samples.id(1), Samples.id(2))));

    assertThat(log.containers(two)).isEmpty();
    assertThat(two.manifests()).isEmpty();
    assertThat(two.statistics().indexBytes()).isZero();
  }

  @Test
  void manifestsAreMergedWhenContainersAreRemoved() throws IOException {
    Snapshot head = commit(null, Samples.add(1));
    for (int number = 2; number <= 16; number++) {
      head = commit(head, Samples.add(number));
    }
    Snapshot next = commit(
        head,
        Samples.change("compact")
            .withRemoved(Set.of(Samples.id(1)))
            .withAdded(List.of(Samples.container(17))));
    assertThat(next.manifests()).hasSize(16);
    assertThat(ids(next)).hasSize(16).doesNotContain(Samples.id(1)).contains(Samples.id(17));
    Snapshot last = commit(next, Samples.add(18));
    assertThat(last.manifests()).hasSize(1);
    assertThat(ids(last)).hasSize(17);
  }

  @Test
  void unknownContainersCannotBeRemoved() throws IOException {
    Snapshot one = commit(null, Samples.add(1));

    assertThatThrownBy(() -> commit(one, Samples.change("x").withRemoved(Set.of(Samples.id(9)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("containers to remove are not there: [" + Samples.id(9) + "]");
  }

  @Test
  void commitThatChangesNoContainerWritesNoContainerRows() throws IOException {
    Snapshot one = commit(null, Samples.add(1));
    Snapshot two = commit(one, Samples.kill(1, 4));

    assertThat(two.catalog().containers()).isEqualTo(one.catalog().containers());
    assertThat(two.catalog().deadRows()).isPresent();
  }

  @Test
  void reclaimedRowsAreUnitedAndNeverDead() throws IOException {
    Snapshot one = commit(null, Samples.add(1, 2));
    Snapshot two = commit(one, reclaim(1, 3, 4));
    Snapshot three = commit(two, reclaim(1, 4, 5));

    assertThat(log.reclaimedRows(one, Samples.id(1))).isEqualTo(ReclaimedRows.NONE);
    assertThat(log.reclaimedRows(two, Samples.id(1))).isEqualTo(ReclaimedRows.of(3, 4));
    assertThat(log.reclaimedRows(three, Samples.id(1))).isEqualTo(ReclaimedRows.of(3, 4, 5));
    assertThat(log.reclaimedRows(three, Samples.id(2))).isEqualTo(ReclaimedRows.NONE);
    assertThat(three.reclaimedFiles()).isEqualTo(3);
    List<LogicalPath> before = store.files();
    assertThatThrownBy(() -> commit(three, Samples.kill(1, 5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 reclaimed entries of container " + Samples.id(1)
            + " would die, which are the only copies");
    assertThat(store.files()).isEqualTo(before);

    Snapshot four = commit(three, Samples.kill(1, 5, 9).endingOnlyCopies());
    assertThat(log.reclaimedRows(four, Samples.id(1))).isEqualTo(ReclaimedRows.of(3, 4));
    assertThat(log.deletionVector(four, Samples.id(1))).isEqualTo(DeletionVector.of(5, 9));
    assertThatThrownBy(() -> commit(four, reclaim(1, 9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("that are dead, or not there");
    assertThatThrownBy(() -> commit(four, reclaim(1, 100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("that are dead, or not there");

    Snapshot five = commit(
        four,
        Samples.change("reclaim")
            .withNoLongerReclaimed(Map.of(Samples.id(1), ReclaimedRows.of(3, 4))));
    assertThat(five.reclaimed()).isEmpty();
  }

  @Test
  void removedContainersHandTheirReclaimedRowsOver() throws IOException {
    Snapshot one = commit(null, Samples.add(1));
    Snapshot two = commit(one, reclaim(1, 3, 4));
    SnapshotChange forgetful = Samples.change("compact")
        .withRemoved(Set.of(Samples.id(1)))
        .withAdded(List.of(Samples.container(2)));

    assertThatThrownBy(() -> commit(two, forgetful))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("removed containers have 2 reclaimed entries, which are the only copies;"
            + " the added ones have 0");
    Snapshot three =
        commit(two, forgetful.withNewlyReclaimed(Map.of(Samples.id(2), ReclaimedRows.of(0, 1))));
    assertThat(three.reclaimedFiles()).isEqualTo(2);
    assertThat(log.reclaimedRows(three, Samples.id(2))).isEqualTo(ReclaimedRows.of(0, 1));
  }

  @Test
  void tombstonesLiveInManifestsOfTheirOwnAndOutliveCompaction() throws IOException {
    Snapshot one = commit(null, Samples.add(1));
    Snapshot two =
        commit(one, Samples.kill(1, 1).withTombstonesAdded(List.of(Samples.tombstones(50))));
    Snapshot three = commit(
        two,
        Samples.change("compact")
            .withRemoved(Set.of(Samples.id(1)))
            .withAdded(List.of(Samples.container(2))));
    Snapshot four = commit(
        three,
        Samples.change("fold").withTombstonesDead(Map.of(Samples.id(50), DeletionVector.of(0, 3))));
    Snapshot five = commit(
        four,
        Samples.change("rm")
            .withTombstonesRemoved(Set.of(Samples.id(50)))
            .withTombstonesAdded(List.of(Samples.tombstones(51))));

    assertThat(log.tombstones(one)).isEmpty();
    assertThat(log.tombstones(three)).containsExactly(Samples.tombstones(50).withSequence(2));
    assertThat(ids(three)).containsExactly(Samples.id(2));
    assertThat(log.deadTombstones(three, Samples.id(50))).isEqualTo(DeletionVector.EMPTY);
    assertThat(log.deadTombstones(four, Samples.id(50))).isEqualTo(DeletionVector.of(0, 3));
    assertThat(four.catalog()).isEqualTo(three.catalog());
    assertThat(log.tombstones(five))
        .extracting(ContainerSummary::id)
        .containsExactly(Samples.id(51));
    assertThat(five.tombstones().deletionVectors()).isEmpty();
    assertThatThrownBy(
            () -> commit(five, Samples.change("x").withAdded(List.of(Samples.tombstones(7)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no catalogue file");
  }

  @Test
  void condemnedFilesAndSnapshotsMayNotBeReferredToAgain() throws IOException {
    Snapshot one = commit(null, Samples.add(1));
    Snapshot two = commit(one, Samples.kill(1, 1));
    CondemnedListReference list = list(Samples.container(7).path().toString());
    Snapshot three = commit(
        two,
        Samples.change("expire").withCondemned(Condemnation.of(VersionSet.of(1), List.of(list))));

    assertThat(three.retention().kept(3)).isEqualTo(VersionSet.of(2, 3));
    assertThat(log.snapshot(1)).isEqualTo(one);
    assertThatThrownBy(() -> commit(three, Samples.add(7)))
        .isInstanceOf(CondemnedException.class)
        .hasMessage("memory:/test/containers/" + Samples.id(7)
            + ".pleat was condemned by version 3 while this run was under way:"
            + " nothing was committed; run it again");
    assertThatThrownBy(() -> commit(three, Samples.change("rollback").withRestored(one)))
        .isInstanceOf(CondemnedException.class)
        .hasMessage(
            "snapshot 1 of memory:/test was condemned by version 3 and is about to be deleted");

    log.expire(three, one);
    Snapshot four = commit(three, Samples.change("expire").withSettled(VersionSet.of(3)));
    assertThat(four.retention()).isEqualTo(new Retention(VersionSet.of(1), List.of()));
    assertThatThrownBy(() -> log.snapshot(1))
        .isInstanceOfSatisfying(
            SnapshotExpiredException.class,
            e -> assertThat(e.kept()).isEqualTo(VersionSet.between(2, 4)))
        .hasMessage("snapshot 1 of memory:/test has expired; these can be read: 2 to 4");
    assertThat(log.current()).contains(four);
    assertThatThrownBy(() -> log.expire(four, two))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("snapshot 2 is not condemned");
    assertThatThrownBy(() -> commit(four, Samples.change("rollback").withRestored(one)))
        .isInstanceOf(SnapshotExpiredException.class);
  }

  @Test
  void writerThatSleptPastTheExpiryOfItsBaseLosesTheRace() throws IOException {
    Snapshot one = commit(null, Samples.add(1));
    Snapshot two = commit(one, Samples.kill(1, 1));
    Snapshot three = commit(
        two,
        Samples.change("expire")
            .withCondemned(Condemnation.of(VersionSet.of(1, 2), List.of(list("_pleat/x")))));
    log.expire(three, one);
    log.expire(three, two);
    store.delete(one.manifests().get(0).file().path());

    assertThatThrownBy(() -> commit(one, Samples.add(9)))
        .isInstanceOfSatisfying(
            CommitConflictException.class, e -> assertThat(e.winner()).isEqualTo(three))
        .hasMessage("version 2 of memory:/test was committed by run " + two.runId());
  }

  @Test
  void changeIsLaidOverAWinnerOnlyIfItsFilesStillStand() throws IOException {
    Snapshot one = commit(null, Samples.add(1));
    for (int count : new int[] {1, 30}) {
      List<ContainerSummary> containers =
          IntStream.range(100, 100 + count).mapToObj(Samples::container).toList();
      for (ContainerSummary container : containers) {
        store.put(container.path().toString(), new byte[] {1});
        store.put(container.catalog().path().toString(), new byte[] {1});
      }
      SnapshotChange change = Samples.change("fold").withAdded(containers);
      log.requireStillThere(one, change);

      store.delete(containers.get(count - 1).path());
      assertThatThrownBy(() -> log.requireStillThere(one, change))
          .isInstanceOf(CondemnedException.class)
          .hasMessage("memory:/test/" + containers.get(count - 1).path()
              + " was deleted while this run was under way: nothing was committed; run it again");
    }
  }

  @Test
  void restoredSnapshotBringsEverythingBackButNotWhatWasCondemned() throws IOException {
    Snapshot one = commit(null, Samples.add(1, 2));
    Snapshot two = commit(one, Samples.kill(1, 1));
    Snapshot three =
        commit(two, Samples.kill(2, 1).withTombstonesAdded(List.of(Samples.tombstones(50))));
    Snapshot four = commit(
        three,
        Samples.change("compact")
            .withRemoved(Set.of(Samples.id(1)))
            .withAdded(List.of(Samples.container(3)))
            .withCondemned(Condemnation.of(VersionSet.of(1), List.of(list("_pleat/x")))));

    Snapshot five = commit(
        four,
        Samples.change("rollback")
            .withRestored(two)
            .withNewlyReclaimed(Map.of(Samples.id(2), ReclaimedRows.of(8))));

    assertThat(five.version()).isEqualTo(5);
    assertThat(five.manifests()).isEqualTo(two.manifests());
    assertThat(five.deletionVectors()).isEqualTo(two.deletionVectors());
    assertThat(five.tombstones()).isEqualTo(Tombstones.NONE);
    assertThat(five.catalog()).isEqualTo(two.catalog());
    assertThat(five.statistics().files()).isEqualTo(two.statistics().files());
    assertThat(five.reclaimedFiles()).isEqualTo(1);
    assertThat(five.retention()).isEqualTo(four.retention());
  }

  @Test
  void everyReferencedFileIsVisited() throws IOException {
    Snapshot one = commit(null, Samples.add(1, 2));
    Snapshot two = commit(
        one,
        Samples.kill(1, 1)
            .withTombstonesAdded(List.of(Samples.tombstones(50)))
            .withNewlyReclaimed(Map.of(Samples.id(2), ReclaimedRows.of(8))));
    Snapshot three = commit(
        two,
        Samples.change("expire")
            .withTombstonesDead(Map.of(Samples.id(50), DeletionVector.of(0)))
            .withCondemned(Condemnation.of(VersionSet.of(1), List.of(list("_pleat/x")))));
    List<LogicalPath> visited = new ArrayList<>();
    log.visitReferences(three, file -> visited.add(file.path()));

    assertThat(visited).doesNotHaveDuplicates();
    List<LogicalPath> ours = new ArrayList<>(store.files());
    ours.removeIf(path -> path.toString().startsWith("_pleat/snapshots/"));
    assertThat(visited).containsAll(ours);
    assertThat(visited)
        .contains(
            Samples.container(1).path(),
            Samples.container(1).catalog().path(),
            ContainerSummary.tombstonePathOf(Samples.id(50)));
    assertThat(visited).hasSize(ours.size() + 5);
  }

  private static SnapshotChange reclaim(int container, int... rows) {
    return Samples.change("reclaim")
        .withNewlyReclaimed(Map.of(Samples.id(container), ReclaimedRows.of(rows)));
  }

  private CondemnedListReference list(String path) throws IOException {
    try (CondemnedListWriter list = CondemnedListWriter.create(store)) {
      list.add(LogicalPath.of(path));
      return list.finish();
    }
  }

  private List<ContainerId> ids(Snapshot snapshot) throws IOException {
    return log.containers(snapshot).stream().map(ContainerSummary::id).toList();
  }

  private Snapshot commit(Snapshot base, SnapshotChange change) throws IOException {
    return log.commit(Optional.ofNullable(base), change, catalog);
  }
}
