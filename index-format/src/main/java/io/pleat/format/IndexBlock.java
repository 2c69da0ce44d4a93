package io.pleat.format;

import java.io.IOException;
import java.util.Optional;

/**
 * A container's index block: logical path to ordinal to entry, and listings in key order. Immutable, thread-safe, and off the heap:
 * opening it makes no object per entry.
 */
public interface IndexBlock extends AutoCloseable {
  /** Number of entries. */
  int entryCount();

  /** Number of directories in the directory table: every directory that holds an entry, and all their ancestors. */
  int directoryCount();

  /** The ordinal of the file at {@code path} (UTF-8 bytes), or -1 if there is none. Exact. */
  int find(byte[] path);

  /** The ordinal of the first entry whose sort key is not below {@code key}; {@link #entryCount()} if there is none. */
  int ceiling(byte[] key);

  /** The index of the directory at {@code path} in the directory table, or -1 if it is not there. */
  int findDirectory(byte[] path);

  /** The entry of an ordinal, attributes included. */
  Entry entry(int ordinal) throws IOException;

  /** The path of an ordinal. */
  LogicalPath path(int ordinal);

  /** Where the stored bytes of an entry lie, without reading its attributes. */
  Extent extent(int ordinal);

  /** One row of the directory table. */
  DirectoryEntry directory(int index) throws IOException;

  /** Bytes held in memory, on and off the heap. */
  long residentBytes();

  /** The container that this block describes. */
  ContainerId container();

  /** The dictionary for payloads of codec {@link PayloadCodec#ZSTD_DICTIONARY}, if the container has one. */
  Optional<byte[]> dictionary();

  /** Lets go of the memory once the last running call has returned; later calls throw IllegalStateException. */
  @Override
  void close();
}
