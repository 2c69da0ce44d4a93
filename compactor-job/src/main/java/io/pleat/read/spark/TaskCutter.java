package io.pleat.read.spark;

import io.pleat.dataset.ContainerSummary;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts containers into tasks of about the same work: a large one into several by ordinals, which are in the order of places in it, small
 * ones together. So many bytes a task as Spark's own file sources take: no more than {@code spark.sql.files.maxPartitionBytes}, less if
 * there would else be cores without a task.
 */
final class TaskCutter {
  /** What a row costs beside its content: an estimate, in bytes. */
  private static final long ROW_BYTES = 128;

  private static final long LEAST_TASK = 4 << 20;

  private final List<ContainerSummary> containers;
  private final boolean withContent;
  private final long mostBytes;
  private final int parallelism;

  /** @param withContent whether the files' bytes are read */
  TaskCutter(
      List<ContainerSummary> containers, boolean withContent, long mostBytes, int parallelism) {
    this.containers = containers;
    this.withContent = withContent;
    this.mostBytes = mostBytes;
    this.parallelism = parallelism;
  }

  /** Bytes that reading a container takes, about. */
  long weight(ContainerSummary container) {
    long content = withContent ? container.storedBytes() + container.passThroughBytes() : 0;
    return container.entries() * ROW_BYTES + content;
  }

  /** @param wanted numbers of containers, ascending */
  List<Slice.Task> cut(List<Integer> wanted, ContainerHosts hosts) {
    long all =
        wanted.stream().mapToLong(number -> weight(containers.get(number))).sum();
    long most = Math.min(mostBytes, Math.max(LEAST_TASK, all / parallelism));
    List<Slice.Task> tasks = new ArrayList<>();
    List<Slice> open = new ArrayList<>();
    long openBytes = 0;
    for (int number : wanted) {
      ContainerSummary container = containers.get(number);
      long weight = weight(container);
      if (openBytes > 0 && openBytes + weight > most) {
        tasks.add(task(open, hosts));
        open = new ArrayList<>();
        openBytes = 0;
      }
      int pieces = (int) Math.min(container.entries(), (weight + most - 1) / most);
      if (pieces <= 1) {
        open.add(new Slice(number, 0, container.entries()));
        openBytes += weight;
        continue;
      }
      for (long piece = 0; piece < pieces; piece++) {
        int from = (int) (container.entries() * piece / pieces);
        int to = (int) (container.entries() * (piece + 1) / pieces);
        tasks.add(task(List.of(new Slice(number, from, to)), hosts));
      }
    }
    if (!open.isEmpty()) {
      tasks.add(task(open, hosts));
    }
    return tasks;
  }

  private Slice.Task task(List<Slice> slices, ContainerHosts hosts) {
    if (!withContent) {
      return new Slice.Task(List.copyOf(slices), List.of());
    }
    Slice middle = slices.get(slices.size() / 2);
    ContainerSummary container = containers.get(middle.container());
    double place = ((double) middle.from() + middle.to()) / 2 / container.entries();
    return new Slice.Task(
        List.copyOf(slices), hosts.at(container.id(), (long) (place * container.indexOffset())));
  }
}
