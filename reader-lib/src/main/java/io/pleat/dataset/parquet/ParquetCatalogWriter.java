package io.pleat.dataset.parquet;

import io.pleat.dataset.CatalogWriter;
import io.pleat.dataset.ContainerSummary;
import io.pleat.dataset.DeletionVector;
import io.pleat.dataset.FileReference;
import io.pleat.format.ContainerId;
import io.pleat.format.SortKey;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.parquet.io.api.Binary;
import org.roaringbitmap.RoaringBitmap;

/** Writes the commit's part of the catalogue as Parquet. Thread-safe. */
public final class ParquetCatalogWriter implements CatalogWriter {
  @Override
  public FileReference writeContainers(Store dataset, List<ContainerSummary> containers)
      throws IOException {
    try (CatalogTable<ContainerSummary> table =
        CatalogTable.create(dataset, CatalogTable.newFile("containers"), new ContainerRows())) {
      for (ContainerSummary container : containers) {
        table.add(container);
      }
      return table.finish();
    }
  }

  @Override
  public FileReference writeDeadRows(
      Store dataset, List<ContainerSummary> containers, Map<ContainerId, DeletionVector> dead)
      throws IOException {
    DeadRow row = new DeadRow();
    try (CatalogTable<DeadRow> table =
        CatalogTable.create(dataset, CatalogTable.newFile("dead"), new DeadRows())) {
      for (ContainerSummary container : containers) {
        DeletionVector vector = dead.getOrDefault(container.id(), DeletionVector.EMPTY);
        row.container = Binary.fromString(container.id().toString());
        RoaringBitmap entries = vector.toBitmap();
        // Rows from the number of entries on are directories, which the catalogue does not list.
        for (var rows = entries.getIntIterator(); rows.hasNext(); ) {
          row.ordinal = rows.next();
          if (row.ordinal >= container.entries()) {
            break;
          }
          table.add(row);
        }
      }
      return table.finish();
    }
  }

  /** One row at a time, used again and again. */
  private static final class DeadRow {
    private Binary container;
    private int ordinal;
  }

  private static final class DeadRows extends CatalogTable.RowType<DeadRow> {
    DeadRows() {
      super("dead.avsc");
    }

    @Override
    List<String> distinctColumns() {
      return List.of("ordinal");
    }

    @Override
    void write(DeadRow row, CatalogTable.FieldWriter fields) {
      fields.text(row.container);
      fields.number(row.ordinal);
    }
  }

  private static final class ContainerRows extends CatalogTable.RowType<ContainerSummary> {
    ContainerRows() {
      super("container.avsc");
    }

    @Override
    List<String> distinctColumns() {
      return List.of("container_id", "path", "first_path", "last_path", "catalog_path");
    }

    @Override
    void write(ContainerSummary container, CatalogTable.FieldWriter fields) {
      fields.text(container.id().toString());
      fields.text(container.path().toString());
      fields.number(container.length());
      fields.number(Integer.toUnsignedLong(container.crc32c()));
      fields.number(container.indexOffset());
      fields.number(container.entries());
      fields.number(container.passThroughs());
      fields.number(container.directories());
      fields.number(container.payloadBytes());
      fields.number(container.storedBytes());
      fields.number(container.passThroughBytes());
      fields.text(Binary.fromConstantByteArray(SortKey.toPath(container.range().first())));
      fields.text(Binary.fromConstantByteArray(SortKey.toPath(container.range().last())));
      fields.number(container.sequence());
      fields.text(container.catalog().path().toString());
    }
  }
}
