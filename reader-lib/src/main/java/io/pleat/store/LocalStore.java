package io.pleat.store;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Local and mounted file systems, by java.nio alone. */
final class LocalStore implements Store {
  /*
   * Links. The root is resolved once, at open. Below it every verb that takes a path looks at each component first (one lstat each,
   * under 1 us) and refuses a link, so that nothing is read or written through one that stands there already. A listing
   * remembers device, inode and change time of each file, and readUnchanged compares them after the read: a directory that was
   * swapped for a link since leads to another inode.
   *
   * Durability. finish() syncs the file, its directory, and once per directory the ones above it, up to the one that stood when
   * the store was opened.
   */
  private static final Set<OpenOption> READ =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  private static final Set<OpenOption> WRITE_NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  private static final FileAttribute<?>[] NO_ATTRIBUTES = new FileAttribute<?>[0];
  private static final FileAttribute<?> ONLY_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** File systems that stamp a modification with the kernel's own clock, finely; any other may be remote or coarse. */
  private static final Set<String> FINE_GRAINED =
      Set.of("ext4", "xfs", "btrfs", "tmpfs", "zfs", "overlay", "f2fs", "apfs");

  private static final long TICK_NANOS = 20_000_000;
  private static final long REMOTE_CLOCK_NANOS = 2_000_000_000;
  private static final char REPLACEMENT = '\uFFFD';

  private final Path root;
  private final String location;
  private final Path standing;
  private final StoreTraits traits;
  private final LocalAttributes attributes = new LocalAttributes();
  private final Set<Path> syncedDirectories = ConcurrentHashMap.newKeySet();

  private LocalStore(Path root, String location, Path standing, StoreTraits traits) {
    this.root = root;
    this.location = location;
    this.standing = standing;
    this.traits = traits;
  }

  /**
   * Opens the store rooted at {@code root}, which need not exist; a relative one starts at the working directory, and links in it
   * are followed now.
   *
   * @throws IllegalArgumentException if this JVM does not name files in UTF-8
   */
  static Store open(Path root) throws IOException {
    requireUtf8FileNames(System.getProperty("sun.jnu.encoding", ""));
    Path absolute = root.toAbsolutePath();
    Path standing = absolute;
    while (standing.getParent() != null && !Files.exists(standing)) {
      standing = standing.getParent();
    }
    Path rest = standing.relativize(absolute);
    standing = standing.toRealPath();
    Path real = rest.toString().isEmpty() ? standing : standing.resolve(rest).normalize();
    String location = real.toString();
    checkArgument(Path.of(location).equals(real), "root's path is not valid UTF-8: '%s'", location);
    String type = Files.getFileStore(standing).type().toLowerCase(Locale.ROOT);
    long granularity = FINE_GRAINED.contains(type) ? TICK_NANOS : REMOTE_CLOCK_NANOS;
    return new LocalStore(
        real, location, standing, new StoreTraits("local", false, true, granularity));
  }

  /** Names in another encoding can neither be read nor written faithfully. */
  static void requireUtf8FileNames(String encoding) {
    boolean utf8;
    try {
      utf8 = Charset.forName(encoding).equals(StandardCharsets.UTF_8);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      utf8 = false;
    }
    checkArgument(
        utf8,
        "this JVM names files in %s, not UTF-8: set LC_ALL=C.UTF-8 before it starts",
        encoding);
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public StoreTraits traits() {
    return traits;
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) throws IOException {
    if (!parentsAreDirectories(path)) {
      return Optional.empty();
    }
    return attributes.read(locate(path), path);
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    list(directory, ListingDetail.STAMPS, visitor);
  }

  @Override
  public void list(LogicalPath directory, ListingDetail detail, ListingVisitor visitor)
      throws IOException {
    Path path = locate(directory);
    Object identity = requireDirectory(path, directory);
    byte[] prefix = prefix(directory);
    try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
      for (Path child : children) {
        visitChild(directory, prefix, child, detail, visitor);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    if (!identity.equals(requireDirectory(path, directory))) {
      throw new FileSystemException(path.toString(), null, "was replaced while it was listed");
    }
  }

  private void visitChild(
      LogicalPath directory,
      byte[] prefix,
      Path child,
      ListingDetail detail,
      ListingVisitor visitor)
      throws IOException {
    String name = child.getFileName().toString();
    if (name.indexOf(REPLACEMENT) >= 0 && !Path.of(name).equals(child.getFileName())) {
      visitor.unlistable(directory, display(directory, name), "name is not valid UTF-8");
      return;
    }
    if (!visitor.wants(name)) {
      return;
    }
    byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = Arrays.copyOf(prefix, prefix.length + utf8.length);
    System.arraycopy(utf8, 0, bytes, prefix.length, utf8.length);
    Optional<String> illegal = LogicalPath.whyIllegal(bytes);
    if (illegal.isPresent()) {
      visitor.unlistable(directory, display(directory, name), illegal.get());
      return;
    }
    Optional<FileInfo> info;
    try {
      info = attributes.read(child, LogicalPath.ofUtf8(bytes), detail);
    } catch (IOException e) {
      visitor.unlistable(directory, display(directory, name), Reasons.of(e));
      return;
    }
    if (info.isPresent()) {
      visitor.visit(info.get());
    }
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    requireParents(path);
    Path file = locate(path);
    FileInfo info =
        attributes.read(file, path).orElseThrow(() -> new NoSuchFileException(file.toString()));
    if (info.kind() != FileInfo.Kind.FILE) {
      throw new FileSystemException(file.toString(), null, "is no regular file");
    }
    FileChannel channel = FileChannel.open(file, READ, NO_ATTRIBUTES);
    try {
      return new LocalSource(file, channel.size(), channel); // it may have been replaced since
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    checkArgument(listed.kind() == FileInfo.Kind.FILE, "not a file: %s", listed.path());
    checkArgument(
        listed.length() <= target.remaining(),
        "%s bytes do not fit into %s: %s",
        listed.length(),
        target.remaining(),
        listed.path());
    Path file = locate(listed.path());
    int limit = target.limit();
    try {
      requireStillRegular(file, listed);
      target.limit(target.position() + (int) listed.length());
      readWhole(file, target);
      requireUnchanged(file, listed);
    } catch (SourceChangedException e) {
      throw e;
    } catch (IOException e) {
      requireUnchanged(file, listed); // else the change explains the failure
      throw e;
    } finally {
      target.limit(limit);
    }
  }

  private void requireUnchanged(Path file, FileInfo listed) throws IOException {
    FileInfo now = attributes
        .read(file, listed.path())
        .orElseThrow(() -> new SourceChangedException("vanished since it was listed: " + file));
    if (!listed.sameContentAs(now)) {
      throw new SourceChangedException("changed since it was listed: " + file);
    }
  }

  /** A pipe is never opened: that would block for ever. */
  private static void requireStillRegular(Path file, FileInfo listed) throws IOException {
    BasicFileAttributes now =
        Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!now.isRegularFile()) {
      throw new SourceChangedException("is no regular file any more: " + file);
    }
    if (now.size() != listed.length()) {
      throw new SourceChangedException(
          "was listed with " + listed.length() + " bytes, has " + now.size() + ": " + file);
    }
  }

  private static void readWhole(Path file, ByteBuffer target) throws IOException {
    int length = target.remaining();
    try (FileChannel channel = FileChannel.open(file, READ, NO_ATTRIBUTES)) {
      while (target.hasRemaining()) {
        if (channel.read(target) < 0) {
          throw new SourceChangedException("was listed with " + length + " bytes, ends after "
              + (length - target.remaining()) + ": " + file);
        }
      }
    }
  }

  @Override
  public ByteSink create(LogicalPath path) throws IOException {
    return create(path, this::syncNewName);
  }

  @Override
  public ByteSink createPrivately(LogicalPath path) throws IOException {
    return create(path, null, ONLY_OWNER);
  }

  private ByteSink create(LogicalPath path, LocalSink.Sync sync, FileAttribute<?>... created)
      throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    createDirectory(path.parent());
    Path file = locate(path);
    return new LocalSink(file, FileChannel.open(file, WRITE_NEW, created), sync);
  }

  @Override
  public void rename(LogicalPath from, LogicalPath to) throws IOException {
    requireParents(from);
    checkArgument(from.parent().equals(to.parent()), "not in one directory: %s, %s", from, to);
    Path source = locate(from);
    Path target = locate(to);
    try {
      Files.createLink(target, source); // unlike rename(2), never replaces anything
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(source, target, StandardCopyOption.ATOMIC_MOVE); // no hard links here
      return;
    }
    Files.delete(source);
  }

  @Override
  public void replace(LogicalPath from, LogicalPath to) throws IOException {
    requireParents(from);
    checkArgument(from.parent().equals(to.parent()), "not in one directory: %s, %s", from, to);
    Path target = locate(to);
    if (isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "is a directory");
    }
    Files.move(locate(from), target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void moveAside(LogicalPath from, LogicalPath to) throws IOException {
    requireParents(from);
    checkArgument(from.parent().equals(to.parent()), "not in one directory: %s, %s", from, to);
    Path target = locate(to);
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    // Not a link and a deletion: whoever replaces the file between the two would lose his.
    Files.move(locate(from), target, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    createDirectory(path.parent());
    Path file = locate(path);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Path temporary = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      writeDurably(temporary, content);
      link(file, temporary);
      try {
        syncNewName(file);
      } catch (IOException e) {
        throw new CommitStateUnknownException(
            "created, but perhaps not durable: " + file + ": " + Reasons.of(e), e);
      }
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static void writeDurably(Path temporary, byte[] content) throws IOException {
    try (FileChannel channel = FileChannel.open(temporary, WRITE_NEW, NO_ATTRIBUTES)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw LocalSink.naming(temporary, e);
    }
  }

  @Override
  public void overwrite(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    createDirectory(path.parent());
    Path file = locate(path);
    if (isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory");
    }
    Path temporary = file.resolveSibling("." + UUID.randomUUID() + ".tmp");
    try {
      writeDurably(temporary, content);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      deleteQuietly(temporary);
    }
    syncNewName(file);
  }

  /** On NFS a request may be done and its answer lost; a second link on the temporary file tells. */
  private void link(Path file, Path temporary) throws IOException {
    try {
      Files.createLink(file, temporary);
    } catch (UnsupportedOperationException e) {
      throw new FileSystemException(file.toString(), null, "file system has no hard links");
    } catch (IOException e) {
      int links;
      try {
        links = attributes.links(temporary);
      } catch (IOException lost) {
        e.addSuppressed(lost);
        throw new CommitStateUnknownException("answer lost: " + file, e);
      }
      if (links > 1) {
        return;
      }
      if (!(e instanceof FileAlreadyExistsException) && Reasons.mayBeLostAnswer(e)) {
        throw new CommitStateUnknownException("answer lost: " + file + ": " + Reasons.of(e), e);
      }
      throw e;
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      return; // a hidden file stays; whether the commit holds does not hang on it
    }
  }

  @Override
  public void createDirectory(LogicalPath path) throws IOException {
    if (!Files.exists(root)) {
      Files.createDirectories(root);
    }
    Path directory = root;
    if (path.isRoot()) {
      requireDirectory(directory, path);
      return;
    }
    for (Path component : root.getFileSystem().getPath(path.toString())) {
      directory = directory.resolve(component);
      if (!isDirectory(directory)) {
        try {
          Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
          if (!isDirectory(directory)) { // else someone else was faster
            throw notADirectory(directory);
          }
        }
      }
    }
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    if (!parentsAreDirectories(path)) {
      return;
    }
    Path file = locate(path);
    if (isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "is a directory");
    }
    Files.deleteIfExists(file);
  }

  @Override
  public boolean deleteIfEmpty(LogicalPath directory) throws IOException {
    Path path = locate(directory);
    if (!parentsAreDirectories(directory) || !isDirectory(path)) {
      return false;
    }
    boolean deleted;
    try {
      deleted = Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException e) {
      return false;
    }
    syncedDirectories.remove(path);
    return deleted;
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes wanted) throws IOException {
    requireParents(path);
    Path file = locate(path);
    FileInfo now =
        attributes.read(file, path).orElseThrow(() -> new NoSuchFileException(file.toString()));
    if (now.kind() != FileInfo.Kind.FILE && now.kind() != FileInfo.Kind.DIRECTORY) {
      throw new FileSystemException(
          file.toString(), null, "is neither a regular file nor a directory");
    }
    List<String> failed = new ArrayList<>();
    attributes.set(file, now, wanted, failed);
    return failed;
  }

  @Override
  public OptionalLong usableSpace() throws IOException {
    Path at = root;
    while (at.getParent() != null && !Files.exists(at)) {
      at = at.getParent();
    }
    return OptionalLong.of(Files.getFileStore(at).getUsableSpace());
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return location;
  }

  private Path locate(LogicalPath path) {
    return path.isRoot() ? root : root.resolve(path.toString());
  }

  private static byte[] prefix(LogicalPath directory) {
    if (directory.isRoot()) {
      return new byte[0];
    }
    byte[] prefix = Arrays.copyOf(directory.utf8(), directory.length() + 1);
    prefix[directory.length()] = '/';
    return prefix;
  }

  private static String display(LogicalPath directory, String name) {
    return directory.isRoot() ? name : directory + "/" + name;
  }

  /** Device and inode of the directory, to which no link leads. */
  private Object requireDirectory(Path path, LogicalPath logical) throws IOException {
    if (!parentsAreDirectories(logical)) {
      throw new NoSuchFileException(path.toString());
    }
    BasicFileAttributes found =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!found.isDirectory()) {
      throw new NotDirectoryException(path.toString());
    }
    return found.fileKey();
  }

  private void requireParents(LogicalPath path) throws IOException {
    if (!parentsAreDirectories(path)) {
      throw new NoSuchFileException(locate(path).toString());
    }
  }

  /** Whether every directory between the root and {@code path} stands and is no link. */
  private boolean parentsAreDirectories(LogicalPath path) throws IOException {
    if (path.isRoot()) {
      return true;
    }
    Path relative = root.getFileSystem().getPath(path.toString());
    Path directory = root;
    for (int i = 0; i < relative.getNameCount() - 1; i++) {
      directory = directory.resolve(relative.getName(i));
      if (!isDirectory(directory)) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is one; what must not be looked at is no answer. */
  private static boolean isDirectory(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .isDirectory();
    } catch (NoSuchFileException e) {
      return false;
    } catch (FileSystemException e) {
      if (Reasons.isNotDirectory(e)) {
        return false;
      }
      throw e;
    }
  }

  private static FileSystemException notADirectory(Path path) {
    String what = Files.isSymbolicLink(path)
        ? "is a symbolic link, which is not followed"
        : "is no directory";
    return new FileSystemException(path.toString(), null, what);
  }

  private void syncNewName(Path file) throws IOException {
    Path directory = file.getParent();
    sync(directory);
    while (!directory.equals(standing)
        && directory.getParent() != null
        && syncedDirectories.add(directory)) {
      try {
        sync(directory.getParent());
      } catch (IOException e) {
        syncedDirectories.remove(directory);
        throw e;
      }
      directory = directory.getParent();
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      if (!Reasons.isUnsupported(
          e)) { // some mounts cannot sync a directory; nothing more can be done there
        throw e;
      }
    }
  }
}
