package io.pleat.dataset;

import java.io.Closeable;
import java.io.IOException;

/** One file of an audit log. {@link #finish()} completes it; {@code close()} alone abandons it. Not thread-safe. */
public interface AuditFile extends Closeable {
  /** Appends a row. */
  void add(AuditRow row) throws IOException;

  /** Makes the file whole and durable. */
  void finish() throws IOException;
}
