package io.pleat.fold;

import io.pleat.dataset.FileReference;
import java.io.Closeable;
import java.io.IOException;

/** stub. */
final class LooseList implements Closeable {
  LooseList(io.pleat.store.Store s, java.util.UUID run) {}
  void add(String path, String reason) throws IOException {}
  boolean isEmpty() { return true; }
  FileReference finish() throws IOException { throw new IOException(); }
  @Override public void close() {}
}
