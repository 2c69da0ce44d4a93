package io.pleat.fold.parquet;

import io.pleat.dataset.FileReference;
import io.pleat.dataset.parquet.CatalogFileWriter;
import io.pleat.fold.EntryCatalog;
import io.pleat.format.ContainerId;
import io.pleat.format.IndexBlock;
import io.pleat.store.Store;
import java.io.IOException;

/** The catalogue's rows of one container, as a Parquet file. */
public final class ParquetEntryCatalog implements EntryCatalog {
  @Override
  public FileReference write(Store dataset, ContainerId container, IndexBlock index)
      throws IOException {
    try (CatalogFileWriter rows = CatalogFileWriter.create(dataset)) {
      for (int ordinal = 0; ordinal < index.entryCount(); ordinal++) {
        rows.add(index.entry(ordinal));
      }
      return rows.finish();
    }
  }
}
