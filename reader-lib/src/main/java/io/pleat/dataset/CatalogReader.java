package io.pleat.dataset;

import io.pleat.format.ContainerId;
import io.pleat.format.Entry;
import io.pleat.store.Store;
import java.io.IOException;
import java.io.Serializable;

/** Reads files of the catalogue; implemented by a leaf. */
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

  /** Takes containers. */
  interface ContainerRows {
    /** Takes one. */
    void row(CatalogedContainer container) throws IOException;
  }

  /** Takes dead entries. */
  interface DeadRows {
    /** Takes one. */
    void row(ContainerId container, int ordinal) throws IOException;
  }

  /**
   * Reads all rows of one container in their order.
   *
   * @throws io.pleat.format.CorruptDataException if the file is not what the reference says
   */
  void read(Store dataset, FileReference file, Rows rows) throws IOException;

  /** Reads the containers of a snapshot; throws as {@link #read}. */
  void readContainers(Store dataset, FileReference file, ContainerRows rows) throws IOException;

  /** Reads the dead entries of a snapshot, container by container; throws as {@link #read}. */
  void readDeadRows(Store dataset, FileReference file, DeadRows rows) throws IOException;
}
