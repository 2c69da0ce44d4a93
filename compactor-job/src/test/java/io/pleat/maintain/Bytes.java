package io.pleat.maintain;

import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Damages files of a store. */
final class Bytes {
  private Bytes() {}

  static byte[] read(Store store, LogicalPath path) throws IOException {
    try (ByteSource source = store.open(path)) {
      byte[] bytes = new byte[Math.toIntExact(source.length())];
      source.readFully(0, ByteBuffer.wrap(bytes));
      return bytes;
    }
  }

  static void replace(Store store, LogicalPath path, byte[] bytes) throws IOException {
    store.delete(path);
    try (ByteSink sink = store.create(path)) {
      sink.write(ByteBuffer.wrap(bytes));
      sink.finish();
    }
  }

  /** Changes one byte. */
  static void flip(Store store, LogicalPath path, long offset) throws IOException {
    byte[] bytes = read(store, path);
    bytes[Math.toIntExact(offset)] ^= 0x55;
    replace(store, path, bytes);
  }

  /** Changes the bytes from one offset (inclusive) to another (exclusive). */
  static void flip(Store store, LogicalPath path, long from, long to) throws IOException {
    byte[] bytes = read(store, path);
    for (int i = Math.toIntExact(from); i < to; i++) {
      bytes[i] ^= 0x55;
    }
    replace(store, path, bytes);
  }
}
