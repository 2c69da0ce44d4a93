package io.pleat.maintain.parquet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.LocalInputFile;

/** The audit log of a local dataset, as anybody reads it. */
public final class AuditRows {
  private AuditRows() {}

  /** All rows, in no order. */
  public static List<Map<String, Object>> read(String dataset) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    Path directory = Path.of(dataset, "_pleat", "audit");
    if (!Files.isDirectory(directory)) {
      return rows;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file :
          files.filter(each -> each.toString().endsWith(".parquet")).toList()) {
        try (ParquetReader<GenericRecord> reader = AvroParquetReader.<GenericRecord>builder(
                new LocalInputFile(file), new PlainParquetConfiguration())
            .build()) {
          for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
            rows.add(values(row));
          }
        }
      }
    }
    return rows;
  }

  private static Map<String, Object> values(GenericRecord row) {
    Map<String, Object> values = new HashMap<>();
    row.getSchema().getFields().forEach(field -> {
      Object value = row.get(field.name());
      values.put(field.name(), value instanceof CharSequence text ? text.toString() : value);
    });
    return values;
  }
}
