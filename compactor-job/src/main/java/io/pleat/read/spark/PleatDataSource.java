package io.pleat.read.spark;

import java.util.Map;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableProvider;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * {@code spark.read.format("pleat").load(DATASET)}: one row a live file, with the columns of Spark's {@code binaryFile}. Options and
 * columns are in docs/spark.md. Found by Spark through its service file.
 */
public final class PleatDataSource implements TableProvider, DataSourceRegister {
  /** Called by Spark. */
  public PleatDataSource() {}

  @Override
  public String shortName() {
    return "pleat";
  }

  @Override
  public StructType inferSchema(CaseInsensitiveStringMap options) {
    return FileColumn.SCHEMA;
  }

  @Override
  public Table getTable(
      StructType schema, Transform[] partitioning, Map<String, String> properties) {
    return new FileTable(SourceOptions.parse(properties));
  }
}
