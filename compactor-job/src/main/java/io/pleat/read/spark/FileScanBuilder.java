package io.pleat.read.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.SupportsPushDownFilters;
import org.apache.spark.sql.connector.read.SupportsPushDownRequiredColumns;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;

/** Takes from Spark which columns are wanted, and the conditions that an index answers. */
final class FileScanBuilder
    implements ScanBuilder, SupportsPushDownFilters, SupportsPushDownRequiredColumns {
  private final SourceOptions options;
  private final List<Filter> pushed = new ArrayList<>();
  private final List<EntryCondition> conditions = new ArrayList<>();
  private StructType wanted = FileColumn.SCHEMA;

  FileScanBuilder(SourceOptions options) {
    this.options = options;
  }

  @Override
  public Filter[] pushFilters(Filter[] filters) {
    List<Filter> left = new ArrayList<>();
    for (Filter filter : filters) {
      Optional<EntryCondition> condition = EntryCondition.of(filter);
      if (condition.isPresent()) {
        conditions.add(condition.get());
        pushed.add(filter);
      } else {
        left.add(filter);
      }
    }
    return left.toArray(Filter[]::new);
  }

  @Override
  public Filter[] pushedFilters() {
    return pushed.toArray(Filter[]::new);
  }

  @Override
  public void pruneColumns(StructType schema) {
    wanted = schema;
  }

  @Override
  public Scan build() {
    List<FileColumn> columns =
        Arrays.stream(wanted.fieldNames()).map(FileColumn::titled).toList();
    return FileScan.plan(
        options, new FileSelection(options.directory(), List.copyOf(conditions)), columns);
  }
}
