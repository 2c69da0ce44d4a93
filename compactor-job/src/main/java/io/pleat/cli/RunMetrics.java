package io.pleat.cli;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one run tells monitoring: gauges whose names begin with {@code pleat_}, each with the verb's dataset as a label. Prometheus' own client
 * models and writes them; it has no registry here, as a run reports once. Not thread-safe.
 */
final class RunMetrics {
  private static final String PREFIX = "pleat_";

  /* Prometheus' classes are loaded when the text is made, and so only for those who want it. */
  private record Point(List<String> labels, double value) {
    GaugeSnapshot.GaugeDataPointSnapshot toSnapshot() {
      return GaugeSnapshot.GaugeDataPointSnapshot.builder()
          .labels(Labels.of(labels.toArray(new String[0])))
          .value(value)
          .build();
    }
  }

  private final Map<String, List<Point>> gauges = new TreeMap<>();
  private final Map<String, String> help = new TreeMap<>();
  private String dataset = "";

  /** Whose gauges they are: a label of those that are added from now on. */
  void dataset(String location) {
    this.dataset = location;
  }

  /**
   * Adds one value.
   *
   * @param name without the prefix, in snake case, with its unit
   * @param labels names and values in turn
   */
  void add(String name, String description, double value, String... labels) {
    String[] all = new String[labels.length + 2];
    all[0] = "dataset";
    all[1] = dataset;
    System.arraycopy(labels, 0, all, 2, labels.length);
    help.putIfAbsent(name, description);
    gauges.computeIfAbsent(name, n -> new ArrayList<>()).add(new Point(List.of(all), value));
  }

  /**
   * Adds the numbers and truth values of a report: {@code newFiles} of a fold becomes {@code pleat_fold_new_files}. Of a map in it, each
   * number gets its key as a label: {@code pleat_fold_phases{phases="list"}}.
   */
  void addReport(String verb, Map<String, ?> report) {
    report.forEach((name, value) -> {
      String gauge = verb + "_" + snakeCase(name);
      if (value instanceof Map<?, ?> members) {
        members.forEach(
            (key, member) -> addValue(gauge, name, member, snakeCase(name), String.valueOf(key)));
      } else {
        addValue(gauge, name, value);
      }
    });
  }

  private void addValue(String gauge, String name, Object value, String... labels) {
    String description = "As '" + name + "' in --json.";
    if (value instanceof Number number) {
      add(gauge, description, number.doubleValue(), labels);
    } else if (value instanceof Boolean truth) {
      add(gauge, description, truth ? 1 : 0, labels);
    }
  }

  /** {@code newFiles} as {@code new_files}. */
  static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  /** All of it in Prometheus' text format. */
  byte[] toText() throws IOException {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    gauges.forEach((name, points) -> {
      GaugeSnapshot.Builder gauge =
          GaugeSnapshot.builder().name(PREFIX + name).help(help.get(name));
      points.forEach(point -> gauge.dataPoint(point.toSnapshot()));
      all.metricSnapshot(gauge.build());
    });
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, all.build());
    return text.toByteArray();
  }
}
