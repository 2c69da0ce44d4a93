package io.pleat.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pleat.format.LogicalPath;
import io.pleat.store.CommitStateUnknownException;
import io.pleat.store.FaultyStore;
import io.pleat.store.FaultyStore.Fault;
import io.pleat.store.MemoryStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TestCommitFaults {
  private final CatalogWriter catalog = new TextCatalog();

  /** One that writes each kind of file, merging manifests too. */
  private static final SnapshotChange CHANGE = new SnapshotChange(
      "fold",
      new UUID(9, 9),
      Samples.SOURCE_ROOT,
      List.of(Samples.container(100)),
      Map.of(Samples.id(1), DeletionVector.of(4, 5), Samples.id(2), DeletionVector.of(1)),
      Samples.delta(1));

  /** A change of each operation, which together take every way through a commit. */
  private static SnapshotChange change(String operation, Store store) throws IOException {
    SnapshotChange change = Samples.change(operation);
    return switch (operation) {
      case "fold" -> CHANGE;
      case "compact" ->
        change
            .withRemoved(Set.of(Samples.id(1), Samples.id(3)))
            .withAdded(List.of(Samples.container(100)))
            .withNewlyDead(Map.of(Samples.id(100), DeletionVector.of(7)))
            .withNewlyReclaimed(Map.of(Samples.id(100), ReclaimedRows.of(1, 2)));
      case "reclaim" ->
        change.withNewlyReclaimed(
            Map.of(Samples.id(1), ReclaimedRows.of(8), Samples.id(2), ReclaimedRows.of(9)));
      case "rm" ->
        Samples.kill(1, 3, 6)
            .endingOnlyCopies()
            .withTombstonesAdded(List.of(Samples.tombstones(60)))
            .withTombstonesDead(Map.of(Samples.id(50), DeletionVector.of(2)));
      case "expire" -> change.withCondemned(Condemnation.of(VersionSet.between(1, 9), List.of()));
      case "rollback" -> change.withRestored(log(store).snapshot(17));
      default -> throw new AssertionError(operation);
    };
  }

  static Stream<Arguments> faults() {
    return Stream.of(Fault.values())
        .filter(fault -> fault != Fault.NONE)
        .flatMap(fault -> Stream.of("fold", "compact", "reclaim", "rm", "expire", "rollback")
            .map(change -> Arguments.of(fault, change)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whateverHappensAtAnyOperationReadersSeeTheOldSnapshotOrTheNew(Fault fault, String operation)
      throws IOException {
    long operations = operationsOf(operation);
    assertThat(operations).isGreaterThan(operation.equals("fold") ? 10 : 4);
    Set<String> outcomes = new HashSet<>();
    for (long at = 0; at < operations; at++) {
      MemoryStore memory = new MemoryStore();
      Snapshot base = prepare(memory);
      Set<LogicalPath> before = new HashSet<>(memory.files());
      FaultyStore faulty = FaultyStore.faultyAt(memory, fault, at);
      Optional<Snapshot> committed = Optional.empty();
      Optional<Exception> failure = Optional.empty();
      try {
        SnapshotChange change = change(operation, memory);
        committed = Optional.of(log(faulty).commit(Optional.of(base), change, catalog));
      } catch (IOException e) {
        failure = Optional.of(e);
      }
      memory.crash();

      String what = fault + " at operation " + at + " " + faulty.log().get((int) at);
      Snapshot head = log(memory).current().orElseThrow();
      assertThat(head.version()).as(what).isBetween(base.version(), base.version() + 1);
      if (head.version() == base.version()) {
        assertThat(head).as(what).isEqualTo(base);
        assertThat(committed).as(what).isEmpty();
      } else {
        committed.ifPresent(snapshot -> assertThat(head).as(what).isEqualTo(snapshot));
      }
      assertWhole(what, memory, head);
      assertThat(memory.files()).as(what).containsAll(before);
      outcomes.add((committed.isPresent() ? "committed " : "failed ") + head.version());

      // The next writer gets on without repair.
      Snapshot next = log(memory).commit(Optional.of(head), Samples.add(200), catalog);
      assertThat(next.version()).as(what).isEqualTo(head.version() + 1);
      assertWhole(what, memory, next);
      assertThat(failure.isPresent()).as(what).isEqualTo(committed.isEmpty());
    }
    assertThat(outcomes).contains("failed 18");
    if (fault == Fault.LOSE_ANSWER) {
      assertThat(outcomes).contains("committed 19");
    }
    if (fault == Fault.DIE_AFTER) {
      assertThat(outcomes).contains("failed 19");
    }
  }

  @Test
  void failureBeforeTheCommitLeavesNoFilesBehind() throws IOException {
    long operations = operationsOf("fold");
    for (long at = 0; at < operations; at++) {
      MemoryStore memory = new MemoryStore();
      Snapshot base = prepare(memory);
      List<LogicalPath> before = memory.files();
      FaultyStore faulty = FaultyStore.faultyAt(memory, Fault.FAIL, at);
      assertThatThrownBy(() -> log(faulty).commit(Optional.of(base), CHANGE, catalog))
          .isInstanceOf(IOException.class)
          .hasMessage("failed at operation " + at);
      boolean atCommitPoint = faulty.log().get((int) at).startsWith("createExclusively");
      if (atCommitPoint) {
        assertThat(memory.files().size()).isGreaterThan(before.size());
      } else {
        assertThat(memory.files()).as(faulty.log().get((int) at)).isEqualTo(before);
      }
    }
  }

  @Test
  void lostAnswerOfACommitThatHappenedIsCommitted() throws IOException {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    store.onExclusive = (path, content) -> {
      memory.createExclusively(path, content);
      throw new CommitStateUnknownException("answer lost", new IOException("timeout"));
    };

    Snapshot snapshot = log(store).commit(Optional.empty(), Samples.add(1), catalog);

    assertThat(log(memory).current()).contains(snapshot);
    assertThat(store.deleted).isEmpty();
  }

  @Test
  void retriedRequestThatMeetsItsOwnSuccessIsCommitted() throws IOException {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    store.onExclusive = (path, content) -> {
      memory.createExclusively(path, content);
      memory.createExclusively(path, content);
    };

    Snapshot snapshot = log(store).commit(Optional.empty(), Samples.add(1), catalog);

    assertThat(log(memory).current()).contains(snapshot);
    assertThat(store.deleted).isEmpty();
  }

  @Test
  void lostAnswerOfACommitThatAnotherWonIsAConflict() throws IOException {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    store.onExclusive = (path, content) -> {
      log(memory).commit(Optional.empty(), Samples.add(7), catalog);
      throw new CommitStateUnknownException("answer lost", new IOException("timeout"));
    };

    assertThatThrownBy(() -> log(store).commit(Optional.empty(), Samples.add(1), catalog))
        .isInstanceOfSatisfying(
            CommitConflictException.class,
            e -> assertThat(e.winner().runId()).isEqualTo(new UUID(2, 7)));
    assertThat(store.deleted).hasSize(2);
    assertWhole("winner", memory, log(memory).current().orElseThrow());
  }

  @Test
  void answerThatComesLateIsFoundByLookingAgain() throws IOException {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    List<Duration> pauses = new ArrayList<>();
    store.onExclusive = (path, content) -> {
      store.late = () -> memory.createExclusively(path, content);
      throw new CommitStateUnknownException("answer lost", new IOException("timeout"));
    };
    DatasetLog log = DatasetLog.open(store, Clock.systemUTC(), time -> {
      pauses.add(time);
      if (pauses.size() == 3) {
        try {
          store.late.run();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    });

    Snapshot snapshot = log.commit(Optional.empty(), Samples.add(1), catalog);

    assertThat(log(memory).current()).contains(snapshot);
    assertThat(pauses)
        .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(400));
  }

  @Test
  void unknownOutcomeStaysUnknownAndDeletesNothing() throws IOException {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    store.onExclusive = (path, content) -> {
      throw new CommitStateUnknownException("answer lost", new IOException("timeout"));
    };
    List<Duration> pauses = new ArrayList<>();
    DatasetLog log = DatasetLog.open(store, Clock.systemUTC(), pauses::add);

    assertThatThrownBy(() -> log.commit(Optional.empty(), Samples.add(1), catalog))
        .isInstanceOf(CommitStateUnknownException.class)
        .hasMessage("answer lost");
    assertThat(store.deleted).isEmpty();
    assertThat(memory.files()).hasSize(2);
    assertThat(pauses).hasSize(5);
  }

  @Test
  void versionHeldByAnUnreadableFileIsUnknownAndDeletesNothing() throws IOException {
    MemoryStore memory = new MemoryStore();
    memory.put("_pleat/snapshots/00000000000000000001.json", new byte[] {1, 2, 3});
    ScriptedStore store = new ScriptedStore(memory);

    assertThatThrownBy(() -> log(store).commit(Optional.empty(), Samples.add(1), catalog))
        .isInstanceOf(CommitStateUnknownException.class)
        .hasMessage("version 1 of memory:/test exists, but whose it is could not be read");
    assertThat(store.deleted).isEmpty();
  }

  @Test
  void staleBaseIsAConflictThatCleansUpOnlyItsOwnFiles() throws IOException {
    MemoryStore memory = new MemoryStore();
    Snapshot one = log(memory).commit(Optional.empty(), Samples.add(1), catalog);
    Snapshot two = log(memory).commit(Optional.of(one), Samples.kill(1, 3), catalog);
    List<LogicalPath> before = memory.files();

    assertThatThrownBy(() -> log(memory).commit(Optional.of(one), CHANGE_OF_ONE, catalog))
        .isInstanceOfSatisfying(CommitConflictException.class, e -> {
          assertThat(e.winner()).isEqualTo(two);
          assertThat(e).hasMessage("version 2 of memory:/test was committed by run " + two.runId());
        });
    assertThat(memory.files()).isEqualTo(before);
  }

  private static final SnapshotChange CHANGE_OF_ONE = new SnapshotChange(
      "fold",
      new UUID(9, 9),
      Samples.SOURCE_ROOT,
      List.of(Samples.container(100)),
      Map.of(Samples.id(1), DeletionVector.of(4, 5)),
      Samples.delta(1));

  @Test
  void probePassesWhereCreationIsExclusiveAndLeavesNoFile() throws IOException {
    MemoryStore memory = new MemoryStore();

    log(memory).probe();

    assertThat(memory.files()).isEmpty();
  }

  @Test
  void probeRefusesAStoreThatIgnoresTheCondition() {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    store.onExclusive = (path, content) -> memory.put(path.toString(), content);

    assertThatThrownBy(() -> log(store).probe())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("memory:/test does not honour conditional creation");
    assertThat(memory.files()).isEmpty();
  }

  @Test
  void probeRefusesAStoreThatOverwritesAndThenComplains() {
    MemoryStore memory = new MemoryStore();
    ScriptedStore store = new ScriptedStore(memory);
    store.onExclusive = (path, content) -> {
      boolean exists = memory.stat(path).isPresent();
      memory.put(path.toString(), content);
      if (exists) {
        throw new java.nio.file.FileAlreadyExistsException(path.toString());
      }
    };

    assertThatThrownBy(() -> log(store).probe())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not honour conditional creation");
    assertThat(memory.files()).isEmpty();
  }

  private long operationsOf(String operation) throws IOException {
    MemoryStore memory = new MemoryStore();
    Snapshot base = prepare(memory);
    FaultyStore counting = FaultyStore.counting(memory);
    log(counting).commit(Optional.of(base), change(operation, memory), catalog);
    return counting.operations();
  }

  /** Sixteen manifests, a deletion vector, reclaimed rows and tombstones. */
  private Snapshot prepare(MemoryStore memory) throws IOException {
    Optional<Snapshot> head = Optional.empty();
    for (int version = 1; version <= DatasetLog.MAX_MANIFESTS; version++) {
      head = Optional.of(log(memory).commit(head, Samples.add(version), catalog));
    }
    head = Optional.of(log(memory).commit(head, Samples.kill(1, 2), catalog));
    SnapshotChange more = Samples.change("prepare")
        .withNewlyReclaimed(Map.of(Samples.id(1), ReclaimedRows.of(6)))
        .withTombstonesAdded(List.of(Samples.tombstones(50)));
    return log(memory).commit(head, more, catalog);
  }

  private static DatasetLog log(Store store) {
    return DatasetLog.open(store, Clock.systemUTC(), time -> {});
  }

  /** Everything that the snapshot references can be read and is what it was said to be. */
  static void assertWhole(String what, Store store, Snapshot snapshot) throws IOException {
    DatasetLog log = log(store);
    for (ContainerSummary container : log.containers(snapshot)) {
      DeletionVector dead = log.deletionVector(snapshot, container.id());
      log.reclaimedRows(snapshot, container.id())
          .forEach(row -> assertThat(dead.contains(row)).as(what).isFalse());
    }
    for (ContainerSummary tombstones : log.tombstones(snapshot)) {
      assertThat(log.deadTombstones(snapshot, tombstones.id())).as(what).isNotNull();
    }
    StoredBytes.read(store, snapshot.catalog().containers());
    if (snapshot.catalog().deadRows().isPresent()) {
      StoredBytes.read(store, snapshot.catalog().deadRows().get());
    }
    assertThat(snapshot.catalog().deadRows().isPresent())
        .as(what)
        .isEqualTo(!snapshot.deletionVectors().isEmpty());
  }
}
