package io.pleat.read.hadoop;

import io.pleat.read.Latencies;
import io.pleat.read.ReadStatistics;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.fs.statistics.IOStatistics;
import org.apache.hadoop.fs.statistics.impl.DynamicIOStatisticsBuilder;
import org.apache.hadoop.fs.statistics.impl.IOStatisticsBinding;

/** A dataset's counters in Hadoop's terms: {@code fallbackReads} is {@code pleat_fallback_reads}, and so on. */
final class ReadIoStatistics {
  /** Those that fall, too. */
  private static final Set<String> GAUGES = Set.of("avoidedContainers", "pooledBuffersOut");

  private static final double MEDIAN = 50;
  private static final double ALMOST_ALL = 99;
  private static final double MICRO = 1e3;

  private ReadIoStatistics() {}

  /** A view: it shows what has been counted when it is asked. */
  static IOStatistics of(ReadStatistics reads) {
    DynamicIOStatisticsBuilder builder = IOStatisticsBinding.dynamicIOStatistics();
    for (String name : reads.counters().keySet()) {
      if (GAUGES.contains(name)) {
        builder.withLongFunctionGauge(key(name), key -> reads.counters().get(name));
      } else {
        builder.withLongFunctionCounter(key(name), key -> reads.counters().get(name));
      }
    }
    latencies(builder, "pleat_read", reads.readLatency());
    latencies(builder, "pleat_store_read", reads.storeReadLatency());
    return builder.build();
  }

  private static void latencies(
      DynamicIOStatisticsBuilder builder, String name, Latencies latencies) {
    builder.withLongFunctionGauge(name + "_median_micros", key -> micros(latencies, MEDIAN));
    builder.withLongFunctionGauge(name + "_p99_micros", key -> micros(latencies, ALMOST_ALL));
  }

  private static long micros(Latencies latencies, double percentile) {
    return Math.round(latencies.histogram().getValueAtPercentile(percentile) / MICRO);
  }

  /** How Hadoop writes names. */
  private static String key(String name) {
    return "pleat_" + name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
