package io.pleat.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.FileReference;
import io.pleat.dataset.KeyRange;
import io.pleat.format.ContainerId;
import io.pleat.format.FilterSection;
import io.pleat.format.LogicalPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TestCompactionPlanner {
  private static final CompactionRules RULES =
      CompactionRules.defaults().withContainerBytes(1000).withMaxEntries(100);

  @Test
  void fullContainersThatAreLiveAreLeftAlone() {
    assertThat(plan(full(1), full(2), full(3), full(4))).isEmpty();
  }

  @Test
  void containerOfWhichHalfTheEntriesAreDeadIsRewritten() {
    assertThat(plan(full(1), part(2, 80, 1000, 40, 900), full(3))).containsExactly(Set.of(2));
    assertThat(plan(full(1), part(2, 80, 1000, 41, 900), full(3))).isEmpty();
  }

  @Test
  void containerOfWhichHalfTheStoredBytesAreDeadIsRewritten() {
    assertThat(plan(part(1, 80, 1000, 79, 500))).containsExactly(Set.of(1));
    assertThat(plan(part(1, 80, 1000, 79, 501))).isEmpty();
  }

  @Test
  void theShareThatIsDeadCanBeSaid() {
    CompactionPlanner planner = new CompactionPlanner(RULES.withMinDeadShare(0.1));
    assertThat(ids(planner.plan(List.of(part(1, 80, 1000, 79, 900), full(2)), Set.of())))
        .containsExactly(Set.of(1));
  }

  @Test
  void containerWithoutALiveRowGoesWithoutAWrite() {
    List<CompactionGroup> groups = groups(full(1), part(2, 80, 1000, 0, 0));
    assertThat(ids(groups)).containsExactly(Set.of(2));
    assertThat(groups.get(0).isEmpty()).isTrue();
    assertThat(groups.get(0).newBytes()).isLessThan(1000);
  }

  @Test
  void directoriesAloneCount() {
    ContainerWeight half = weight(container(1, 0, 0, 10), 0, 5, 0);
    ContainerWeight most = weight(container(2, 0, 0, 10), 0, 6, 0);
    assertThat(plan(half, most)).containsExactly(Set.of(1));
  }

  @Test
  void fewSmallContainersAreLeftAlone() {
    assertThat(plan(small(1), small(2), small(3), full(4))).isEmpty();
  }

  @Test
  void severalSmallContainersBecomeOne() {
    assertThat(plan(small(1), full(2), small(3), small(4), small(5)))
        .containsExactly(Set.of(1, 3, 4, 5));
  }

  @Test
  void mergingStopsBeforeAContainerIsTooLarge() {
    List<ContainerWeight> all = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      all.add(part(i, 10, 240, 10, 240));
    }
    assertThat(ids(new CompactionPlanner(RULES).plan(all, Set.of())))
        .containsExactly(Set.of(1, 2, 3, 4), Set.of(5, 6, 7, 8), Set.of(9, 10));
  }

  @Test
  void mergingStopsBeforeAContainerHasTooManyEntries() {
    List<ContainerWeight> all = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      all.add(part(i, 24, 1, 24, 1));
    }
    assertThat(ids(new CompactionPlanner(RULES).plan(all, Set.of())))
        .containsExactly(Set.of(1, 2, 3, 4), Set.of(5, 6));
  }

  @Test
  void smallRestsOfMostlyDeadContainersAreMergedWithoutOtherSmallOnes() {
    assertThat(plan(part(1, 80, 1000, 8, 100), full(2), part(3, 80, 1000, 8, 100), small(4)))
        .containsExactly(Set.of(1, 3));
  }

  @Test
  void excludedContainersAreLeftAlone() {
    List<ContainerWeight> all = List.of(part(1, 80, 1000, 1, 1), part(2, 80, 1000, 1, 1));
    assertThat(ids(new CompactionPlanner(RULES).plan(all, Set.of(id(1)))))
        .containsExactly(Set.of(2));
  }

  @Test
  void cutsLeaveNoSmallRest() {
    assertThat(cut(900)).isEqualTo(900);
    assertThat(cut(1250)).isEqualTo(1250);
    assertThat(cut(1300)).isEqualTo(650);
    assertThat(cut(4000)).isEqualTo(1000);
  }

  private static long cut(long payloadBytes) {
    ContainerWeight weight = part(1, 90, 10_000, 40, payloadBytes);
    return new CompactionGroup(List.of(weight)).cut(RULES);
  }

  @Test
  void planningAgainOnceThePlanWasCarriedOutFindsNothing() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      List<ContainerWeight> all = new ArrayList<>();
      int count = random.nextInt(40);
      for (int i = 1; i <= count; i++) {
        int entries = 1 + random.nextInt(100);
        long bytes = random.nextInt(4) == 0 ? random.nextInt(1001) : random.nextInt(300);
        double live = random.nextBoolean() ? 1 : random.nextDouble();
        all.add(part(i, entries, bytes, (int) (entries * live), (long) (bytes * live)));
      }
      CompactionPlanner planner = new CompactionPlanner(RULES
          .withMinDeadShare(0.05 + 0.95 * random.nextDouble())
          .withMinSmall(2 + random.nextInt(4)));
      List<CompactionGroup> groups = planner.plan(all, Set.of());
      Set<ContainerId> replaced = new HashSet<>();
      List<ContainerWeight> after = new ArrayList<>();
      for (CompactionGroup group : groups) {
        group
            .containers()
            .forEach(each -> assertThat(replaced.add(each.container().id()))
                .as("seed %s: in one group", seed)
                .isTrue());
        if (!group.isEmpty()) {
          assertThat(group.livePayloadBytes()).as("seed %s", seed).isLessThanOrEqualTo(1001);
          assertThat(group.liveEntries()).as("seed %s", seed).isLessThanOrEqualTo(100);
          after.add(part(
              1000 + after.size(),
              (int) group.liveEntries(),
              group.livePayloadBytes(),
              (int) group.liveEntries(),
              group.livePayloadBytes()));
        }
      }
      all.stream()
          .filter(weight -> !replaced.contains(weight.container().id()))
          .forEach(after::add);
      assertThat(ids(planner.plan(after, Set.of())))
          .as("seed %s, round %s", seed, round)
          .isEmpty();
    }
  }

  private static List<Set<Integer>> plan(ContainerWeight... weights) {
    return ids(groups(weights));
  }

  private static List<CompactionGroup> groups(ContainerWeight... weights) {
    return new CompactionPlanner(RULES).plan(List.of(weights), Set.of());
  }

  private static List<Set<Integer>> ids(List<CompactionGroup> groups) {
    List<Set<Integer>> ids = new ArrayList<>();
    for (CompactionGroup group : groups) {
      Set<Integer> one = new HashSet<>();
      group.containers().forEach(each -> one.add((int) each.container().id().leastSignificant()));
      ids.add(one);
    }
    return ids;
  }

  private static ContainerWeight full(int number) {
    return part(number, 90, 1000, 90, 1000);
  }

  private static ContainerWeight small(int number) {
    return part(number, 3, 30, 3, 30);
  }

  private static ContainerWeight part(
      int number, int entries, long bytes, int liveEntries, long liveBytes) {
    return weight(container(number, entries, bytes, 0), liveEntries, 0, liveBytes);
  }

  private static ContainerWeight weight(
      ContainerSummary container, int liveEntries, int liveDirectories, long liveBytes) {
    return new ContainerWeight(container, liveEntries, liveDirectories, liveBytes, liveBytes);
  }

  private static ContainerId id(int number) {
    return new ContainerId(0, number);
  }

  private static ContainerSummary container(int number, int entries, long bytes, int directories) {
    LogicalPath path = LogicalPath.of(String.format(Locale.ROOT, "f%06d", number));
    return new ContainerSummary(
        id(number),
        bytes + 500,
        0,
        bytes + 300,
        entries,
        0,
        directories,
        bytes,
        bytes,
        0,
        new KeyRange(path.fileKey(), path.fileKey()),
        1,
        new FileReference(LogicalPath.of("catalog/files/" + number), 1, 1),
        FilterSection.NONE);
  }
}
