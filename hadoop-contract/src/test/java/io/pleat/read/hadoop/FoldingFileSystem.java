package io.pleat.read.hadoop;

import io.pleat.format.LogicalPath;
import io.pleat.read.DatasetBuilder;
import io.pleat.read.DatasetBuilder.Content;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathFilter;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Lets Hadoop's contract suites make the files that they then read, which a snapshot does not allow: writes go to a source tree; the first
 * read after one folds that tree into a new dataset and opens a {@link PleatFileSystem} on it. Every read is that file system's own.
 */
final class FoldingFileSystem extends FilterFileSystem {
  private static final String NAME = "contract";

  private final FileSystem source;
  private final String base;
  private final Map<String, String> configuration;
  private final List<FileSystem> opened = new ArrayList<>();
  private boolean changed = true;

  /**
   * @param source holds {@code base}; not closed with this
   * @param base location of an empty directory, for source tree and datasets
   */
  FoldingFileSystem(FileSystem source, String base, Map<String, String> configuration)
      throws IOException {
    this.source = source;
    this.base = base;
    this.configuration = configuration;
    source.mkdirs(new Path(base + "/source"));
    refresh();
  }

  private void refresh() throws IOException {
    if (!changed) {
      return;
    }
    String dataset = base + "/dataset-" + opened.size();
    fold(dataset);
    Configuration conf = new Configuration();
    configuration.forEach(conf::set);
    conf.set("pleat.dataset." + NAME, dataset);
    fs = FileSystem.newInstance(URI.create("pleat://" + NAME), conf);
    opened.add(fs);
    changed = false;
  }

  private void fold(String dataset) throws IOException {
    try (Store from = Stores.open(base + "/source", configuration);
        Store to = Stores.open(dataset, configuration)) {
      Content content = new Content().directory("");
      from.listRecursively(LogicalPath.ROOT, new ListingVisitor() {
        @Override
        public void visit(FileInfo file) throws IOException {
          String path = file.path().toString();
          if (file.kind() == FileInfo.Kind.DIRECTORY) {
            content.directory(path, file.attributes());
          } else {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
            from.readUnchanged(file, bytes);
            content.file(path, bytes.array(), file.attributes());
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason)
            throws IOException {
          throw new IOException(displayName + ": " + reason);
        }
      });
      DatasetBuilder builder = DatasetBuilder.on(to, from.location());
      builder.add(content);
      builder.commit();
    }
  }

  private Path original(Path path) {
    changed = true;
    return new Path(base + "/source" + fs.makeQualified(path).toUri().getPath());
  }

  // ---- writes

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return source.create(original(path), overwrite);
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress,
      org.apache.hadoop.fs.Options.ChecksumOpt checksum)
      throws IOException {
    return source.create(original(path), flags.contains(CreateFlag.OVERWRITE));
  }

  @Override
  public org.apache.hadoop.fs.FSDataOutputStreamBuilder<?, ?> createFile(Path path) {
    return source.createFile(original(path)).recursive();
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    return source.mkdirs(original(path));
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    return source.mkdirs(original(path));
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    return source.delete(original(path), recursive);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    return source.rename(original(from), original(to));
  }

  // ---- reads

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    refresh();
    return super.open(path, bufferSize);
  }

  @Override
  public FutureDataInputStreamBuilder openFile(Path path) throws IOException {
    refresh();
    return super.openFile(path);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    refresh();
    return super.getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    refresh();
    return super.listStatus(path);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
    refresh();
    return super.listStatusIterator(path);
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listLocatedStatus(Path path) throws IOException {
    refresh();
    return super.listLocatedStatus(path);
  }

  @Override
  protected RemoteIterator<LocatedFileStatus> listLocatedStatus(Path path, PathFilter filter)
      throws IOException {
    refresh();
    return ((PleatFileSystem) fs).listLocatedStatus(path, filter);
  }

  @Override
  public RemoteIterator<LocatedFileStatus> listFiles(Path path, boolean recursive)
      throws IOException {
    refresh();
    return fs.listFiles(path, recursive);
  }

  @Override
  public BlockLocation[] getFileBlockLocations(FileStatus file, long start, long length)
      throws IOException {
    refresh();
    return super.getFileBlockLocations(file, start, length);
  }

  @Override
  public void close() throws IOException {
    for (FileSystem one : opened) {
      one.close();
    }
  }
}
