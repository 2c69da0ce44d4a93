package io.pleat.store.hadoop;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingDetail;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Redundancy;
import io.pleat.store.SourceChangedException;
import io.pleat.store.Store;
import io.pleat.store.StoreTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;
import org.apache.hadoop.hdfs.protocol.EncryptionZone;
import org.apache.hadoop.hdfs.protocol.ErasureCodingPolicy;
import org.apache.hadoop.hdfs.protocol.HdfsFileStatus;
import org.apache.hadoop.hdfs.protocol.SnapshottableDirectoryStatus;
import org.apache.hadoop.ipc.RemoteException;

/** HDFS, and any other Hadoop file system with real directories. */
final class HadoopStore implements Store {
  /** A modification time has steps of 1 ms, and is told by another machine's clock. */
  private static final long CLOCK_NANOS = 2_000_000_000;

  private static final int BUFFER_LENGTH = 64 << 10;
  private static final int MODE_MASK = 01777;
  private static final int SET_ID_BITS = 06000;
  private static final FsPermission ONLY_OWNER = new FsPermission((short) 0600);

  private static final SnapshottableDirectoryStatus[] NO_DIRECTORIES = {};

  private final HadoopLocation location;
  private final FileSystems.Lease lease;
  private final FileSystem fileSystem;
  private final Optional<NameNode> hdfs;
  private final StoreTraits traits;
  private final ExclusiveRename exclusive;

  private HadoopStore(HadoopLocation location, FileSystems.Lease lease) {
    this.location = location;
    this.lease = lease;
    this.fileSystem = lease.fileSystem();
    this.hdfs = NameNode.behind(fileSystem);
    this.traits = new StoreTraits(location.scheme(), false, false, CLOCK_NANOS);
    this.exclusive = new ExclusiveRename(fileSystem);
  }

  static Store open(HadoopLocation location, Map<String, String> configuration) throws IOException {
    FileSystems.Lease lease = FileSystems.lease(location, configuration);
    String authority = lease.fileSystem().getUri().getAuthority();
    return new HadoopStore(location.withAuthority(authority == null ? "" : authority), lease);
  }

  @Override
  public String location() {
    return location.toString();
  }

  @Override
  public StoreTraits traits() {
    return traits;
  }

  private String name(LogicalPath path) {
    return path.isRoot() ? location.toString() : location + "/" + path;
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) throws IOException {
    return status(path).map(status -> info(path, status));
  }

  private Optional<FileStatus> status(LogicalPath path) throws IOException {
    try {
      if (hdfs.isEmpty()) {
        return Optional.of(fileSystem.getFileStatus(location.resolve(path)));
      }
      return hdfs.get().status(location.pathOf(path));
    } catch (IOException e) {
      IOException translated = Failures.translate(name(path), e);
      if (translated instanceof NoSuchFileException
          || translated instanceof NotDirectoryException) {
        return Optional.empty();
      }
      throw translated;
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a name that it cannot hold
    }
  }

  private static FileInfo info(LogicalPath path, FileStatus status) {
    FileInfo.Kind kind = status.isFile()
        ? FileInfo.Kind.FILE
        : status.isDirectory() ? FileInfo.Kind.DIRECTORY : FileInfo.Kind.SYMBOLIC_LINK;
    long millis = status.getModificationTime();
    Attributes attributes = new Attributes(
        Math.floorDiv(millis, 1000L),
        (int) Math.floorMod(millis, 1000L) * 1_000_000,
        status.getPermission().toShort() & MODE_MASK,
        status.getOwner() == null ? "" : status.getOwner(),
        status.getGroup() == null ? "" : status.getGroup(),
        "");
    return new FileInfo(
        path,
        kind,
        kind == FileInfo.Kind.FILE ? status.getLen() : 0,
        attributes,
        BlockStamp.of(status));
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    list(directory, ListingDetail.STAMPS, visitor);
  }

  @Override
  public void list(LogicalPath directory, ListingDetail detail, ListingVisitor visitor)
      throws IOException {
    byte[] prefix = directory.isRoot() ? new byte[0] : directory.utf8();
    if (hdfs.isPresent()) {
      NameNode.Children children =
          next(directory, () -> hdfs.get().list(location.pathOf(directory), detail));
      while (next(directory, children::hasNext)) {
        HdfsFileStatus child = next(directory, children::next);
        if (child.isEmptyLocalName()) {
          throw new NotDirectoryException(name(directory));
        }
        visit(directory, prefix, child.getLocalNameInBytes(), (FileStatus) child, visitor);
      }
      return;
    }
    Path path = location.resolve(directory);
    RemoteIterator<? extends FileStatus> children =
        next(directory, () -> fileSystem.listStatusIterator(path));
    while (next(directory, children::hasNext)) {
      FileStatus child = next(directory, children::next);
      if (!child.isDirectory() && child.getPath().equals(path)) {
        throw new NotDirectoryException(name(directory));
      }
      byte[] name = child.getPath().getName().getBytes(StandardCharsets.UTF_8);
      visit(directory, prefix, name, child, visitor);
    }
  }

  private static void visit(
      LogicalPath directory, byte[] prefix, byte[] name, FileStatus child, ListingVisitor visitor)
      throws IOException {
    byte[] utf8 = join(prefix, name);
    Optional<String> illegal = LogicalPath.whyIllegal(utf8);
    if (illegal.isPresent()) {
      String text = new String(name, StandardCharsets.UTF_8);
      visitor.unlistable(
          directory, directory.isRoot() ? text : directory + "/" + text, illegal.get());
    } else {
      visitor.visit(info(LogicalPath.ofUtf8(utf8), child));
    }
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T next(LogicalPath path, Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (IOException e) {
      throw Failures.translate(name(path), e);
    } catch (IllegalArgumentException e) {
      throw Failures.translate(name(path), e);
    }
  }

  private static byte[] join(byte[] prefix, byte[] name) {
    if (prefix.length == 0) {
      return name;
    }
    byte[] joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
    joined[prefix.length] = '/';
    System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
    return joined;
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    return next(path, () -> {
      Path file = location.resolve(path);
      if (hdfs.isPresent()) {
        FSDataInputStream in = fileSystem.open(file, BUFFER_LENGTH);
        if (in instanceof HdfsDataInputStream opened) { // tells the length without another call
          return new HadoopSource(name(path), opened.getVisibleLength(), in);
        }
        in.close();
      }
      FileStatus status = fileSystem.getFileStatus(file);
      return new HadoopSource(name(path), status.getLen(), fileSystem.open(file, BUFFER_LENGTH));
    });
  }

  /*
   * One call to the name node on HDFS, for the blocks: they are the ones that were listed, or the file changed. Elsewhere a second
   * call looks again when the bytes are there. (Opening a path handle would check inode and mtime, but a name node of Hadoop 3.5
   * then gives the blocks without asking whether the user may read them: a fold would copy what its user cannot see.)
   */
  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    checkArgument(listed.kind() == FileInfo.Kind.FILE, "not a file: %s", listed.path());
    checkArgument(
        listed.length() <= target.remaining(),
        "%s bytes do not fit into %s: %s",
        listed.length(),
        target.remaining(),
        listed.path());
    int limit = target.limit();
    boolean proven = false;
    try {
      if (listed.length() > 0) {
        target.limit(target.position() + (int) listed.length());
        try (FSDataInputStream in = openWhole(listed.path())) {
          if (hdfs.isPresent() && in instanceof HdfsDataInputStream opened) {
            proven = BlockStamp.names(listed.stamp(), listed.length(), opened.getAllBlocks());
            if (!proven) {
              throw new SourceChangedException(
                  "changed since it was listed: " + name(listed.path()));
            }
          }
          readWhole(in, target, listed);
        }
      }
    } catch (SourceChangedException e) {
      throw e;
    } catch (IOException e) {
      requireUnchanged(listed); // else the change explains the failure
      throw Failures.translate(name(listed.path()), e);
    } finally {
      target.limit(limit);
    }
    if (!proven) {
      requireUnchanged(listed);
    }
  }

  private void readWhole(FSDataInputStream in, ByteBuffer target, FileInfo listed)
      throws IOException {
    boolean readsBuffers = !target.hasArray() && in.hasCapability("in:readbytebuffer");
    byte[] piece = target.hasArray() || readsBuffers
        ? null
        : new byte[Math.min(target.remaining(), BUFFER_LENGTH)];
    while (target.hasRemaining()) {
      int read;
      if (readsBuffers) {
        read = in.read(target);
      } else if (piece == null) {
        read =
            in.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
        target.position(target.position() + Math.max(read, 0));
      } else {
        read = in.read(piece, 0, Math.min(piece.length, target.remaining()));
        target.put(piece, 0, Math.max(read, 0));
      }
      if (read < 0) {
        throw new SourceChangedException(
            "was listed with " + listed.length() + " bytes, ends before: " + name(listed.path()));
      }
    }
    boolean more = in instanceof HdfsDataInputStream opened
        ? opened.getVisibleLength() != listed.length()
        : in.read() >= 0;
    if (more) {
      throw new SourceChangedException(
          "was listed with " + listed.length() + " bytes, has more: " + name(listed.path()));
    }
  }

  private FSDataInputStream openWhole(LogicalPath path) throws IOException {
    return hdfs.isPresent()
        ? hdfs.get().open(location.pathOf(path), BUFFER_LENGTH)
        : fileSystem.open(location.resolve(path), BUFFER_LENGTH);
  }

  private void requireUnchanged(FileInfo listed) throws IOException {
    FileInfo now = status(listed.path())
        .map(status -> info(listed.path(), status))
        .orElseThrow(() ->
            new SourceChangedException("vanished since it was listed: " + name(listed.path())));
    if (!listed.sameContentAs(now)) {
      throw new SourceChangedException("changed since it was listed: " + name(listed.path()));
    }
  }

  @Override
  public ByteSink create(LogicalPath path) throws IOException {
    return create(path, true, FsPermission.getFileDefault());
  }

  @Override
  public ByteSink createPrivately(LogicalPath path) throws IOException {
    return create(path, false, ONLY_OWNER);
  }

  private ByteSink create(LogicalPath path, boolean durable, FsPermission permission)
      throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    Path file = location.resolve(path);
    FSDataOutputStream out = next(path, () -> create(fileSystem, file, durable, permission));
    return new HadoopSink(name(path), out, durable, unfinished -> {
      // Deleted first: closing then gives up at once, rather than wait for blocks that nobody
      // wants.
      fileSystem.delete(file, false);
      try {
        unfinished.close();
      } catch (IOException e) {
        return;
      }
    });
  }

  /** hsync reaches the last block only; the ones before are synced as they end, if that was asked for here. */
  static FSDataOutputStream create(
      FileSystem fileSystem, Path file, boolean durable, FsPermission permission)
      throws IOException {
    if (fileSystem instanceof DistributedFileSystem dfs) {
      DistributedFileSystem.HdfsDataOutputStreamBuilder builder =
          dfs.createFile(file).create().recursive().overwrite(false).permission(permission);
      return (durable ? builder.syncBlock() : builder).build();
    }
    return fileSystem
        .createFile(file)
        .create()
        .recursive()
        .overwrite(false)
        .permission(permission)
        .build();
  }

  @Override
  public void rename(LogicalPath from, LogicalPath to) throws IOException {
    move(from, to, Options.Rename.NONE);
  }

  @Override
  public void replace(LogicalPath from, LogicalPath to) throws IOException {
    move(from, to, Options.Rename.OVERWRITE);
  }

  private void move(LogicalPath from, LogicalPath to, Options.Rename existing) throws IOException {
    checkArgument(from.parent().equals(to.parent()), "not in one directory: %s, %s", from, to);
    Path source = location.resolve(from);
    Path target = next(to, () -> location.resolve(to));
    if (hdfs.isPresent()) {
      try {
        hdfs.get().rename(source, target, existing);
      } catch (IOException e) {
        IOException failure = Failures.translate(name(to), e);
        if (existing == Options.Rename.NONE
            && !(failure instanceof FileAlreadyExistsException)
            && status(to).isPresent()) { // a directory, of which it says something else
          failure = new FileAlreadyExistsException(name(to));
          failure.initCause(e);
        }
        throw failure;
      }
      return;
    }
    Optional<FileStatus> inTheWay = status(to);
    if (inTheWay.isPresent()) {
      if (existing == Options.Rename.NONE || inTheWay.get().isDirectory()) {
        throw new FileAlreadyExistsException(name(to));
      }
      next(to, () -> fileSystem.delete(target, false));
    }
    if (!next(to, () -> fileSystem.rename(source, target))) {
      throw new FileSystemException(name(to), null, "could not be renamed");
    }
  }

  @Override
  public void moveAside(LogicalPath from, LogicalPath to) throws IOException {
    if (status(from).isEmpty()) {
      throw new NoSuchFileException(name(from));
    }
    move(from, to, Options.Rename.NONE);
  }

  @Override
  public boolean moveToTrash(LogicalPath path, LogicalPath originally) throws IOException {
    return next(
        path,
        () ->
            new HadoopTrash(fileSystem).move(location.resolve(path), location.resolve(originally)));
  }

  @Override
  public boolean hasTrash(LogicalPath path) throws IOException {
    return next(path, () -> new HadoopTrash(fileSystem).isOn(location.resolve(path)));
  }

  @Override
  public Optional<Redundancy> redundancy(LogicalPath path) throws IOException {
    if (hdfs.isEmpty()) {
      return Optional.empty();
    }
    FileStatus found = status(path).orElseThrow(() -> new NoSuchFileException(name(path)));
    ErasureCodingPolicy policy =
        found instanceof HdfsFileStatus file ? file.getErasureCodingPolicy() : null;
    return Optional.of(
        policy == null || policy.isReplicationPolicy()
            ? new Redundancy(
                Math.max(0, found.getReplication() - 1), "replication " + found.getReplication())
            : new Redundancy(policy.getNumParityUnits(), policy.getName()));
  }

  @Override
  public boolean isBeingWritten(FileInfo file) {
    return BlockStamp.isOpen(file.stamp());
  }

  @Override
  public List<String> snapshottedDirectories() throws IOException {
    if (hdfs.isEmpty()) {
      return List.of();
    }
    List<String> found = new ArrayList<>();
    for (Path at = location.resolve(LogicalPath.ROOT); at != null; at = at.getParent()) {
      if (hasSnapshots(at)) {
        found.add(at.toUri().getPath());
      }
    }
    SnapshottableDirectoryStatus[] all = next(
        LogicalPath.ROOT,
        () -> fileSystem instanceof DistributedFileSystem direct
            ? direct.getSnapshottableDirListing()
            : NO_DIRECTORIES);
    String below = location.pathOf(LogicalPath.ROOT);
    for (SnapshottableDirectoryStatus each : all == null ? NO_DIRECTORIES : all) {
      String path = each.getFullPath().toUri().getPath();
      if (each.getSnapshotNumber() > 0 && path.startsWith(below + "/")) {
        found.add(path);
      }
    }
    return found;
  }

  private boolean hasSnapshots(Path directory) throws IOException {
    try {
      return fileSystem.listStatus(new Path(directory, ".snapshot")).length > 0;
    } catch (IOException e) {
      IOException failure = Failures.translate(directory, e);
      boolean cannotHaveAny = e instanceof RemoteException answer
          && answer.getClassName().endsWith(".SnapshotException"); // a class of the server's
      if (cannotHaveAny
          || failure instanceof NoSuchFileException
          || failure instanceof AccessDeniedException) {
        return false;
      }
      throw failure;
    }
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    try {
      exclusive.create(location.resolve(path), name(path), content);
    } catch (IllegalArgumentException e) {
      throw Failures.translate(name(path), e);
    }
  }

  @Override
  public void overwrite(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    try {
      exclusive.overwrite(location.resolve(path), name(path), content);
    } catch (IllegalArgumentException e) {
      throw Failures.translate(name(path), e);
    }
  }

  @Override
  public void createDirectory(LogicalPath path) throws IOException {
    boolean created = next(path, () -> fileSystem.mkdirs(location.resolve(path)));
    if (!created) {
      throw new FileSystemException(name(path), null, "could not be created");
    }
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    Optional<FileStatus> status = status(path);
    if (status.isEmpty()) {
      return;
    }
    if (status.get().isDirectory()) {
      throw new FileSystemException(name(path), null, "is a directory");
    }
    next(path, () -> fileSystem.delete(location.resolve(path), false));
  }

  @Override
  public boolean deleteIfEmpty(LogicalPath directory) throws IOException {
    Optional<FileStatus> status = status(directory);
    if (status.isEmpty() || !status.get().isDirectory()) {
      return false;
    }
    try {
      return fileSystem.delete(location.resolve(directory), false);
    } catch (IOException e) {
      if (!(Failures.unwrap(e) instanceof PathIsNotEmptyDirectoryException)) {
        throw Failures.translate(name(directory), e);
      }
      return false;
    }
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes wanted) throws IOException {
    Path file = location.resolve(path);
    FileStatus now = status(path).orElseThrow(() -> new NoSuchFileException(name(path)));
    List<String> failed = new ArrayList<>();
    String owner = differing(wanted.owner(), now.getOwner());
    String group = differing(wanted.group(), now.getGroup());
    if (group != null) {
      attempt(failed, "group " + group, () -> fileSystem.setOwner(file, null, group));
    }
    if (owner != null) {
      attempt(failed, "owner " + owner, () -> fileSystem.setOwner(file, owner, null));
    }
    if (wanted.hasMode()) {
      FsPermission mode = new FsPermission((short) (wanted.mode() & MODE_MASK));
      if ((wanted.mode() & SET_ID_BITS) != 0) {
        failed.add(String.format("set-id bits of mode %04o: not kept here", wanted.mode()));
      }
      if (!mode.equals(now.getPermission())) {
        attempt(
            failed,
            String.format("mode %04o", wanted.mode()),
            () -> fileSystem.setPermission(file, mode));
      }
    }
    long millis = wanted.mtimeSeconds() * 1000 + wanted.mtimeNanos() / 1_000_000;
    if (wanted.mtimeNanos() % 1_000_000 != 0) {
      failed.add("mtime: kept in milliseconds here");
    }
    attempt(failed, "mtime", () -> fileSystem.setTimes(file, millis, -1));
    return failed;
  }

  private static String differing(String wanted, String now) {
    return wanted.isEmpty() || wanted.equals(now) ? null : wanted;
  }

  private interface Change {
    void run() throws IOException;
  }

  private static void attempt(List<String> failed, String what, Change change) {
    try {
      change.run();
    } catch (IOException e) {
      failed.add(what + ": " + Failures.firstLine(Failures.unwrap(e)));
    } catch (UnsupportedOperationException e) {
      failed.add(what + ": not kept here");
    }
  }

  @Override
  public OptionalLong usableSpace() throws IOException {
    long remaining = next(
            LogicalPath.ROOT, () -> fileSystem.getStatus(nearestAbove(LogicalPath.ROOT)))
        .getRemaining();
    if (remaining == Long.MAX_VALUE) {
      return OptionalLong.empty(); // what a file system says that does not know
    }
    short replication = fileSystem.getDefaultReplication(location.resolve(LogicalPath.ROOT));
    return OptionalLong.of(remaining / Math.max(1, replication));
  }

  private Path nearestAbove(LogicalPath path) throws IOException {
    Path at = location.resolve(path);
    while (at.getParent() != null && !fileSystem.exists(at)) {
      at = at.getParent();
    }
    return at;
  }

  @Override
  public Optional<String> encryptionZone(LogicalPath path) throws IOException {
    if (hdfs.isEmpty()) {
      return Optional.empty();
    }
    EncryptionZone zone = next(path, () -> hdfs.get().encryptionZone(nearestAbove(path)));
    return Optional.ofNullable(zone)
        .map(found -> found.getPath() + " (key " + found.getKeyName() + ")");
  }

  @Override
  public long blocksOf(long length) {
    if (hdfs.isEmpty()) {
      return 0;
    }
    long block = fileSystem.getDefaultBlockSize(location.resolve(LogicalPath.ROOT));
    return length / block + (length % block == 0 ? 0 : 1);
  }

  @Override
  public void close() throws IOException {
    lease.close();
  }

  @Override
  public String toString() {
    return location.toString();
  }
}
