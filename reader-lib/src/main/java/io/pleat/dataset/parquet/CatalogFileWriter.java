package io.pleat.dataset.parquet;

import io.pleat.dataset.FileReference;
import io.pleat.format.Attributes;
import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.format.PayloadCodec;
import io.pleat.store.Store;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.parquet.io.api.Binary;

/**
 * Writes the catalogue's rows of one container as one Parquet file. {@link #finish()} completes it; {@code close()} alone abandons it. Not
 * thread-safe.
 */
public final class CatalogFileWriter implements Closeable {
  private final CatalogTable<Entry> table;

  private CatalogFileWriter(CatalogTable<Entry> table) {
    this.table = table;
  }

  /** Starts a file under a fresh name. */
  public static CatalogFileWriter create(Store dataset) throws IOException {
    return new CatalogFileWriter(
        CatalogTable.create(dataset, CatalogTable.newFile("files"), new FileRows()));
  }

  /** Appends one row. */
  public void add(Entry entry) throws IOException {
    table.add(entry);
  }

  /** Makes the file whole and durable, and refers to it. */
  public FileReference finish() throws IOException {
    return table.finish();
  }

  @Override
  public void close() throws IOException {
    table.close();
  }

  /** Remembers the last of values that seldom change from row to row. */
  private static final class Repeated<T> {
    private T last;
    private Binary text;
  }

  private static final class FileRows extends CatalogTable.RowType<Entry> {
    private static final Binary FOLDED = Binary.fromString("folded");
    private static final Binary PASS_THROUGH = Binary.fromString("pass-through");
    private static final Binary RAW = Binary.fromString("raw");
    private static final Binary ZSTD = Binary.fromString("zstd");
    private static final Binary ZSTD_DICTIONARY = Binary.fromString("zstd-dictionary");

    private final Repeated<ContainerId> container = new Repeated<>();
    private final Repeated<String> owner = new Repeated<>();
    private final Repeated<String> group = new Repeated<>();

    FileRows() {
      super("file.avsc");
    }

    @Override
    List<String> distinctColumns() {
      return List.of("path", "ordinal", "offset", "length", "stored_length", "crc32c", "mtime");
    }

    @Override
    void write(Entry entry, CatalogTable.FieldWriter fields) {
      Attributes attributes = entry.attributes();
      fields.text(Binary.fromConstantByteArray(entry.path().utf8()));
      fields.text(text(container, entry.extent().container()));
      fields.number(entry.ordinal());
      fields.number(entry.extent().offset());
      fields.number(entry.length());
      fields.number(entry.extent().length());
      fields.text(codec(entry.codec()));
      fields.number(Integer.toUnsignedLong(entry.crc32c()));
      fields.number(CatalogTable.micros(attributes.mtimeSeconds(), attributes.mtimeNanos()));
      if (attributes.hasMode()) {
        fields.number(attributes.mode());
      } else {
        fields.absent();
      }
      writeName(attributes.owner(), owner, fields);
      writeName(attributes.group(), group, fields);
      fields.text(entry.kind() == Entry.Kind.FOLDED ? FOLDED : PASS_THROUGH);
    }

    private static void writeName(
        String name, Repeated<String> cache, CatalogTable.FieldWriter fields) {
      if (name.isEmpty()) {
        fields.absent();
      } else {
        fields.text(text(cache, name));
      }
    }

    private static <T> Binary text(Repeated<T> cache, T value) {
      if (!value.equals(cache.last)) {
        cache.last = value;
        cache.text = Binary.fromString(value.toString());
      }
      return cache.text;
    }

    private static Binary codec(int codec) {
      return switch (codec) {
        case PayloadCodec.RAW -> RAW;
        case PayloadCodec.ZSTD -> ZSTD;
        case PayloadCodec.ZSTD_DICTIONARY -> ZSTD_DICTIONARY;
        default -> Binary.fromString(Integer.toString(codec));
      };
    }
  }
}
