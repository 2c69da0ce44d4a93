package io.pleat.fold;

import io.pleat.dataset.FileReference;
import java.io.Closeable;
import java.io.IOException;

/** A part of a run's list of loose files; sealed by {@link #finish()}, {@code close()} alone abandons it. */
interface LooseList extends Closeable {
  void add(String path, String reason) throws IOException;

  /** Completes the list and says where it is. */
  FileReference finish() throws IOException;
}
