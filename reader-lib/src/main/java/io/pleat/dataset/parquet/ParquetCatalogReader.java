package io.pleat.dataset.parquet;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.CatalogedContainer;
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
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.conf.HadoopParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;

/** Reads the catalogue's Parquet files. Holds the file in memory. */
public final class ParquetCatalogReader implements CatalogReader {
  private static final long serialVersionUID = 1;

  @Override
  public void read(Store dataset, FileReference file, Rows rows) throws IOException {
    readAll(dataset, file, row -> rows.row(entry(row)));
  }

  @Override
  public void readContainers(Store dataset, FileReference file, ContainerRows rows)
      throws IOException {
    readAll(
        dataset,
        file,
        row -> rows.row(new CatalogedContainer(
            ContainerId.parse(row.get("container_id").toString()),
            (Long) row.get("length"),
            (int) (long) (Long) row.get("crc32c"),
            (Integer) row.get("entries"),
            (Long) row.get("sequence"),
            LogicalPath.of(row.get("catalog_path").toString()))));
  }

  @Override
  public void readDeadRows(Store dataset, FileReference file, DeadRows rows) throws IOException {
    ContainerId[] last = {null};
    String[] lastText = {""};
    readAll(dataset, file, row -> {
      String text = row.get("container_id").toString();
      if (!text.equals(lastText[0])) {
        lastText[0] = text;
        last[0] = ContainerId.parse(text);
      }
      rows.row(last[0], (Integer) row.get("ordinal"));
    });
  }

  private interface RecordVisitor {
    void visit(GenericRecord row) throws IOException;
  }

  private static void readAll(Store dataset, FileReference file, RecordVisitor visitor)
      throws IOException {
    StoreInputFile input = StoreInputFile.proven(dataset, file);
    try (ParquetReader<GenericRecord> reader = AvroParquetReader.<GenericRecord>builder(
            input, new HadoopParquetConfiguration(new Configuration(false)))
        .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        visitor.visit(row);
      }
    } catch (UncheckedIOException e) {
      throw e;
    } catch (RuntimeException e) {
      // What Parquet throws at bytes that are no Parquet, and Avro at a schema that is not ours.
      throw senseless(file, e);
    }
  }

  private static CorruptDataException senseless(FileReference file, RuntimeException why) {
    CorruptDataException damage = new CorruptDataException(
        file.path().toString(), 0, "row makes no sense (%s)", why.getMessage());
    damage.initCause(why);
    return damage;
  }

  private static Entry entry(GenericRecord row) {
    Instant mtime = (Instant) row.get("mtime"); // as its schema says: timestamp-micros
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
            mtime.getEpochSecond(),
            mtime.getNano(),
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
