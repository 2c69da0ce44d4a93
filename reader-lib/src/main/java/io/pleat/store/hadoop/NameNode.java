package io.pleat.store.hadoop;

import io.pleat.store.ListingDetail;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DFSUtilClient;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.ViewDistributedFileSystem;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;
import org.apache.hadoop.hdfs.protocol.DirectoryListing;
import org.apache.hadoop.hdfs.protocol.EncryptionZone;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;

/**
 * The name node behind an HDFS file system, asked by the client below that file system: no {@code Path} and no URI is made for a file,
 * which costs as much as the rest of a listing. Paths are absolute and literal. Never follows a link. Throws what Hadoop throws.
 * Thread-safe.
 */
final class NameNode {
  private final DistributedFileSystem fileSystem;

  private NameNode(DistributedFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** The one name node that serves all of {@code fileSystem}; nothing if that is no HDFS, or a view of several. */
  static Optional<NameNode> behind(FileSystem fileSystem) {
    boolean one = fileSystem instanceof DistributedFileSystem
        && !(fileSystem instanceof ViewDistributedFileSystem);
    return one ? Optional.of(new NameNode((DistributedFileSystem) fileSystem)) : Optional.empty();
  }

  /** What stands at {@code path}, with its blocks and without its path. */
  Optional<FileStatus> status(String path) throws IOException {
    HdfsFileStatus found = DFSUtilClient.isValidName(path)
        ? fileSystem.getClient().getLocatedFileInfo(path, false)
        : null;
    return found instanceof FileStatus status ? Optional.of(status) : Optional.empty();
  }

  /** Opens a file for reading from its beginning; tells its blocks and length without another call. */
  HdfsDataInputStream open(String path, int bufferLength) throws IOException {
    return fileSystem
        .getClient()
        .createWrappedInputStream(fileSystem.getClient().open(path, bufferLength, true));
  }

  /**
   * Starts listing a directory, with blocks if these are asked for; of a file, the one child is the file itself, with an empty name.
   *
   * @throws FileNotFoundException if nothing is there
   */
  Children list(String directory, ListingDetail detail) throws IOException {
    return new Children(directory, detail == ListingDetail.STAMPS);
  }

  /** See {@link FileSystem#rename}. */
  @SuppressWarnings("deprecation") // as DistributedFileSystem has it: in one step
  void rename(Path from, Path to, Options.Rename existing) throws IOException {
    fileSystem.rename(from, to, existing);
  }

  /** The encryption zone that an existing path lies in, null if in none. */
  EncryptionZone encryptionZone(Path path) throws IOException {
    return fileSystem.getEZForPath(path);
  }

  /** A directory's children, a page at a time: hundreds in one call. */
  final class Children {
    private final String directory;
    private final boolean withBlocks;
    private DirectoryListing page;
    private HdfsFileStatus[] children;
    private int next;

    private Children(String directory, boolean withBlocks) throws IOException {
      this.directory = directory;
      this.withBlocks = withBlocks;
      turnTo(HdfsFileStatus.EMPTY_NAME);
    }

    private void turnTo(byte[] after) throws IOException {
      page = fileSystem.getClient().listPaths(directory, after, withBlocks);
      if (page == null) {
        throw new FileNotFoundException(directory);
      }
      children = page.getPartialListing();
      next = 0;
    }

    boolean hasNext() throws IOException {
      while (next == children.length && page.hasMore()) {
        turnTo(page.getLastName());
      }
      return next < children.length;
    }

    HdfsFileStatus next() throws IOException {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return children[next++];
    }
  }
}
