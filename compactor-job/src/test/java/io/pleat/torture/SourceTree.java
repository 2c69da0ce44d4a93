package io.pleat.torture;

import io.pleat.format.LogicalPath;
import java.io.IOException;

/** The source as its users change it: each change is atomic to whoever looks. */
interface SourceTree {
  /** Writes a file, new or in place of what stands there. */
  void put(LogicalPath path, byte[] content) throws IOException;

  /** Deletes a file; no error if there is none. */
  void delete(LogicalPath path) throws IOException;

  /** Whether a file stands there. */
  boolean exists(LogicalPath path) throws IOException;
}
