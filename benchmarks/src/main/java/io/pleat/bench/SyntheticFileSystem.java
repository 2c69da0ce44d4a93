package io.pleat.bench;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PositionedReadable;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.Seekable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.Progressable;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * A read-only Hadoop file system without a disk: {@code synthetic:/images=N,length=N,spread=N,seed=N} is an {@link ImageTree},
 * {@code synthetic:/singles=N,big=N,unreadable=N,length=N} an {@link UnevenTree}. Notes in {@link TaskLedger} what each Spark task
 * listed.
 */
public final class SyntheticFileSystem extends FileSystem {
  static final String SCHEME = "synthetic";

  private static final FsPermission FILE = new FsPermission((short) 0644);
  private static final FsPermission GROUP_FILE = new FsPermission((short) 0664);
  private static final FsPermission DIRECTORY = new FsPermission((short) 0755);
  private static final FsPermission GROUP_DIRECTORY = new FsPermission((short) 0775);
  private static final String GROUP = "vision";
  private static final long BLOCK_SIZE = 128 << 20;

  private static final URI ROOT = URI.create(SCHEME + ":///");

  private final Map<String, SyntheticDirectory> trees = new ConcurrentHashMap<>();

  /** A child of a directory; a tree's root is in none. */
  private record Place(SyntheticDirectory parent, int number) {}

  /** The tree of images that the location names. */
  static ImageTree images(String location) {
    return images(sizes(URI.create(location).getPath().substring(1)));
  }

  private static ImageTree images(Map<String, Long> sizes) {
    return new ImageTree(
        sizes.get("images"),
        sizes.getOrDefault("length", 8L).intValue(),
        sizes.getOrDefault("spread", 1L).intValue(),
        sizes.getOrDefault("seed", 1L));
  }

  private static SyntheticDirectory tree(String name) {
    Map<String, Long> sizes = sizes(name);
    return sizes.containsKey("images")
        ? images(sizes).root()
        : UnevenTree.of(
            sizes.get("singles").intValue(),
            sizes.get("big").intValue(),
            sizes.get("unreadable").intValue(),
            sizes.get("length").intValue());
  }

  private static Map<String, Long> sizes(String name) {
    Map<String, Long> sizes = new HashMap<>();
    for (String setting : name.split(",")) {
      String[] parts = setting.split("=");
      checkArgument(parts.length == 2, "not NAME=NUMBER: '%s'", setting);
      sizes.put(parts[0], Long.valueOf(parts[1]));
    }
    return sizes;
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(name, configuration);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  private SyntheticDirectory rootOf(String path) {
    int slash = path.indexOf('/', 1);
    return trees.computeIfAbsent(
        path.substring(1, slash < 0 ? path.length() : slash), SyntheticFileSystem::tree);
  }

  private static boolean isRoot(String path) {
    return path.indexOf('/', 1) < 0;
  }

  /** What stands at a path; null if nothing does, or if it is a tree's root. */
  private Place find(String path) {
    Place place = null;
    SyntheticDirectory directory = rootOf(path);
    for (int start = path.indexOf('/', 1) + 1; start > 0 && start < path.length(); ) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      int number = directory == null ? -1 : directory.find(path.substring(start, end));
      if (number < 0) {
        return null;
      }
      place = new Place(directory, number);
      start = end + 1;
      directory = slash < 0 ? null : directory.descend(number);
    }
    return place;
  }

  private static String pathOf(Path path) {
    return path.toUri().getPath();
  }

  private Place require(Path path) throws FileNotFoundException {
    Place place = find(pathOf(path));
    if (place == null) {
      throw new FileNotFoundException(path.toString());
    }
    return place;
  }

  private FileStatus status(Path path, SyntheticDirectory parent, int number) {
    SyntheticDirectory directory = parent.descend(number);
    return directory == null
        ? new FileStatus(
            parent.length(number),
            false,
            1,
            BLOCK_SIZE,
            parent.mtimeOf(number) * 1000,
            0,
            parent.isGroupWritable() ? GROUP_FILE : FILE,
            parent.owner(),
            GROUP,
            path)
        : status(path, directory);
  }

  private static FileStatus status(Path path, SyntheticDirectory directory) {
    return new FileStatus(
        0,
        true,
        0,
        0,
        directory.mtime() * 1000,
        0,
        directory.isGroupWritable() ? GROUP_DIRECTORY : DIRECTORY,
        directory.owner(),
        GROUP,
        path);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    String name = pathOf(path);
    if (isRoot(name)) {
      return status(path, rootOf(name));
    }
    Place place = require(path);
    return status(path, place.parent, place.number);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
    String name = pathOf(path);
    SyntheticDirectory directory = rootOf(name);
    if (!isRoot(name)) {
      Place place = require(path);
      directory = place.parent.descend(place.number);
      if (directory == null) {
        FileStatus file = status(path, place.parent, place.number);
        return RemoteIterators.remoteIteratorFromSingleton(file);
      }
    }
    SyntheticDirectory listed = directory;
    return new RemoteIterator<>() {
      private final int size = listed.size();
      private int next;

      @Override
      public boolean hasNext() {
        if (next == size) {
          TaskLedger.listed(size);
          next++;
        }
        return next < size;
      }

      @Override
      public FileStatus next() {
        if (next >= size) {
          throw new NoSuchElementException();
        }
        int number = next++;
        Path child = new Path(SCHEME, null, name + "/" + listed.name(number));
        return status(child, listed, number);
      }
    };
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    List<FileStatus> all = new ArrayList<>();
    RemoteIterator<FileStatus> children = listStatusIterator(path);
    while (children.hasNext()) {
      all.add(children.next());
    }
    return all.toArray(FileStatus[]::new);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    Place place = require(path);
    if (place.parent.descend(place.number) != null) {
      throw new FileNotFoundException(path + " is a directory");
    }
    if (place.parent.isUnreadable(place.number)) {
      throw new AccessControlException(path.toString());
    }
    return new FSDataInputStream(new Bytes(content(place)));
  }

  private static byte[] content(Place place) {
    byte[] bytes = new byte[place.parent.length(place.number)];
    long state = place.parent.content(place.number);
    for (int i = 0; i < bytes.length; i++) {
      if (i % Long.BYTES == 0) {
        state = Rule.mix(state + i);
      }
      bytes[i] = (byte) (state >>> 8 * (i % Long.BYTES));
    }
    return bytes;
  }

  private static final class Bytes extends ByteArrayInputStream
      implements Seekable, PositionedReadable {
    Bytes(byte[] bytes) {
      super(bytes);
    }

    @Override
    public void seek(long position) throws IOException {
      if (position < 0 || position > count) {
        throw new EOFException("position " + position + " of " + count);
      }
      pos = (int) position;
    }

    @Override
    public long getPos() {
      return pos;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public int read(long position, byte[] target, int offset, int length) {
      if (position >= count) {
        return -1;
      }
      int read = (int) Math.min(length, count - position);
      System.arraycopy(buf, (int) position, target, offset, read);
      return read;
    }

    @Override
    public void readFully(long position, byte[] target, int offset, int length) throws IOException {
      if (read(position, target, offset, length) < length) {
        throw new EOFException();
      }
    }

    @Override
    public void readFully(long position, byte[] target) throws IOException {
      readFully(position, target, 0, target.length);
    }
  }

  @Override
  public void setWorkingDirectory(Path path) {}

  @Override
  public Path getWorkingDirectory() {
    return new Path(SCHEME, null, "/");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public boolean delete(Path path, boolean recursive) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    throw new ReadOnlyFileSystemException();
  }
}
