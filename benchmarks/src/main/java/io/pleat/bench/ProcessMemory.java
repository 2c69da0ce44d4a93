package io.pleat.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** What this process holds in memory, and for how long its collector stopped it. */
public final class ProcessMemory {
  private static final AtomicLong PEAK_LIVE_HEAP = new AtomicLong();
  private static final AtomicLong LONGEST_PAUSE = new AtomicLong();

  private ProcessMemory() {}

  /** Begins to watch. What survives a collection is what the program holds; between collections a heap fills up whatever a program does. */
  public static void watch() {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, handback) -> {
                GarbageCollectionNotificationInfo info = GarbageCollectionNotificationInfo.from(
                    (CompositeData) notification.getUserData());
                long live = info.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
                    .filter(e -> !e.getKey().contains("Metaspace")
                        && !e.getKey().contains("Code")
                        && !e.getKey().contains("Compressed Class"))
                    .map(Map.Entry::getValue)
                    .mapToLong(MemoryUsage::getUsed)
                    .sum();
                PEAK_LIVE_HEAP.accumulateAndGet(live, Math::max);
                LONGEST_PAUSE.accumulateAndGet(info.getGcInfo().getDuration(), Math::max);
              },
              n -> n.getType()
                  .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
              null);
    }
  }

  /** Forgets the peaks. */
  public static void clear() {
    PEAK_LIVE_HEAP.set(0);
    LONGEST_PAUSE.set(0);
  }

  /** Most heap in use after a collection since {@link #clear()}, in bytes. */
  public static long peakLiveHeap() {
    return PEAK_LIVE_HEAP.get();
  }

  /** Longest collection since {@link #clear()}. */
  public static long longestPauseMillis() {
    return LONGEST_PAUSE.get();
  }

  /** The process's largest resident set so far, in bytes; 0 where there is no /proc. */
  static long peakRss() throws IOException {
    return status("VmHWM:");
  }

  /** The process's resident set now, in bytes; 0 where there is no /proc. */
  static long rss() throws IOException {
    return status("VmRSS:");
  }

  private static long status(String name) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }
}
