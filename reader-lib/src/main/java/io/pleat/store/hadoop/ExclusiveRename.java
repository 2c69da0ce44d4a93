package io.pleat.store.hadoop;

import io.pleat.store.CommitStateUnknownException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.fs.viewfs.ViewFileSystem;
import org.apache.hadoop.hdfs.DistributedFileSystem;

/** Creates a file whole and exclusively on HDFS: a temporary file, then a rename that refuses to overwrite. */
final class ExclusiveRename {
  /*
   * A rename is atomic at the name node, and nobody else knows the temporary name. So the temporary file tells how an unclear
   * rename ended: if it can still be deleted, the rename was not done and never will be; if it is gone, the rename was done.
   */
  private final FileSystem fileSystem;

  ExclusiveRename(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  void create(Path file, String name, byte[] content) throws IOException {
    Path resolved = file;
    DistributedFileSystem hdfs;
    if (fileSystem instanceof DistributedFileSystem direct) {
      hdfs = direct;
    } else {
      resolved = resolve(file);
      hdfs = behind(resolved);
    }
    if (hdfs.exists(resolved)) {
      throw new FileAlreadyExistsException(name);
    }
    Path temporary = new Path(resolved.getParent(), "." + UUID.randomUUID() + ".tmp");
    try (FSDataOutputStream out =
        HadoopStore.create(hdfs, temporary, true, FsPermission.getFileDefault())) {
      out.write(content);
      out.hsync();
    } catch (IOException e) {
      deleteQuietly(hdfs, temporary);
      throw Failures.translate(name, e);
    }
    try {
      hdfs.rename(temporary, resolved, Options.Rename.NONE);
    } catch (IOException e) {
      afterUnclearRename(hdfs, temporary, resolved, name, content, e);
    }
  }

  private static void afterUnclearRename(
      DistributedFileSystem hdfs,
      Path temporary,
      Path file,
      String name,
      byte[] content,
      IOException failure)
      throws IOException {
    boolean undone;
    boolean mine = false;
    try {
      undone = hdfs.delete(temporary, false);
      if (!undone) {
        mine = holds(hdfs, file, content);
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
      throw new CommitStateUnknownException("answer lost: " + name, failure);
    }
    if (undone) {
      throw Failures.translate(name, failure);
    }
    if (!mine) {
      throw new CommitStateUnknownException(
          "temporary file is gone, another stands there: " + name, failure);
    }
  }

  private static boolean holds(DistributedFileSystem hdfs, Path file, byte[] content)
      throws IOException {
    if (!hdfs.exists(file)) {
      return false;
    }
    try (FSDataInputStream in = hdfs.open(file)) {
      return Arrays.equals(in.readNBytes(content.length + 1), content);
    }
  }

  private Path resolve(Path file) throws IOException {
    if (!(fileSystem instanceof ViewFileSystem)) {
      throw new IOException("no safe exclusive creation is known for scheme '"
          + fileSystem.getUri().getScheme() + "': " + file);
    }
    fileSystem.mkdirs(file.getParent());
    return new Path(fileSystem.resolvePath(file.getParent()), file.getName());
  }

  private DistributedFileSystem behind(Path resolved) throws IOException {
    // Hadoop's cache holds it, for the mounts: it is not ours to close.
    FileSystem target = resolved.getFileSystem(fileSystem.getConf());
    if (target instanceof DistributedFileSystem hdfs) {
      return hdfs;
    }
    throw new IOException("no safe exclusive creation is known for scheme '"
        + target.getUri().getScheme() + "': " + resolved);
  }

  private static void deleteQuietly(DistributedFileSystem hdfs, Path temporary) {
    try {
      hdfs.delete(temporary, false);
    } catch (IOException e) {
      return; // a hidden file stays
    }
  }
}
