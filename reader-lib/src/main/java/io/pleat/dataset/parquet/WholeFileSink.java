package io.pleat.dataset.parquet;

import io.pleat.format.ByteSink;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Keeps a small file in memory until it is finished, so that no part of it is ever seen: whoever reads all files of a directory stumbles over none. */
final class WholeFileSink implements ByteSink {
  private final Store store;
  private final LogicalPath path;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  WholeFileSink(Store store, LogicalPath path) {
    this.store = store;
    this.path = path;
  }

  @Override
  public long position() {
    return bytes.size();
  }

  @Override
  public void write(ByteBuffer source) {
    byte[] piece = new byte[source.remaining()];
    source.get(piece);
    bytes.write(piece, 0, piece.length);
  }

  @Override
  public void finish() throws IOException {
    store.createExclusively(path, bytes.toByteArray());
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return store.location() + "/" + path;
  }
}
