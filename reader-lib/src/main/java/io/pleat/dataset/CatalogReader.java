package io.pleat.dataset;

import io.pleat.format.Entry;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.Serializable;

/** Reads the catalogue's rows of one container; implemented by a leaf. */
public interface CatalogReader extends Serializable {
  /** Takes rows. */
  interface Rows {
    /**
     * Takes one.
     *
     * @param entry without etag, its time rounded down to microseconds; the checksum of its stored bytes is that of the original ones,
     *     which is right for raw payloads only
     */
    void row(Entry entry) throws IOException;
  }

  /**
   * Reads all rows in their order.
   *
   * @throws io.pleat.format.CorruptDataException if the file is not what the reference says
   */
  void read(Store dataset, FileReference file, Rows rows) throws IOException;
}
