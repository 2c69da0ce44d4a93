package io.pleat.read.spark;

import io.pleat.read.FileChoice;
import io.pleat.read.FoldedDataset;
import io.pleat.read.hadoop.PleatFileSystem;
import io.pleat.read.hadoop.PleatSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;

/**
 * Opens the dataset on an executor, at the snapshot that the driver planned.
 *
 * @param settings beyond Hadoop's defaults, for it and for Pleat
 */
record FileRowsFactory(
    String authority,
    long version,
    Map<String, String> settings,
    FileSelection selection,
    FileChoice.PassThroughs passThroughs,
    List<FileColumn> columns)
    implements PartitionReaderFactory {
  @Override
  public PartitionReader<InternalRow> createReader(InputPartition partition) {
    Configuration conf = new Configuration();
    settings.forEach(conf::set);
    try {
      FoldedDataset dataset = PleatSettings.of(authority, conf)
          .withVersion(version)
          .open(PleatSettings.beyondDefaults(conf));
      return new FileRows(
          new Path(PleatFileSystem.SCHEME, authority, "/"),
          dataset,
          ((Slice.Task) partition).slices(),
          selection,
          new FileChoice(selection.onPath(), passThroughs),
          columns);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }
}
