package io.pleat.dataset.parquet;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.FileReference;
import io.pleat.format.Attributes;
import io.pleat.format.ContainerId;
import io.pleat.format.CorruptDataException;
import io.pleat.format.Entry;
import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import io.pleat.format.PayloadCodec;
import io.pleat.store.Store;
import java.io.IOException;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.HadoopParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;

/** Reads the catalogue's Parquet files. Holds the file in memory. */
public final class ParquetCatalogReader implements CatalogReader {
  private static final long serialVersionUID = 1;
  private static final long MICROS = 1_000_000;

  @Override
  public void read(Store dataset, FileReference file, Rows rows) throws IOException {
    StoreInputFile input = StoreInputFile.proven(dataset, file);
    try (ParquetReader<GenericRecord> reader = AvroParquetReader.<GenericRecord>builder(
            input, new HadoopParquetConfiguration(new Configuration(false)))
        .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        rows.row(entry(row));
      }
    } catch (IllegalArgumentException e) {
      CorruptDataException damage = new CorruptDataException(
          file.path().toString(), 0, "row makes no sense (%s)", e.getMessage());
      damage.initCause(e);
      throw damage;
    }
  }

  private static Entry entry(GenericRecord row) {
    long micros = (Long) row.get("mtime");
    Object mode = row.get("mode");
    int crc = (int) (long) (Long) row.get("crc32c");
    return new Entry(
        LogicalPath.of(row.get("path").toString()),
        (Integer) row.get("ordinal"),
        row.get("kind").toString().equals("folded") ? Entry.Kind.FOLDED : Entry.Kind.PASS_THROUGH,
        (Long) row.get("length"),
        new Extent(
            ContainerId.parse(row.get("container_id").toString()), (Long) row.get("offset"), (Long)
                row.get("stored_length")),
        codec(row.get("codec").toString()),
        crc,
        crc,
        false,
        new Attributes(
            Math.floorDiv(micros, MICROS),
            (int) Math.floorMod(micros, MICROS) * 1000,
            mode == null ? Attributes.UNKNOWN_MODE : (Integer) mode,
            text(row.get("owner")),
            text(row.get("group")),
            ""));
  }

  private static String text(Object value) {
    return value == null ? "" : value.toString();
  }

  private static int codec(String text) {
    return switch (text) {
      case "raw" -> PayloadCodec.RAW;
      case "zstd" -> PayloadCodec.ZSTD;
      case "zstd-dictionary" -> PayloadCodec.ZSTD_DICTIONARY;
      default -> Integer.parseInt(text);
    };
  }
}
