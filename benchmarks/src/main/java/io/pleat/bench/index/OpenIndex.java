package io.pleat.bench.index;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;

/** An index opened for lookups. Any number of threads may look up at once. */
interface OpenIndex extends Closeable {
  /** Takes paths in key order. */
  interface PathSink {
    /** @param path UTF-8, its first {@code length} bytes; valid until this returns */
    void accept(byte[] path, int length);
  }

  /** The ordinal of the file at {@code path} (UTF-8), or -1. */
  int find(byte[] path) throws IOException;

  /** The same, and where it is, if it is there; the offset is -1 where the index hides it. */
  int locate(byte[] path, Location location) throws IOException;

  /** Passes all paths on. */
  void list(PathSink sink) throws IOException;

  /** Bytes in memory that lookups need, by section. */
  Map<String, Long> resident() throws IOException;

  /** Bytes that its sections take at rest under zstd, level 3, where that pays and is meant; by section. */
  default Map<String, Long> compressed() throws IOException {
    return Map.of();
  }

  /** Whether it keeps checksums beside offset and length. */
  default boolean hasChecksums() {
    return true;
  }

  /** Whether it never finds what is not there. */
  default boolean isExact() {
    return true;
  }

  /** Whether {@link #list} keeps to key order. */
  default boolean listsInKeyOrder() {
    return true;
  }

  @Override
  default void close() throws IOException {}
}
