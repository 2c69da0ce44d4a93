package io.pleat.read;

import io.pleat.format.Extent;
import io.pleat.format.LogicalPath;
import java.io.IOException;

/** One path of a batch on its way: it ends with bytes or with a failure, which waits until it is its turn. */
final class BatchItem {
  final LogicalPath path;
  LocatedFile file;
  PooledBytes bytes;
  IOException failure;

  BatchItem(LogicalPath path) {
    this.path = path;
  }

  boolean isInContainer() {
    return file != null && file.payload().isFolded();
  }

  Extent extent() {
    return file.payload().extent();
  }

  /** Original bytes; 0 if it was not found. */
  long length() {
    return file == null ? 0 : file.payload().length();
  }

  /** Fails if nothing did so before and there are no bytes. */
  void fail(IOException reason) {
    if (bytes == null && failure == null) {
      failure = reason;
    }
  }

  /** The bytes, which are from now on the caller's to release; or throws what failed. */
  PooledBytes take() throws IOException {
    if (failure != null) {
      throw failure;
    }
    PooledBytes taken = bytes;
    bytes = null;
    return taken;
  }

  /** Gives back bytes that nobody took. */
  void release() {
    if (bytes != null) {
      bytes.close();
      bytes = null;
    }
  }
}
