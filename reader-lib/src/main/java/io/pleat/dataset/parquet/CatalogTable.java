package io.pleat.dataset.parquet;

import static io.pleat.format.Preconditions.checkState;

import io.pleat.dataset.FileReference;
import io.pleat.dataset.ReferencedFile;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroSchemaConverter;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.HadoopParquetConfiguration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one Parquet file of rows of type {@code T}, holding about {@value #ROW_GROUP_BYTES} bytes of them in memory. {@link #finish()}
 * completes it; {@code close()} alone abandons it. Not thread-safe.
 */
final class CatalogTable<T> implements Closeable {
  private static final long ROW_GROUP_BYTES = 16 << 20;
  private static final long MICROS = 1_000_000;

  private final ReferencedFile file;
  private final StoreOutputFile output;
  private final ParquetWriter<T> parquet;
  private boolean finished;

  private CatalogTable(ReferencedFile file, StoreOutputFile output, ParquetWriter<T> parquet) {
    this.file = file;
    this.output = output;
    this.parquet = parquet;
  }

  /** What a kind of row looks like. */
  abstract static class RowType<T> {
    private final Schema avro;
    private final MessageType parquet;

    RowType(String resource) {
      this.avro = load(resource);
      this.parquet = new AvroSchemaConverter(new Configuration(false)).convert(avro);
    }

    private static Schema load(String resource) {
      try (InputStream in = CatalogTable.class.getResourceAsStream(resource)) {
        return new Schema.Parser().parse(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Columns where a dictionary never pays, as values differ from row to row. */
    abstract List<String> distinctColumns();

    /** Puts the fields of a row, in the order of the schema. */
    abstract void write(T row, FieldWriter fields);
  }

  /** Takes the fields of one row in the order of its schema. */
  static final class FieldWriter {
    private final RecordConsumer consumer;
    private final String[] names;
    private int next;

    private FieldWriter(RecordConsumer consumer, MessageType schema) {
      this.consumer = consumer;
      this.names = schema.getFields().stream().map(field -> field.getName()).toArray(String[]::new);
    }

    void text(Binary value) {
      consumer.startField(names[next], next);
      consumer.addBinary(value);
      end();
    }

    void text(String value) {
      text(Binary.fromString(value));
    }

    void number(int value) {
      consumer.startField(names[next], next);
      consumer.addInteger(value);
      end();
    }

    void number(long value) {
      consumer.startField(names[next], next);
      consumer.addLong(value);
      end();
    }

    void absent() {
      next++;
    }

    private void end() {
      consumer.endField(names[next], next);
      next++;
    }
  }

  /** Microseconds since 1970, rounded down; a time too far away for 64 bits of them becomes the nearest that is not. */
  static long micros(long seconds, int nanos) {
    if (seconds >= Long.MAX_VALUE / MICROS) {
      return Long.MAX_VALUE;
    }
    if (seconds <= Long.MIN_VALUE / MICROS) {
      return Long.MIN_VALUE;
    }
    return seconds * MICROS + nanos / 1000;
  }

  /** A fresh name in one directory of the catalogue. */
  static LogicalPath newFile(String directory) {
    return LogicalPath.of("catalog/" + directory + "/" + UUID.randomUUID() + ".parquet");
  }

  static <T> CatalogTable<T> create(Store dataset, LogicalPath path, RowType<T> type)
      throws IOException {
    return create(ReferencedFile.create(dataset, path), type);
  }

  static <T> CatalogTable<T> create(ReferencedFile file, RowType<T> type) throws IOException {
    try {
      StoreOutputFile output = new StoreOutputFile(file);
      return new CatalogTable<>(file, output, new Builder<>(output, type).build());
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  void add(T row) throws IOException {
    parquet.write(row);
  }

  FileReference finish() throws IOException {
    checkState(!finished, "finished already");
    parquet.close();
    FileReference reference = file.finish();
    finished = true;
    return reference;
  }

  @Override
  public void close() throws IOException {
    if (finished) {
      return;
    }
    output.abandon();
    try {
      parquet.close();
    } finally {
      file.close();
    }
  }

  private static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final RowType<T> type;

    Builder(StoreOutputFile output, RowType<T> type) {
      super(output);
      this.type = type;
      withConf(new HadoopParquetConfiguration(new Configuration(false)));
      // Read everywhere. Version 2 with zstd is a quarter smaller, and no faster to write.
      withWriterVersion(WriterVersion.PARQUET_1_0);
      withCompressionCodec(CompressionCodecName.ZSTD);
      withRowGroupSize(ROW_GROUP_BYTES);
      for (String column : type.distinctColumns()) {
        withDictionaryEncoding(column, false);
      }
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract, though deprecated
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return new RowSupport<>(type);
    }

    @Override
    protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
      return new RowSupport<>(type);
    }
  }

  private static final class RowSupport<T> extends WriteSupport<T> {
    private final RowType<T> type;
    private RecordConsumer consumer;
    private FieldWriter fields;

    RowSupport(RowType<T> type) {
      this.type = type;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract, though deprecated
    public WriteContext init(Configuration configuration) {
      return init(new HadoopParquetConfiguration(configuration));
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(
          type.parquet,
          Map.of("parquet.avro.schema", type.avro.toString(), "pleat.catalog.version", "0"));
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
      fields = new FieldWriter(recordConsumer, type.parquet);
    }

    @Override
    public void write(T row) {
      consumer.startMessage();
      fields.next = 0;
      type.write(row, fields);
      consumer.endMessage();
    }
  }
}
