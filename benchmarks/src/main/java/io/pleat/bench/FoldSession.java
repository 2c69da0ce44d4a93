package io.pleat.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.GarbageCollectionNotificationInfo;
import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.spark.SparkFold;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One Spark context that folds on request, so that a harness can measure folds without the start of a JVM and of Spark, and put
 * rivals between them. Arguments: {@code MASTER [KEY=VALUE]...}, the latter Spark settings. Each line of standard input is a JSON
 * object with {@code source}, {@code dataset} and, if wanted, {@code containerSize} (bytes), {@code codec}, {@code parallelism},
 * {@code dryRun} and {@code configuration} (Hadoop settings); each answer is a line of JSON. Ends with its input.
 */
public final class FoldSession {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicLong PEAK_LIVE_HEAP = new AtomicLong();

  private FoldSession() {}

  /** Starts the context and serves requests. */
  public static void main(String[] args) throws IOException {
    watchHeap();
    long start = System.nanoTime();
    // What bin/pleat sets for an embedded run.
    SparkConf configuration = new SparkConf()
        .setAppName("Pleat benchmark")
        .setMaster(args[0])
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    for (int i = 1; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      configuration.set(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    JavaSparkContext context = new JavaSparkContext(configuration);
    answer(Map.of(
        "ready", true,
        "startSeconds", (System.nanoTime() - start) / 1e9,
        "jvmSeconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1e3));
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      answer(fold(context, JSON.readTree(line)));
    }
    context.stop();
  }

  private static Map<String, Object> fold(JavaSparkContext context, JsonNode wanted)
      throws IOException {
    FoldOptions defaults = FoldOptions.defaults();
    FoldOptions options = new FoldOptions(
        defaults.maxFileSize(),
        wanted.path("containerSize").asLong(defaults.containerSize()),
        defaults.maxEntries(),
        CodecChoice.parse(wanted.path("codec").asText(defaults.codec().toString())),
        List.of(),
        List.of(),
        false,
        wanted.path("dryRun").asBoolean(false),
        false,
        wanted.path("parallelism").asInt(0),
        0,
        0);
    Map<String, String> configuration = new HashMap<>();
    wanted
        .path("configuration")
        .properties()
        .forEach(e -> configuration.put(e.getKey(), e.getValue().asText()));
    FoldRequest request = new FoldRequest(
        wanted.path("source").asText(), wanted.path("dataset").asText(), configuration, options);
    TaskLedger.clear();
    SlowStore.clear();
    PEAK_LIVE_HEAP.set(0);

    long start = System.nanoTime();
    FoldReport report = SparkFold.fold(context, request, ProgressListener.NONE);
    double seconds = (System.nanoTime() - start) / 1e9;

    Map<String, Object> result = new LinkedHashMap<>(report.toMap());
    result.put("seconds", seconds);
    result.put("listed", listed(wanted.path("indivisible").asLong(Long.MAX_VALUE)));
    result.put("peakBytesInReads", SlowStore.peakBytesInReads());
    result.put("peakReads", SlowStore.peakReads());
    result.put("peakLiveHeapBytes", PEAK_LIVE_HEAP.get());
    result.put("peakRssBytes", peakRss());
    return result;
  }

  private static Map<String, Object> listed(long indivisible) {
    List<Long> tasks = TaskLedger.entriesByTask(indivisible);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("tasks", tasks.size());
    result.put("indivisible", TaskLedger.entriesByTaskOfIndivisible(indivisible));
    if (!tasks.isEmpty()) {
      result.put("min", tasks.get(0));
      result.put("median", tasks.get(tasks.size() / 2));
      result.put("max", tasks.get(tasks.size() - 1));
    }
    return result;
  }

  /* What survives a collection is what the fold holds; between collections a heap fills up whatever a program does. */
  private static void watchHeap() {
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
              },
              n -> n.getType()
                  .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
              null);
    }
  }

  /* The process's high-water mark; 0 where there is no /proc. */
  private static long peakRss() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return 0;
  }

  private static void answer(Map<String, Object> result) throws IOException {
    System.out.println(JSON.writeValueAsString(result));
    System.out.flush();
  }
}
