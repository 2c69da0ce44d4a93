package io.pleat.read.spark;

import io.pleat.dataset.ContainerSummary;
import io.pleat.read.ContainerFiles;
import io.pleat.read.FileChoice;
import io.pleat.read.FoldedDataset;
import io.pleat.read.hadoop.PleatSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.Statistics;
import org.apache.spark.sql.connector.read.SupportsReportStatistics;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A scan of one snapshot, planned from its manifests alone: no index block is read by the driver. */
final class FileScan implements Scan, Batch, SupportsReportStatistics {
  /** What our own settings start with. */
  private static final String PLEAT = "pleat.";

  private final FileRowsFactory rows;
  private final String description;
  private final List<Slice.Task> tasks;
  private final long files;
  private final long bytes;

  private FileScan(
      FileRowsFactory rows, String description, List<Slice.Task> tasks, long files, long bytes) {
    this.rows = rows;
    this.description = description;
    this.tasks = tasks;
    this.files = files;
    this.bytes = bytes;
  }

  /**
   * Pins the newest snapshot, or takes the one that is asked for, and cuts what it has of a selection into tasks.
   *
   * @throws IllegalArgumentException if a setting is wrong
   * @throws UncheckedIOException if there is no such dataset or snapshot, or it cannot be read
   */
  static FileScan plan(SourceOptions options, FileSelection selection, List<FileColumn> columns) {
    SparkSession session = SparkSession.active();
    Configuration conf = session.sessionState().newHadoopConf();
    options.settings().forEach(conf::set);
    Map<String, String> settings = settings(conf);
    try {
      PleatSettings dataset = PleatSettings.of(options.authority(), conf);
      if (options.version().isPresent()) {
        dataset = dataset.withVersion(options.version().getAsLong());
      }
      try (FoldedDataset pinned = dataset.open(PleatSettings.beyondDefaults(conf))) {
        options.requireFoundIn(pinned);
        ContainerFiles containers = pinned.containerFiles();
        FileChoice choice = new FileChoice(selection.onPath(), options.passThroughs());
        List<Integer> wanted = IntStream.range(0, containers.containers().size())
            .filter(container -> containers.mayHold(container, choice))
            .boxed()
            .toList();
        TaskCutter cutter = new TaskCutter(
            containers.containers(),
            columns.contains(FileColumn.CONTENT),
            session.sessionState().conf().filesMaxPartitionBytes(),
            session.sparkContext().defaultParallelism());
        List<Slice.Task> tasks = cutter.cut(wanted, ContainerHosts.of(dataset.location(), conf));
        long files = 0;
        long bytes = 0;
        for (int container : wanted) {
          ContainerSummary summary = containers.containers().get(container);
          files += summary.entries();
          bytes += cutter.weight(summary);
        }
        long version = pinned.snapshot().version();
        return new FileScan(
            new FileRowsFactory(
                options.authority(), version, settings, selection, options.passThroughs(), columns),
            "pleat " + dataset.location() + " snapshot " + version + ", " + wanted.size() + " of "
                + containers.containers().size() + " containers",
            tasks,
            files,
            bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** What executors need to open the dataset as the driver did: what is beyond Hadoop's defaults, and Pleat's own. */
  private static Map<String, String> settings(Configuration conf) {
    Map<String, String> settings = new HashMap<>(PleatSettings.beyondDefaults(conf));
    conf.getPropsWithPrefix(PLEAT).forEach((name, value) -> settings.put(PLEAT + name, value));
    return settings;
  }

  @Override
  public StructType readSchema() {
    return new StructType(rows.columns().stream()
        .map(column -> FileColumn.SCHEMA.apply(column.title()))
        .toArray(StructField[]::new));
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Batch toBatch() {
    return this;
  }

  @Override
  public InputPartition[] planInputPartitions() {
    return tasks.toArray(InputPartition[]::new);
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return rows;
  }

  /** At most so much: of containers that hold other files, too, all is counted. */
  @Override
  public Statistics estimateStatistics() {
    return new Statistics() {
      @Override
      public OptionalLong sizeInBytes() {
        return OptionalLong.of(bytes);
      }

      @Override
      public OptionalLong numRows() {
        return OptionalLong.of(files);
      }
    };
  }
}
