package io.pleat.torture;

import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/** A source in HDFS or an object store. In an object store a put is atomic; elsewhere a file is written beside the tree and moved into it. */
final class HadoopSourceTree implements SourceTree {
  private static final int ATTEMPTS = 10;

  private final FileSystem fileSystem;
  private final Path root;
  private final boolean objects;
  private final AtomicLong temporaries = new AtomicLong();

  /** @param location of the root; {@code <location>.tmp} beside it is used, too */
  HadoopSourceTree(String location, Map<String, String> settings) throws IOException {
    Configuration configuration = new Configuration();
    settings.forEach(configuration::set);
    root = new Path(location);
    fileSystem = FileSystem.newInstance(root.toUri(), configuration);
    objects = root.toUri().getScheme().startsWith("s3");
    fileSystem.mkdirs(root);
  }

  @Override
  public void put(LogicalPath path, byte[] content) throws IOException {
    Path target = resolve(path);
    Path written = objects
        ? target
        : new Path(root.getParent(), root.getName() + ".tmp/" + temporaries.incrementAndGet());
    try (OutputStream out = fileSystem.create(written, true)) {
      out.write(content);
    }
    if (!objects) {
      moveTo(written, target);
    }
  }

  /** Who removes an empty directory at that instant is no surprise to a user. */
  private void moveTo(Path written, Path target) throws IOException {
    for (int attempt = 1; ; attempt++) {
      fileSystem.mkdirs(target.getParent());
      try {
        FileContext.getFileContext(root.toUri(), fileSystem.getConf())
            .rename(written, target, Options.Rename.OVERWRITE);
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS || !fileSystem.exists(written)) {
          throw e;
        }
      }
    }
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    fileSystem.delete(resolve(path), false);
  }

  @Override
  public boolean exists(LogicalPath path) throws IOException {
    return fileSystem.exists(resolve(path));
  }

  private Path resolve(LogicalPath path) {
    return new Path(root, new Path(null, null, path.toString()));
  }
}
