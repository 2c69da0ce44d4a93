package io.pleat.read.spark;

import java.util.Arrays;
import java.util.Set;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** The files of one dataset. */
final class FileTable implements Table, SupportsRead {
  private final SourceOptions options;

  FileTable(SourceOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "pleat://" + options.authority() + "/" + options.directory();
  }

  @Override
  public Column[] columns() {
    return Arrays.stream(FileColumn.SCHEMA.fields())
        .map(field -> Column.create(field.name(), field.dataType(), field.nullable()))
        .toArray(Column[]::new);
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.BATCH_READ);
  }

  /** @param same the options that this table was made with */
  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap same) {
    return new FileScanBuilder(options);
  }
}
