package io.pleat.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;

/**
 * Entries that each listing task of this JVM listed. A task is known by Spark's context, or, where a task lists on a thread that it
 * started for this, by that thread.
 */
final class TaskLedger {
  private static final Map<String, Listed> BY_TASK = new ConcurrentHashMap<>();

  private record Listed(long entries, long largestDirectory) {
    Listed plus(Listed other) {
      return new Listed(
          entries + other.entries, Math.max(largestDirectory, other.largestDirectory));
    }
  }

  private TaskLedger() {}

  static void clear() {
    BY_TASK.clear();
  }

  /** One directory of so many entries was listed by the task that this thread works for. */
  static void listed(long entries) {
    TaskContext context = TaskContext.get();
    String task = context != null
        ? "task " + context.taskAttemptId()
        : "thread " + Thread.currentThread().getId();
    BY_TASK.merge(task, new Listed(entries, entries), Listed::plus);
  }

  /** Entries a task, ascending, without tasks that met a directory of {@code indivisible} entries or more. */
  static List<Long> entriesByTask(long indivisible) {
    return BY_TASK.values().stream()
        .filter(listed -> listed.largestDirectory < indivisible)
        .map(Listed::entries)
        .sorted()
        .toList();
  }

  /** Entries of the tasks that met a directory of {@code indivisible} entries or more, ascending. */
  static List<Long> entriesByTaskOfIndivisible(long indivisible) {
    return BY_TASK.values().stream()
        .filter(listed -> listed.largestDirectory >= indivisible)
        .map(Listed::entries)
        .sorted()
        .toList();
  }
}
