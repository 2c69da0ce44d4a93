package io.pleat.read.hadoop;

import io.pleat.format.LogicalPath;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.RemoteIterator;

/** What a {@link PleatFileSystem} shows, by logical path. Thread-safe; its iterators are not. Exceptions are Hadoop's. */
interface Tree extends Closeable {
  /** What stands at {@code path}. */
  Optional<TreeItem> find(LogicalPath path) throws IOException;

  /** The children of a directory that is there. */
  RemoteIterator<TreeItem> children(LogicalPath directory) throws IOException;

  /** All that is below a directory that is there, in one sweep. */
  RemoteIterator<TreeItem> below(LogicalPath directory) throws IOException;

  /**
   * Opens a file.
   *
   * @throws java.io.FileNotFoundException if there is none, or it is a directory
   */
  OpenedFile open(LogicalPath path) throws IOException;

  /** Where a file's bytes are from {@code start} on, {@code length} of them or as many as there are. */
  BlockLocation[] locations(TreeItem file, long start, long length) throws IOException;
}
