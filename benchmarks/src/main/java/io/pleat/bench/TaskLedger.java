package io.pleat.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.spark.TaskContext;

/** Entries that each Spark task of this JVM listed, directory by directory. */
final class TaskLedger {
  private static final Map<Long, LongAdder> BY_TASK = new ConcurrentHashMap<>();
  private static final Map<Long, Long> LARGEST_DIRECTORY = new ConcurrentHashMap<>();

  /** Stands for whatever was listed outside of any task: by the driver, or by a thread that a task started. */
  private static final long NO_TASK = -1;

  private TaskLedger() {}

  static void clear() {
    BY_TASK.clear();
    LARGEST_DIRECTORY.clear();
  }

  /** One directory of so many entries was listed by the task that runs on this thread. */
  static void listed(long entries) {
    TaskContext context = TaskContext.get();
    long task = context == null ? NO_TASK : context.taskAttemptId();
    BY_TASK.computeIfAbsent(task, t -> new LongAdder()).add(entries);
    LARGEST_DIRECTORY.merge(task, entries, Math::max);
  }

  /** Entries a task, ascending. */
  static List<Long> entriesByTask() {
    return BY_TASK.entrySet().stream()
        .filter(e -> e.getKey() != NO_TASK)
        .map(e -> e.getValue().sum())
        .sorted()
        .toList();
  }

  /** Entries a task, ascending, the indivisible one left out: the task that met the largest directory, if that alone fills it. */
  static List<Long> entriesByTaskOfDivisible(long indivisible) {
    return BY_TASK.entrySet().stream()
        .filter(e -> e.getKey() != NO_TASK)
        .filter(e -> LARGEST_DIRECTORY.get(e.getKey()) < indivisible)
        .map(e -> e.getValue().sum())
        .sorted()
        .toList();
  }

  /** Entries listed outside of any task. */
  static long entriesOutsideTasks() {
    LongAdder outside = BY_TASK.get(NO_TASK);
    return outside == null ? 0 : outside.sum();
  }
}
