package io.pleat.store.hadoop;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.fs.permission.FsPermission;

/** The trash of a Hadoop file system, laid out as {@code hdfs dfs -rm} does: what lies there can be moved back by its old name. */
final class HadoopTrash {
  private static final FsPermission ONLY_OWNER =
      new FsPermission(FsAction.ALL, FsAction.NONE, FsAction.NONE);

  private final FileSystem fileSystem;

  HadoopTrash(FileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  /** Moves a file to the trash under the name {@code originally}; false if there is none. */
  boolean move(Path file, Path originally) throws IOException {
    if (!isOn(file)) {
      return false;
    }
    String below = originally.getParent().toUri().getPath();
    Path directory = new Path(fileSystem.getTrashRoot(file), "Current" + below);
    fileSystem.mkdirs(directory, ONLY_OWNER);
    Path target = new Path(directory, originally.getName());
    if (fileSystem.exists(target)) {
      target = new Path(directory, originally.getName() + System.currentTimeMillis());
    }
    if (!fileSystem.rename(file, target)) {
      throw new IOException("could not be moved to the trash at " + target + ": " + file);
    }
    return true;
  }

  /** Whether there is one for {@code file}. */
  boolean isOn(Path file) throws IOException {
    long interval = fileSystem.getServerDefaults(file).getTrashInterval();
    if (interval == 0) {
      interval = fileSystem
          .getConf()
          .getTimeDuration(
              CommonConfigurationKeysPublic.FS_TRASH_INTERVAL_KEY,
              CommonConfigurationKeysPublic.FS_TRASH_INTERVAL_DEFAULT,
              TimeUnit.MINUTES);
    }
    return interval > 0;
  }
}
