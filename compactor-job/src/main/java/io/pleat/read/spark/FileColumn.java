package io.pleat.read.spark;

import java.util.Arrays;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The columns: those of Spark's {@code binaryFile}, in its order. */
enum FileColumn {
  /** The logical path, without a slash at its start. */
  PATH("path", DataTypes.StringType),
  /** Last modification, to the microsecond. */
  MODIFICATION_TIME("modificationTime", DataTypes.TimestampType),
  /** Original length in bytes. */
  LENGTH("length", DataTypes.LongType),
  /** The bytes, their checksum verified. */
  CONTENT("content", DataTypes.BinaryType);

  static final StructType SCHEMA = new StructType(Arrays.stream(values())
      .map(column -> DataTypes.createStructField(column.title, column.type, false))
      .toArray(StructField[]::new));

  private final String title;
  private final DataType type;

  FileColumn(String title, DataType type) {
    this.title = title;
    this.type = type;
  }

  /** Its name in SQL. */
  String title() {
    return title;
  }

  /** @throws IllegalArgumentException if there is no such column */
  static FileColumn titled(String title) {
    return Arrays.stream(values())
        .filter(column -> column.title.equals(title))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such column: " + title));
  }
}
