package io.pleat.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pleat.fold.CodecChoice;
import io.pleat.fold.FoldOptions;
import io.pleat.fold.FoldReport;
import io.pleat.fold.FoldRequest;
import io.pleat.fold.MirrorDeletes;
import io.pleat.fold.ProgressListener;
import io.pleat.fold.spark.SparkFold;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * One Spark context that folds on request, so that a harness can measure folds without the start of a JVM and of Spark, and put
 * rivals between them. Arguments: {@code MASTER [KEY=VALUE]...}, the latter Spark settings. Each line of standard input is a JSON
 * object with {@code source}, {@code dataset} and, if wanted, {@code containerSize} (bytes), {@code maxEntries}, {@code codec}, {@code parallelism},
 * {@code dryRun} and {@code configuration} (Hadoop settings); each answer is a line of JSON. Ends with its input.
 */
public final class FoldSession {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FoldSession() {}

  /** Starts the context and serves requests. */
  public static void main(String[] args) throws IOException {
    ProcessMemory.watch();
    long start = System.nanoTime();
    // What bin/pleat sets for an embedded run.
    SparkConf configuration = new SparkConf()
        .setAppName("Pleat benchmark")
        .setMaster(args[0])
        .set("spark.ui.enabled", "false")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.rdd.compress", "true")
        .set("spark.kryo.referenceTracking", "false")
        .set("spark.ui.retainedTasks", "1000")
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
        wanted.path("maxEntries").asInt(defaults.maxEntries()),
        CodecChoice.parse(wanted.path("codec").asText(defaults.codec().toString())),
        List.of(),
        List.of(),
        MirrorDeletes.OFF,
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
    ProcessMemory.clear();

    long start = System.nanoTime();
    FoldReport report = SparkFold.fold(context, request, ProgressListener.NONE);
    double seconds = (System.nanoTime() - start) / 1e9;

    Map<String, Object> result = new LinkedHashMap<>(report.toMap());
    result.put("seconds", seconds);
    result.put("listed", listed(wanted.path("indivisible").asLong(Long.MAX_VALUE)));
    result.put("peakBytesInReads", SlowStore.peakBytesInReads());
    result.put("peakReads", SlowStore.peakReads());
    result.put("peakLiveHeapBytes", ProcessMemory.peakLiveHeap());
    result.put("longestPauseMillis", ProcessMemory.longestPauseMillis());
    result.put("peakRssBytes", ProcessMemory.peakRss());
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

  private static void answer(Map<String, Object> result) throws IOException {
    System.out.println(JSON.writeValueAsString(result));
    System.out.flush();
  }
}
