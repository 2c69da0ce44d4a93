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

/** Creates or replaces a file whole on HDFS: a temporary file, then a rename that refuses to overwrite, or does. */
final class ExclusiveRename {
  /*
   * A rename is atomic at the name node, and nobody else knows the temporary name. So the temporary file tells how an unclear
   * rename ended: if it can still be deleted, the rename was not done and never will be; if it is gone, the rename was done.
   */
  private final FileSystem fileSystem;

  ExclusiveRename(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** A file in the HDFS that really holds it. */
  private record Target(DistributedFileSystem hdfs, Path file) {}

  void create(Path file, String name, byte[] content) throws IOException {
    Target target = target(file);
    DistributedFileSystem hdfs = target.hdfs;
    Path resolved = target.file;
    if (hdfs.exists(resolved)) {
      throw new FileAlreadyExistsException(name);
    }
    Path temporary = writeTemporary(target, name, content);
    try {
      hdfs.rename(temporary, resolved, Options.Rename.NONE);
    } catch (IOException e) {
      afterUnclearRename(hdfs, temporary, resolved, name, content, e);
    }
  }

  /** Gives {@code file} this content, whatever file stood there. */
  void overwrite(Path file, String name, byte[] content) throws IOException {
    Target target = target(file);
    Path temporary = writeTemporary(target, name, content);
    try {
      target.hdfs.rename(temporary, target.file, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      deleteQuietly(target.hdfs, temporary);
      throw Failures.translate(name, e);
    }
  }

  private Target target(Path file) throws IOException {
    if (fileSystem instanceof DistributedFileSystem direct) {
      return new Target(direct, file);
    }
    Path resolved = resolve(file);
    return new Target(behind(resolved), resolved);
  }

  private static Path writeTemporary(Target target, String name, byte[] content)
      throws IOException {
    Path temporary = new Path(target.file.getParent(), "." + UUID.randomUUID() + ".tmp");
    try (FSDataOutputStream out =
        HadoopStore.create(target.hdfs, temporary, true, FsPermission.getFileDefault())) {
      out.write(content);
      out.hsync();
    } catch (IOException e) {
      deleteQuietly(target.hdfs, temporary);
      throw Failures.translate(name, e);
    }
    return temporary;
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
