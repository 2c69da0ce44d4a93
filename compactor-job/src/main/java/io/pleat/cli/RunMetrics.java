package io.pleat.cli;

import io.pleat.read.FoldedDataset;
import io.pleat.read.prometheus.ReaderMetrics;
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
import java.util.Optional;
import java.util.TreeMap;

/**
 * What one run tells monitoring: gauges whose names begin with {@code pleat_}, each with the verb's dataset as a label, and what the readers did that
 * it opened. Prometheus' own client models and writes them. Thread-safe: a run that goes on can be asked.
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
  private final List<FoldedDataset> readers = new ArrayList<>();
  private String dataset = "";
  private Optional<Phase> phase = Optional.empty();

  /** How far a run is. */
  private record Phase(
      String name, long filesToDo, long bytesToDo, long filesDone, long bytesDone) {}

  /** Whose gauges they are: a label of those that are added from now on. */
  synchronized void dataset(String location) {
    this.dataset = location;
  }

  /**
   * Adds one value.
   *
   * @param name without the prefix, in snake case, with its unit
   * @param labels names and values in turn
   */
  synchronized void add(String name, String description, double value, String... labels) {
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
  synchronized void addReport(String verb, Map<String, ?> report) {
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

  /** Tells of a reader, from now on. */
  synchronized void read(FoldedDataset opened) {
    readers.add(opened);
  }

  /** A phase begins, with so much to do in it; 0 if that is not known. */
  synchronized void phase(String name, long files, long bytes) {
    phase = Optional.of(new Phase(name, files, bytes, 0, 0));
  }

  /** So much of the phase is done. */
  synchronized void progress(long files, long bytes) {
    phase = phase.map(now -> new Phase(now.name(), now.filesToDo(), now.bytesToDo(), files, bytes));
  }

  /** All of it in Prometheus' text format, as the run is over. */
  byte[] toText() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(text, snapshots());
    return text.toByteArray();
  }

  /** All of it, and how far the run is. */
  synchronized MetricSnapshots snapshotsOfRun() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    snapshots().forEach(all::metricSnapshot);
    phase.ifPresent(now -> {
      all.metricSnapshot(
          progress("files_to_do", "Files of this phase; 0 if not known.", now, now.filesToDo()));
      all.metricSnapshot(
          progress("bytes_to_do", "Bytes of this phase; 0 if not known.", now, now.bytesToDo()));
      all.metricSnapshot(progress("files_done", "Files done in this phase.", now, now.filesDone()));
      all.metricSnapshot(progress("bytes_done", "Bytes done in this phase.", now, now.bytesDone()));
    });
    return all.build();
  }

  private GaugeSnapshot progress(String name, String description, Phase now, long value) {
    Point point = new Point(List.of("dataset", dataset, "phase", now.name()), value);
    return GaugeSnapshot.builder()
        .name(PREFIX + "run_" + name)
        .help(description)
        .dataPoint(point.toSnapshot())
        .build();
  }

  private synchronized MetricSnapshots snapshots() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    gauges.forEach((name, points) -> {
      GaugeSnapshot.Builder gauge =
          GaugeSnapshot.builder().name(PREFIX + name).help(help.get(name));
      points.forEach(point -> gauge.dataPoint(point.toSnapshot()));
      all.metricSnapshot(gauge.build());
    });
    ReaderMetrics ofReaders = new ReaderMetrics();
    readers.forEach(ofReaders::add);
    ofReaders.collect().forEach(all::metricSnapshot);
    return all.build();
  }
}
