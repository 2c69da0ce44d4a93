package io.pleat.fold;

import io.pleat.dataset.FileReference;
import io.pleat.format.ContainerId;
import io.pleat.format.IndexBlock;
import io.pleat.store.Store;
import java.io.IOException;

/** Writes one container's rows of the catalogue; implemented by a leaf. */
public interface EntryCatalog {
  /** Writes a row for each entry and each recorded directory, and returns the new file's reference. */
  FileReference write(Store dataset, ContainerId container, IndexBlock index) throws IOException;
}
