package io.pleat.bench.index;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** CPU time, so that other work on the machine counts for less than it would in a clock's time. */
final class CpuTime {
  private CpuTime() {}

  /** Of this thread so far. */
  static long nanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** Of this thread, and of the collections that stopped it. */
  static long nanosWithCollections() {
    return nanos() + collectionMillis() * 1_000_000;
  }

  static long collectionMillis() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionTime)
        .sum();
  }
}
