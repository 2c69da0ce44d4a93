package io.pleat.read;

import io.pleat.dataset.Snapshot;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One pinned snapshot of a dataset, read by logical path. Thread-safe; index blocks load lazily, once however many ask, and are cached
 * by bytes.
 */
public final class FoldedDataset implements Closeable {
  private FoldedDataset() {}

  /**
   * Pins the newest snapshot of the dataset at {@code location}.
   *
   * @param configuration Hadoop settings for HDFS and S3 locations; ignored for local ones
   */
  public static FoldedDataset open(
      String location, Map<String, String> configuration, ReaderOptions options)
      throws IOException {
    throw new IOException(location + configuration + options);
  }

  /** The pinned snapshot. */
  public Snapshot snapshot() {
    throw new IllegalStateException();
  }

  /** Where a file's bytes are; nothing if no live entry has this path. */
  public Optional<Location> locate(LogicalPath path) throws IOException {
    throw new IOException("" + path);
  }

  /**
   * A file's bytes, checksums verified.
   *
   * @throws java.nio.file.NoSuchFileException if no live entry has this path
   */
  public ByteBuffer read(LogicalPath path) throws IOException {
    throw new IOException("" + path);
  }

  /** Opens a file for positional reads; of a folded file the whole payload is verified when first read. */
  public ByteSource open(LogicalPath path) throws IOException {
    throw new IOException("" + path);
  }

  /**
   * The live children of a directory in key order (files by name, then directories by name), lazily.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such directory
   * @throws java.nio.file.NotDirectoryException if it is a file
   */
  public Stream<ListedItem> list(LogicalPath directory) throws IOException {
    throw new IOException("" + directory);
  }

  /** Everything live below a directory in key order, the directory itself first, lazily. */
  public Stream<ListedItem> listRecursively(LogicalPath directory) throws IOException {
    throw new IOException("" + directory);
  }

  @Override
  public void close() throws IOException {}
}
