package io.pleat.read.prometheus;

import static java.util.Objects.requireNonNull;

import io.pleat.read.FoldedDataset;
import io.pleat.read.Latencies;
import io.pleat.read.ReadStatistics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * {@link ReadStatistics} of open datasets as Prometheus metrics whose names begin with {@code pleat_reader_}: register it with a {@code PrometheusRegistry},
 * and whatever serves that serves them. Labels are {@code dataset}, its location, and {@code reader}, a number. Thread-safe.
 */
public final class ReaderMetrics implements MultiCollector {
  private static final String PREFIX = "pleat_reader_";
  private static final double NANOS = 1e9;
  private static final double[] QUANTILES = {0.5, 0.9, 0.99};

  private record Counted(String name, String help, ToLongFunction<ReadStatistics> value) {}

  private static final List<Counted> COUNTERS = List.of(
      new Counted("lookups", "Paths looked up, found or not.", ReadStatistics::lookups),
      new Counted("files", "Files whose bytes were handed out.", ReadStatistics::filesRead),
      new Counted("bytes", "Their original bytes.", ReadStatistics::bytesRead),
      new Counted(
          "pass_through_reads",
          "Pass-through files read or opened at their original place.",
          ReadStatistics::passThroughReads),
      new Counted("store_reads", "Positional reads of containers.", ReadStatistics::storeReads),
      new Counted("store_bytes", "Bytes that they asked for.", ReadStatistics::storeBytes),
      new Counted("container_opens", "Containers opened.", ReadStatistics::containerOpens),
      new Counted("index_loads", "Index blocks loaded.", ReadStatistics::indexLoads),
      new Counted(
          "index_evictions", "Index blocks that made room.", ReadStatistics::indexEvictions),
      new Counted(
          "index_hits", "Uses of an index block that was in memory.", ReadStatistics::indexHits),
      new Counted(
          "index_misses",
          "Uses of an index block that had to be loaded.",
          ReadStatistics::indexMisses),
      new Counted(
          "joined_reads", "Reads that answered more than one file.", ReadStatistics::joinedReads),
      new Counted("joined_files", "Files that these answered.", ReadStatistics::joinedFiles),
      new Counted("gap_bytes", "Bytes between them, for nothing.", ReadStatistics::gapBytes),
      new Counted("retries", "Reads of containers that were repeated.", ReadStatistics::retries),
      new Counted(
          "fallback_reads",
          "Folded files whose bytes came from their originals.",
          ReadStatistics::fallbackReads),
      new Counted("fallback_bytes", "Their bytes.", ReadStatistics::fallbackBytes),
      new Counted(
          "failed_fallbacks",
          "Times that an original could not stand in.",
          ReadStatistics::failedFallbacks));

  private static final List<Counted> GAUGES = List.of(
      new Counted(
          "pooled_buffers_out",
          "Pooled buffers not released yet.",
          ReadStatistics::pooledBuffersOut),
      new Counted(
          "avoided_containers",
          "Containers that are avoided now, as a whole or in part.",
          ReadStatistics::avoidedContainers));

  private static final AtomicLong IDS = new AtomicLong();

  private record Reader(FoldedDataset dataset, Labels labels) {}

  private final List<Reader> readers = new CopyOnWriteArrayList<>();

  /** Tells of a dataset from now on, until it is removed. */
  public void add(FoldedDataset dataset) {
    requireNonNull(dataset, "dataset is null");
    Labels labels =
        Labels.of("dataset", dataset.location(), "reader", String.valueOf(IDS.incrementAndGet()));
    readers.add(new Reader(dataset, labels));
  }

  /** Tells of it no more. */
  public void remove(FoldedDataset dataset) {
    readers.removeIf(reader -> reader.dataset() == dataset);
  }

  @Override
  public MetricSnapshots collect() {
    List<Reader> now = List.copyOf(readers);
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    if (now.isEmpty()) {
      return all.build();
    }
    for (Counted counted : COUNTERS) {
      CounterSnapshot.Builder counter =
          CounterSnapshot.builder().name(PREFIX + counted.name()).help(counted.help());
      for (Reader reader : now) {
        counter.dataPoint(CounterDataPointSnapshot.builder()
            .labels(reader.labels())
            .value(counted.value().applyAsLong(reader.dataset().statistics()))
            .build());
      }
      all.metricSnapshot(counter.build());
    }
    for (Counted counted : GAUGES) {
      all.metricSnapshot(gauge(
          now,
          counted.name(),
          counted.help(),
          reader -> counted.value().applyAsLong(reader.dataset().statistics())));
    }
    all.metricSnapshot(gauge(
        now, "snapshot", "The pinned version.", r -> r.dataset().snapshot().version()));
    all.metricSnapshot(summary(
        now,
        "read_seconds",
        "Single reads by path, lookup included.",
        ReadStatistics::readLatency));
    all.metricSnapshot(summary(
        now,
        "store_read_seconds",
        "Positional reads of containers.",
        ReadStatistics::storeReadLatency));
    return all.build();
  }

  private static GaugeSnapshot gauge(
      List<Reader> readers, String name, String help, ToLongFunction<Reader> value) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(PREFIX + name).help(help);
    for (Reader reader : readers) {
      gauge.dataPoint(GaugeDataPointSnapshot.builder()
          .labels(reader.labels())
          .value(value.applyAsLong(reader))
          .build());
    }
    return gauge.build();
  }

  private static SummarySnapshot summary(
      List<Reader> readers, String name, String help, Function<ReadStatistics, Latencies> times) {
    SummarySnapshot.Builder summary =
        SummarySnapshot.builder().name(PREFIX + name).help(help);
    for (Reader reader : readers) {
      Histogram all = times.apply(reader.dataset().statistics()).histogram();
      List<Quantile> quantiles = new ArrayList<>();
      for (double each : QUANTILES) {
        quantiles.add(new Quantile(each, all.getValueAtPercentile(100 * each) / NANOS));
      }
      summary.dataPoint(SummaryDataPointSnapshot.builder()
          .labels(reader.labels())
          .count(all.getTotalCount())
          .sum(all.getTotalCount() == 0 ? 0 : all.getMean() * all.getTotalCount() / NANOS)
          .quantiles(Quantiles.of(quantiles))
          .build());
    }
    return summary.build();
  }
}
