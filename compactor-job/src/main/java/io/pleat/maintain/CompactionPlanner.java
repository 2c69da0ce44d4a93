package io.pleat.maintain;

import io.pleat.dataset.ContainerSummary;
import io.pleat.format.ContainerId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Chooses what is rewritten, and what with what. Pure: the same containers give the same plan. Once its plan is carried out, planning again finds
 * nothing.
 */
final class CompactionPlanner {
  private final CompactionRules rules;

  CompactionPlanner(CompactionRules rules) {
    this.rules = rules;
  }

  /**
   * The groups to rewrite, in order of their first keys.
   *
   * @param weights of all containers of the snapshot, in any order
   * @param excluded containers that are left alone
   */
  List<CompactionGroup> plan(List<ContainerWeight> weights, Set<ContainerId> excluded) {
    List<ContainerWeight> candidates = new ArrayList<>();
    for (ContainerWeight weight : weights) {
      if (!excluded.contains(weight.container().id())) {
        candidates.add(weight);
      }
    }
    candidates.sort((a, b) -> compare(a.container(), b.container()));
    long small = candidates.stream()
        .filter(weight -> isSmall(weight) && !weight.isEmpty())
        .count();
    boolean mergesSmall = small >= rules.minSmall();
    List<CompactionGroup> groups = new ArrayList<>();
    List<ContainerWeight> bin = new ArrayList<>();
    for (ContainerWeight weight : candidates) {
      if (isMostlyDead(weight) && (weight.isEmpty() || !isSmall(weight))) {
        groups.add(new CompactionGroup(List.of(weight)));
      } else if (isSmall(weight) && (mergesSmall || isMostlyDead(weight))) {
        if (fill(bin) + fill(weight) > 1) {
          close(bin, groups);
          bin = new ArrayList<>();
        }
        bin.add(weight);
      }
    }
    close(bin, groups);
    groups.sort((a, b) ->
        compare(a.containers().get(0).container(), b.containers().get(0).container()));
    return groups;
  }

  /** A small container alone gains nothing from a rewrite, unless it is mostly dead. */
  private void close(List<ContainerWeight> bin, List<CompactionGroup> groups) {
    if (bin.size() > 1 || bin.size() == 1 && isMostlyDead(bin.get(0))) {
      groups.add(new CompactionGroup(bin));
    }
  }

  private boolean isMostlyDead(ContainerWeight weight) {
    return weight.deadShare() >= rules.minDeadShare();
  }

  private boolean isSmall(ContainerWeight weight) {
    return fill(weight) < CompactionRules.SMALL_FILL;
  }

  /** How full a container of what is live would be: 1 is as it is meant to be. */
  private double fill(ContainerWeight weight) {
    double live = weight.container().entries() == 0
        ? 1
        : (double) weight.liveEntries() / weight.container().entries();
    return Math.max(
        Math.max(
            (double) weight.livePayloadBytes() / rules.containerBytes(),
            (double) weight.liveEntries() / rules.maxEntries()),
        live * weight.container().indexBytes() / CompactionRules.FULL_INDEX_BYTES);
  }

  private double fill(List<ContainerWeight> bin) {
    return bin.stream().mapToDouble(this::fill).sum();
  }

  private static int compare(ContainerSummary a, ContainerSummary b) {
    int order = Arrays.compareUnsigned(a.range().first(), b.range().first());
    return order != 0 ? order : a.id().compareTo(b.id());
  }
}
