package io.pleat.dataset;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import java.io.IOException;
import java.time.Instant;

/**
 * The time by a store's own clock, which is the one that its files' times were taken from: the time of a file that is made now. A machine
 * whose clock is off does not matter then. As exact as the store's times are.
 */
public final class StoreClock {
  private StoreClock() {}

  /**
   * Now, by the clock of the store that {@code dataset} is in. Makes a file for a moment.
   *
   * @throws IOException if no file can be made there
   */
  public static Instant now(Store dataset) throws IOException {
    LogicalPath probe = DatasetLayout.newProbe();
    try {
      dataset.createExclusively(probe, new byte[] {1});
      return dataset
          .stat(probe)
          .map(StoreClock::modified)
          .orElseThrow(() -> new IOException("a file that was made a moment ago is not there: "
              + dataset.location() + "/" + probe));
    } finally {
      dataset.delete(probe);
    }
  }

  /** When the store says that a file was written last. */
  public static Instant modified(FileInfo file) {
    Attributes attributes = file.attributes();
    return Instant.ofEpochSecond(attributes.mtimeSeconds(), attributes.mtimeNanos());
  }
}
