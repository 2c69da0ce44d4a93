package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import java.util.List;

/** Containers whose live rows one task carries over, in order of their first keys. */
record CompactionGroup(List<ContainerWeight> containers) {
  CompactionGroup {
    containers = List.copyOf(containers);
    checkArgument(!containers.isEmpty(), "group of no containers");
  }

  long livePayloadBytes() {
    return containers.stream().mapToLong(ContainerWeight::livePayloadBytes).sum();
  }

  long liveStoredBytes() {
    return containers.stream().mapToLong(ContainerWeight::liveStoredBytes).sum();
  }

  long liveEntries() {
    return containers.stream().mapToLong(ContainerWeight::liveEntries).sum();
  }

  /** Whether the task has nothing to write. */
  boolean isEmpty() {
    return containers.stream().allMatch(ContainerWeight::isEmpty);
  }

  /** Bytes that the new containers take at most: payloads as stored, headers, index blocks. */
  long newBytes() {
    long bytes = 0;
    for (ContainerWeight each : containers) {
      long overhead = each.container().length() - each.container().storedBytes();
      bytes += each.liveStoredBytes() + Math.max(0, overhead);
    }
    return bytes;
  }

  /** How many containers take the place of these, about. */
  int newContainers(CompactionRules rules) {
    long cut = cut(rules);
    return isEmpty() ? 0 : (int) Math.max(1, (livePayloadBytes() + cut - 1) / cut);
  }

  /**
   * Where its containers are cut, in original bytes: pieces as near to the target as equal ones can be, so that no rest is far too small.
   */
  long cut(CompactionRules rules) {
    long total = livePayloadBytes();
    long pieces = Math.max(
        1, (long) Math.ceil(total / (rules.containerBytes() * (1 + CompactionRules.SMALL_FILL))));
    return Math.max(1, (total + pieces - 1) / pieces);
  }
}
