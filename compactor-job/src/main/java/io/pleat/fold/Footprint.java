package io.pleat.fold;

import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.List;

/**
 * What a first fold leaves where its dataset was to be when it is refused before it writes: empty directories, which are removed as far
 * as they were not there before.
 *
 * @param isFirst whether there was no dataset
 * @param rootStood whether its directory was there
 * @param metadataStood whether the directory of its metadata was, as after a run that died
 */
record Footprint(boolean isFirst, boolean rootStood, boolean metadataStood) {
  private static final LogicalPath METADATA = LogicalPath.of("_pleat");

  static Footprint before(Store dataset, boolean hasSnapshot) throws IOException {
    boolean rootStands = dataset.stat(LogicalPath.ROOT).isPresent();
    boolean metadataStands = rootStands && dataset.stat(METADATA).isPresent();
    return new Footprint(!hasSnapshot && !metadataStands, rootStands, metadataStands);
  }

  /** Removes the directories, unless somebody put something there meanwhile. */
  void remove(Store dataset) throws IOException {
    for (LogicalPath directory : List.of(METADATA, LogicalPath.ROOT)) {
      if (!(directory.isRoot() ? rootStood : metadataStood)) {
        dataset.deleteIfEmpty(directory);
      }
    }
  }
}
