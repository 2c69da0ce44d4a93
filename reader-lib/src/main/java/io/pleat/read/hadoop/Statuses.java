package io.pleat.read.hadoop;

import io.pleat.format.Attributes;
import io.pleat.format.LogicalPath;
import io.pleat.read.ListedItem;
import io.pleat.store.FileInfo;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/** Makes Hadoop's paths and file statuses of logical ones. Thread-safe. */
final class Statuses {
  private static final int MODE_MASK = 01777; // Hadoop has no set-id bits
  private static final FsPermission FILE = new FsPermission((short) 0644);
  private static final FsPermission DIRECTORY = new FsPermission((short) 0755);
  private static final int NANOS_PER_MILLI = 1_000_000;

  private final String authority;
  private final long rootMillis;
  private final short replication;
  private final long blockSize;

  /**
   * @param committedAt time of directories that no container records
   * @param replication of the dataset's store, which is what a copy of a file would want
   */
  Statuses(String authority, Instant committedAt, short replication, long blockSize) {
    this.authority = authority;
    this.rootMillis = committedAt.toEpochMilli();
    this.replication = replication;
    this.blockSize = blockSize;
  }

  Path path(LogicalPath logical) {
    try {
      return new Path(new URI(PleatFileSystem.SCHEME, authority, "/" + logical, null, null));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  TreeItem item(ListedItem item) {
    Path path = path(item.path());
    if (item.isDirectory()) {
      return new TreeItem(item.path(), directory(path, item), item.file());
    }
    Attributes attributes = item.file().get().attributes();
    FileStatus status = new FileStatus(
        item.file().get().length(),
        false,
        replication,
        blockSize,
        millis(attributes),
        millis(attributes),
        attributes.hasMode() ? permission(attributes) : FILE,
        attributes.owner(),
        attributes.group(),
        path);
    return new TreeItem(item.path(), status, item.file());
  }

  /** A loose file or directory. */
  TreeItem item(FileInfo found) {
    Path path = path(found.path());
    boolean directory = found.kind() == FileInfo.Kind.DIRECTORY;
    Attributes attributes = found.attributes();
    FsPermission unknown = directory ? DIRECTORY : FILE;
    FileStatus status = new FileStatus(
        found.length(),
        directory,
        directory ? 0 : replication,
        directory ? 0 : blockSize,
        millis(attributes),
        directory ? 0 : millis(attributes),
        attributes.hasMode() ? permission(attributes) : unknown,
        attributes.owner(),
        attributes.group(),
        path);
    return new TreeItem(found.path(), status, Optional.empty());
  }

  private FileStatus directory(Path path, ListedItem item) {
    if (item.directoryAttributes().isEmpty()) {
      return new FileStatus(0, true, 0, 0, rootMillis, 0, DIRECTORY, "", "", path);
    }
    Attributes attributes = item.directoryAttributes().get();
    return new FileStatus(
        0,
        true,
        0,
        0,
        millis(attributes),
        0,
        attributes.hasMode() ? permission(attributes) : DIRECTORY,
        attributes.owner(),
        attributes.group(),
        path);
  }

  private static FsPermission permission(Attributes attributes) {
    return new FsPermission((short) (attributes.mode() & MODE_MASK));
  }

  private static long millis(Attributes attributes) {
    long seconds = attributes.mtimeSeconds();
    if (Math.abs(seconds) >= Long.MAX_VALUE / 1000 - 1) {
      return seconds < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return 1000L * seconds + attributes.mtimeNanos() / NANOS_PER_MILLI;
  }
}
