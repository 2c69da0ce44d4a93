package io.pleat.dataset.parquet;

import io.pleat.dataset.AuditFile;
import io.pleat.dataset.AuditLog;
import io.pleat.dataset.AuditRow;
import io.pleat.dataset.ReferencedFile;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.parquet.io.api.Binary;

/** The audit log as Parquet files in {@code _pleat/audit}. */
public final class ParquetAuditLog implements AuditLog {
  private static final long serialVersionUID = 1;

  @Override
  public AuditFile start(Store dataset, UUID runId) throws IOException {
    LogicalPath path =
        LogicalPath.of("_pleat/audit/" + runId + "-" + UUID.randomUUID() + ".parquet");
    CatalogTable<AuditRow> table = CatalogTable.create(
        ReferencedFile.of(path, new WholeFileSink(dataset, path)), new Rows(runId.toString()));
    return new AuditFile() {
      @Override
      public void add(AuditRow row) throws IOException {
        table.add(row);
      }

      @Override
      public void finish() throws IOException {
        table.finish();
      }

      @Override
      public void close() throws IOException {
        table.close();
      }
    };
  }

  private static final class Rows extends CatalogTable.RowType<AuditRow> {
    private static final Binary DELETED = Binary.fromString("deleted");
    private static final Binary TRASH = Binary.fromString("trash");

    private final Binary runId;

    Rows(String runId) {
      super("audit.avsc");
      this.runId = Binary.fromString(runId);
    }

    @Override
    List<String> distinctColumns() {
      return List.of("path", "length", "mtime", "etag", "crc32c", "ordinal", "decided");
    }

    @Override
    void write(AuditRow row, CatalogTable.FieldWriter fields) {
      fields.text(Binary.fromConstantByteArray(row.path().utf8()));
      fields.number(row.length());
      fields.number(CatalogTable.micros(row.mtimeSeconds(), row.mtimeNanos()));
      if (row.etag().isEmpty()) {
        fields.absent();
      } else {
        fields.text(row.etag());
      }
      fields.number(Integer.toUnsignedLong(row.crc32c()));
      fields.text(row.container().toString());
      fields.number(row.ordinal());
      fields.number(row.snapshot());
      fields.number(
          CatalogTable.micros(row.decided().getEpochSecond(), row.decided().getNano()));
      fields.text(row.proof().name().toLowerCase(Locale.ROOT));
      fields.text(row.trashed() ? TRASH : DELETED);
      fields.text(runId);
    }
  }
}
