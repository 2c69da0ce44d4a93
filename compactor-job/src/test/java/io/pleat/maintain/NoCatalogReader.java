package io.pleat.maintain;

import io.pleat.dataset.CatalogReader;
import io.pleat.dataset.FileReference;
import io.pleat.store.Store;
import java.io.IOException;

/** For datasets whose catalogue nobody can read. */
public class NoCatalogReader implements CatalogReader {
  private static final long serialVersionUID = 1;

  @Override
  public void read(Store dataset, FileReference file, Rows rows) throws IOException {
    throw new IOException("no catalogue");
  }

  @Override
  public void readContainers(Store dataset, FileReference file, ContainerRows rows)
      throws IOException {
    throw new IOException("no catalogue");
  }

  @Override
  public void readDeadRows(Store dataset, FileReference file, DeadRows rows) throws IOException {
    throw new IOException("no catalogue");
  }
}
