package io.pleat.store;

import java.io.IOException;
import java.nio.file.Path;

/** Stub. */
final class LocalStore {
  private LocalStore() {}

  static Store open(Path root) throws IOException {
    throw new IOException("" + root);
  }
}
