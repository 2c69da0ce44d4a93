package io.pleat.bench.index;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Opens a candidate, looks up, lists. Arguments: {@code CANDIDATE CORPUS FOLDER WARMUPS ITERATIONS MILLIS BENCHMARKS COMPRESSED}, where BENCHMARKS is
 * a regular expression of {@link Lookups}' methods. JMH runs inside this JVM, which is the fork: it holds nothing but this candidate. Prints JSON.
 */
public final class IndexMeasure {
  private static final int QUERIES = 1 << 20;
  private static final int CHECKED = 1 << 14;

  /** More of the present ones, so that a rival's cache is warm. */
  private static final int CHECKED_PRESENT = 1 << 18;

  private static final int OPENINGS = 5;

  private IndexMeasure() {}

  public static void main(String[] args) throws Exception {
    Candidate candidate = Candidates.named(args[0]);
    Path corpus = Path.of(args[1]);
    Path folder = Path.of(args[2]);
    Path queries = IndexCorpus.queriesOf(corpus);
    Lookups.present = Queries.read(queries, Queries.Kind.PRESENT, QUERIES);
    Lookups.absentName = Queries.read(queries, Queries.Kind.ABSENT_NAME, QUERIES);
    Lookups.absentDirectory = Queries.read(queries, Queries.Kind.ABSENT_DIRECTORY, QUERIES);
    StringBuilder json = new StringBuilder("{");

    long heap = usedHeap();
    long start = System.nanoTime();
    OpenIndex index = candidate.open(folder);
    double open = (System.nanoTime() - start) / 1e6;
    number(json, "firstOpenMillis", open);
    for (int i = 0; i < OPENINGS && open < 1_000; i++) {
      index.close();
      start = System.nanoTime();
      index = candidate.open(folder);
      open = Math.min(open, (System.nanoTime() - start) / 1e6);
    }
    number(json, "openMillis", open);
    Lookups.index = index;
    number(json, "wrong", wrongAnswers(index));
    lookups(json, args, args[6], 1);
    lookups(json, args, "present", 2);

    long[] count = {0};
    double listing = 0;
    for (int i = 0; i < 2 && index.isExact(); i++) {
      start = CpuTime.nanosWithCollections();
      count[0] = 0;
      index.list((path, length) -> count[0] += path[0] != 0 ? 1 : 0);
      listing = Math.max(listing, count[0] / ((CpuTime.nanosWithCollections() - start) / 1e9));
    }
    number(json, "listedPerSecond", listing);
    number(json, "heap", usedHeap() - heap);
    map(json, "resident", index.resident());
    map(json, "atRest", candidate.atRest(folder));
    map(json, "compressed", args[7].equals("yes") ? index.compressed() : Map.of());
    number(json, "collectionMillis", CpuTime.collectionMillis());
    json.setLength(json.length() - 2);
    System.out.println(json.append("}"));
    System.exit(0); // Some rivals leave threads behind.
  }

  private static int wrongAnswers(OpenIndex index) throws Exception {
    int wrong = 0;
    for (int i = 0; i < Math.min(CHECKED_PRESENT, Lookups.present.count()); i++) {
      wrong += index.find(Lookups.present.path(i)) == Lookups.present.ordinals[i] ? 0 : 1;
    }
    for (int i = 0; i < Math.min(CHECKED, Lookups.present.count()); i++) {
      wrong += index.find(Lookups.absentName.path(i)) < 0 ? 0 : 1;
      wrong += index.find(Lookups.absentDirectory.path(i)) < 0 ? 0 : 1;
    }
    return wrong;
  }

  private static void lookups(StringBuilder json, String[] args, String benchmarks, int threads)
      throws RunnerException {
    for (String benchmark : benchmarks.split("\\|")) {
      int warmups = Integer.parseInt(args[3]);
      Lookups.CPU_NANOS.clear();
      Options options = new OptionsBuilder()
          .include("\\.Lookups\\." + benchmark + "$")
          .forks(0)
          .threads(threads)
          .warmupIterations(warmups)
          .measurementIterations(Integer.parseInt(args[4]))
          .warmupTime(TimeValue.milliseconds(Long.parseLong(args[5])))
          .measurementTime(TimeValue.milliseconds(Long.parseLong(args[5])))
          .verbosity(VerboseMode.SILENT)
          .build();
      RunResult result = new Runner(options).runSingle();
      number(json, "nanos " + benchmark + threads, lowerQuartile(warmups * threads));
      double wall = result.getPrimaryResult().getStatistics().getPercentile(50);
      number(json, "wall " + benchmark + threads, wall);
    }
  }

  /* What disturbs a lookup only makes it slower: the lower quartile of the iterations is nearer to its cost than their median. */
  private static double lowerQuartile(int warmups) {
    double[] counted = Lookups.CPU_NANOS.stream()
        .skip(warmups)
        .mapToDouble(Double::doubleValue)
        .sorted()
        .toArray();
    return counted[counted.length / 4];
  }

  private static long usedHeap() throws InterruptedException {
    for (int i = 0; i < 2; i++) {
      System.gc();
      Thread.sleep(100);
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void number(StringBuilder json, String name, double value) {
    json.append(String.format(Locale.ROOT, "\"%s\": %.3f, ", name, value));
  }

  private static void map(StringBuilder json, String name, Map<String, ? extends Number> values) {
    String rows = values.entrySet().stream()
        .map(row -> String.format(
            Locale.ROOT, "\"%s\": %.3f", row.getKey(), row.getValue().doubleValue()))
        .collect(Collectors.joining(", "));
    json.append("\"").append(name).append("\": {").append(rows).append("}, ");
  }
}
