package io.pleat.read.hadoop;

import io.pleat.format.LogicalPath;
import io.pleat.read.FoldedDataset;
import io.pleat.store.FileInfo;
import io.pleat.store.Store;
import io.pleat.store.hadoop.HadoopLocation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Writes of an overlay: straight to the source tree, seen at once by who wrote them, folded by a later run. What is folded is neither deleted
 * nor renamed; a file written at its path hides it. Thread-safe.
 */
final class SourceWrites {
  private final FoldedDataset dataset;
  private final Tree tree;
  private final LooseItems loose;
  private final Store source;
  private final FileSystem fileSystem;
  private final HadoopLocation root;
  private final Statuses statuses;

  /** @param fileSystem holds the source tree, whose root is {@code root}; not closed with this */
  SourceWrites(
      FoldedDataset dataset,
      Tree tree,
      LooseItems loose,
      Store source,
      FileSystem fileSystem,
      HadoopLocation root,
      Statuses statuses) {
    this.dataset = dataset;
    this.tree = tree;
    this.loose = loose;
    this.source = source;
    this.fileSystem = fileSystem;
    this.root = root;
    this.statuses = statuses;
  }

  /** The original's place. Links below the root are never followed: they may lead out of what is allowed. */
  private Path original(LogicalPath path) throws IOException {
    for (LogicalPath at = path; root.scheme().equals("file") && !at.isRoot(); at = at.parent()) {
      Optional<FileInfo> found = source.stat(at);
      if (found.isPresent() && found.get().kind() == FileInfo.Kind.SYMBOLIC_LINK) {
        throw new PathIOException(
            statuses.path(path).toString(), root + "/" + at + " is a symbolic link");
      }
    }
    return root.resolve(path);
  }

  private void requireDirectoryAbove(LogicalPath path, boolean present) throws IOException {
    for (LogicalPath above = path; !above.isRoot(); ) {
      above = above.parent();
      Optional<TreeItem> found = tree.find(above);
      if (found.isPresent()) {
        if (found.get().status().isFile()) {
          throw new ParentNotDirectoryException(statuses.path(above) + " is a file");
        }
        return;
      }
      if (present) {
        throw new FileNotFoundException("there is no directory " + statuses.path(above));
      }
    }
  }

  /** @param wantsParent whether the parent directory must be there */
  FSDataOutputStream create(
      LogicalPath path,
      FsPermission permission,
      boolean overwrite,
      boolean wantsParent,
      int bufferSize,
      short replication,
      long blockSize)
      throws IOException {
    Optional<TreeItem> found = tree.find(path);
    if (found.isPresent() && (found.get().status().isDirectory() || !overwrite)) {
      throw new FileAlreadyExistsException(statuses.path(path)
          + (found.get().status().isDirectory() ? " is a directory" : " exists already"));
    }
    requireDirectoryAbove(path, wantsParent);
    FSDataOutputStream out = fileSystem.create(
        original(path), permission, overwrite, bufferSize, replication, blockSize, null);
    loose.touched(path);
    return seen(out, path);
  }

  FSDataOutputStream append(LogicalPath path, int bufferSize) throws IOException {
    requireLoose(path, "append to");
    return seen(fileSystem.append(original(path), bufferSize), path);
  }

  /** The stream, whose file is looked at again when it was closed. */
  private FSDataOutputStream seen(FSDataOutputStream out, LogicalPath path) throws IOException {
    return new FSDataOutputStream(out, null, out.getPos()) {
      private boolean closed;

      @Override
      public void close() throws IOException {
        super.close();
        if (!closed) {
          closed = true;
          loose.touched(path);
        }
      }
    };
  }

  boolean mkdirs(LogicalPath path, FsPermission permission) throws IOException {
    Optional<TreeItem> found = tree.find(path);
    if (found.isPresent()) {
      if (found.get().status().isFile()) {
        throw new FileAlreadyExistsException(statuses.path(path) + " is a file");
      }
      return true;
    }
    requireDirectoryAbove(path, false);
    boolean made = fileSystem.mkdirs(original(path), permission);
    loose.touched(path);
    return made;
  }

  boolean delete(LogicalPath path, boolean recursive) throws IOException {
    if (tree.find(path).isEmpty()) {
      return false;
    }
    requireNothingFolded(path, "delete");
    boolean deleted = fileSystem.delete(original(path), recursive);
    loose.forget(path);
    loose.touched(path);
    return deleted;
  }

  boolean rename(LogicalPath from, LogicalPath to) throws IOException {
    Optional<TreeItem> moved = tree.find(from);
    if (moved.isEmpty()) {
      return false;
    }
    requireNothingFolded(from, "rename");
    LogicalPath target = to;
    Optional<TreeItem> there = tree.find(to);
    if (there.isPresent() && there.get().status().isDirectory() && !to.equals(from)) {
      target = to.resolve(from.name());
      there = tree.find(target);
    }
    if (target.equals(from)) {
      return moved.get().status().isFile();
    }
    if (target.startsWith(from)) {
      return false;
    }
    if (there.isPresent()) {
      throw new FileAlreadyExistsException(statuses.path(target) + " exists already"
          + (isFolded(target) ? ", folded; 'pleat rm' removes it" : ""));
    }
    requireDirectoryAbove(target, true);
    if (!target.parent().isRoot()) {
      fileSystem.mkdirs(original(target.parent())); // its originals may have been reclaimed
    }
    boolean renamed = fileSystem.rename(original(from), original(target));
    loose.forget(from);
    loose.forget(target);
    loose.touched(from);
    loose.touched(target);
    return renamed;
  }

  void setPermission(LogicalPath path, FsPermission permission) throws IOException {
    requireLoose(path, "set the mode of");
    fileSystem.setPermission(original(path), permission);
    loose.touched(path);
  }

  void setOwner(LogicalPath path, String owner, String group) throws IOException {
    requireLoose(path, "set the owner of");
    fileSystem.setOwner(original(path), owner, group);
    loose.touched(path);
  }

  void setTimes(LogicalPath path, long modified, long accessed) throws IOException {
    requireLoose(path, "set the time of");
    fileSystem.setTimes(original(path), modified, accessed);
    loose.touched(path);
  }

  private boolean isFolded(LogicalPath path) throws IOException {
    return path.isRoot() || dataset.find(path).isPresent();
  }

  /** That the bytes that are seen at {@code path} are the source's. */
  private void requireLoose(LogicalPath path, String what) throws IOException {
    if (loose.find(path).isEmpty()) {
      if (tree.find(path).isEmpty()) {
        throw new FileNotFoundException(statuses.path(path) + " is not there");
      }
      throw refused(path, what);
    }
  }

  /** That no snapshot's file would stay behind, or come to light. */
  private void requireNothingFolded(LogicalPath path, String what) throws IOException {
    if (isFolded(path)) {
      throw refused(path, what);
    }
  }

  private PathIOException refused(LogicalPath path, String what) {
    return new PathIOException(
        statuses.path(path).toString(),
        "cannot " + what + " what is folded; 'pleat rm " + dataset.location() + " " + path
            + "' removes it from the dataset");
  }
}
