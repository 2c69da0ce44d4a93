package io.pleat.store;

import static io.pleat.format.Preconditions.checkArgument;
import static io.pleat.format.Preconditions.checkState;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A store in memory, with real directories and modes. A file that is being written is seen half written, as on a local disk. Its
 * clock is a counter: each change of any file is one second later than the one before. Thread-safe.
 */
public final class MemoryStore implements Store {
  private static final class Node {
    final boolean directory;
    private byte[] content = new byte[0];
    private ByteArrayOutputStream writing;
    boolean durable;
    Attributes attributes;
    long change;

    Node(boolean directory, Attributes attributes, long change) {
      this.directory = directory;
      this.durable = directory;
      this.attributes = attributes;
      this.change = change;
    }

    byte[] content() {
      return writing == null ? content : writing.toByteArray();
    }

    FileInfo info(LogicalPath path) {
      return new FileInfo(
          path,
          directory ? FileInfo.Kind.DIRECTORY : FileInfo.Kind.FILE,
          writing == null ? content.length : writing.size(),
          attributes,
          Long.toString(change));
    }
  }

  private final String location;
  private final NavigableMap<LogicalPath, Node> nodes = new TreeMap<>();
  private long clock;

  /** An empty store, whose root stands. */
  public MemoryStore() {
    this("memory:/test");
  }

  /** An empty store of the given location, whose root stands. */
  public MemoryStore(String location) {
    this.location = location;
    nodes.put(LogicalPath.ROOT, fresh(true));
  }

  /** Lets time pass, in whole seconds. */
  public synchronized void advance(Duration time) {
    clock += time.toSeconds();
  }

  /** Another store that holds the same, finished files. */
  public synchronized MemoryStore copy() {
    MemoryStore copy = new MemoryStore(location);
    copy.clock = clock;
    nodes.forEach((path, node) -> {
      Node same = new Node(node.directory, node.attributes, node.change);
      same.content = node.content;
      same.durable = node.durable;
      copy.nodes.put(path, same);
    });
    return copy;
  }

  /** Drops every file that was not finished: what a power cut leaves of a store that keeps exactly what was synced. */
  public synchronized void crash() {
    nodes.values().removeIf(node -> !node.durable);
  }

  /** Puts a finished file in place, replacing one that stands there. */
  public synchronized void put(String path, byte[] content) throws IOException {
    LogicalPath at = LogicalPath.of(path);
    createDirectory(at.parent());
    Node node = fresh(false);
    node.content = content.clone();
    node.durable = true;
    nodes.put(at, node);
  }

  /** The bytes at {@code path}. */
  public synchronized byte[] get(String path) throws IOException {
    return file(LogicalPath.of(path)).content().clone();
  }

  /** All files, in order. */
  public synchronized List<LogicalPath> files() {
    return nodes.entrySet().stream()
        .filter(entry -> !entry.getValue().directory)
        .map(entry -> entry.getKey())
        .toList();
  }

  private Node fresh(boolean directory) {
    clock++;
    Attributes attributes =
        new Attributes(clock, 0, directory ? 0755 : 0644, "someone", "everyone", "");
    return new Node(directory, attributes, clock);
  }

  private void touch(Node node) {
    clock++;
    Attributes old = node.attributes;
    node.attributes = new Attributes(clock, 0, old.mode(), old.owner(), old.group(), old.etag());
    node.change = clock;
  }

  private Node file(LogicalPath path) throws IOException {
    Node node = nodes.get(path);
    if (node == null) {
      throw new NoSuchFileException(name(path));
    }
    if (node.directory) {
      throw new FileSystemException(name(path), null, "is no regular file");
    }
    return node;
  }

  private String name(LogicalPath path) {
    return path.isRoot() ? location : location + "/" + path;
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public StoreTraits traits() {
    return new StoreTraits("memory", false, false, 1);
  }

  @Override
  public synchronized Optional<FileInfo> stat(LogicalPath path) {
    return Optional.ofNullable(nodes.get(path)).map(node -> node.info(path));
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    for (FileInfo info : below(directory)) {
      if (info.path().parent().equals(directory)) {
        visitor.visit(info);
      }
    }
  }

  @Override
  public void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    for (FileInfo info : below(directory)) {
      visitor.visit(info);
    }
  }

  private synchronized List<FileInfo> below(LogicalPath directory) throws IOException {
    Node node = nodes.get(directory);
    if (node == null) {
      throw new NoSuchFileException(name(directory));
    }
    if (!node.directory) {
      throw new NotDirectoryException(name(directory));
    }
    List<FileInfo> found = new ArrayList<>();
    nodes.forEach((path, child) -> {
      if (!path.equals(directory) && path.startsWith(directory)) {
        found.add(child.info(path));
      }
    });
    return found;
  }

  @Override
  public synchronized ByteSource open(LogicalPath path) throws IOException {
    byte[] content = file(path).content();
    return new ByteSource() {
      @Override
      public long length() {
        return content.length;
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        checkArgument(position >= 0, "negative position: %s", position);
        if (position > content.length - target.remaining()) {
          throw new EOFException(name(path) + " has " + content.length + " bytes, asked for "
              + target.remaining() + " at " + position);
        }
        target.put(content, (int) position, target.remaining());
      }

      @Override
      public void close() {}

      @Override
      public String toString() {
        return name(path);
      }
    };
  }

  @Override
  public synchronized void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    checkArgument(listed.kind() == FileInfo.Kind.FILE, "not a file: %s", listed.path());
    checkArgument(listed.length() <= target.remaining(), "does not fit: %s", listed.path());
    Node node = nodes.get(listed.path());
    if (node == null || !listed.sameContentAs(node.info(listed.path()))) {
      throw new SourceChangedException("changed since it was listed: " + name(listed.path()));
    }
    target.put(node.content());
  }

  @Override
  public synchronized ByteSink create(LogicalPath path) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    createDirectory(path.parent());
    if (nodes.containsKey(path)) {
      throw new FileAlreadyExistsException(name(path));
    }
    Node node = fresh(false);
    nodes.put(path, node);
    return new MemorySink(path, node);
  }

  @Override
  public synchronized void createExclusively(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    createDirectory(path.parent());
    if (nodes.containsKey(path)) {
      throw new FileAlreadyExistsException(name(path));
    }
    put(path.toString(), content);
  }

  @Override
  public synchronized void overwrite(LogicalPath path, byte[] content) throws IOException {
    checkArgument(!path.isRoot(), "the root is no file");
    if (nodes.containsKey(path)) {
      file(path);
    }
    put(path.toString(), content);
  }

  @Override
  public synchronized void createDirectory(LogicalPath path) throws IOException {
    Node node = nodes.get(path);
    if (node != null) {
      if (!node.directory) {
        throw new FileSystemException(name(path), null, "is no directory");
      }
      return;
    }
    createDirectory(path.parent());
    nodes.put(path, fresh(true));
  }

  @Override
  public synchronized void delete(LogicalPath path) throws IOException {
    Node node = nodes.get(path);
    if (node != null && node.directory) {
      throw new FileSystemException(name(path), null, "is a directory");
    }
    nodes.remove(path);
  }

  @Override
  public synchronized boolean deleteIfEmpty(LogicalPath directory) {
    Node node = nodes.get(directory);
    if (node != null
        && node.directory
        && nodes.keySet().stream()
            .noneMatch(path -> !path.isRoot() && path.parent().equals(directory))) {
      return nodes.remove(directory) != null;
    }
    return false;
  }

  @Override
  public synchronized void rename(LogicalPath from, LogicalPath to) throws IOException {
    if (nodes.containsKey(to)) {
      throw new FileAlreadyExistsException(name(to));
    }
    replace(from, to);
  }

  @Override
  public synchronized void replace(LogicalPath from, LogicalPath to) throws IOException {
    Node node = file(from);
    if (nodes.containsKey(to)) {
      file(to);
    }
    nodes.remove(from);
    nodes.put(to, node);
  }

  @Override
  public synchronized void moveAside(LogicalPath from, LogicalPath to) throws IOException {
    rename(from, to);
  }

  @Override
  public synchronized List<String> setAttributes(LogicalPath path, Attributes wanted)
      throws IOException {
    Node node = nodes.get(path);
    if (node == null) {
      throw new NoSuchFileException(name(path));
    }
    Attributes old = node.attributes;
    node.attributes = new Attributes(
        wanted.mtimeSeconds(),
        wanted.mtimeNanos(),
        wanted.hasMode() ? wanted.mode() : old.mode(),
        wanted.owner().isEmpty() ? old.owner() : wanted.owner(),
        wanted.group().isEmpty() ? old.group() : wanted.group(),
        "");
    node.change = ++clock;
    return List.of();
  }

  @Override
  public OptionalLong usableSpace() {
    return OptionalLong.empty();
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return location;
  }

  private final class MemorySink implements ByteSink {
    private final LogicalPath path;
    private final Node node;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean finished;

    MemorySink(LogicalPath path, Node node) {
      this.path = path;
      this.node = node;
    }

    @Override
    public void write(ByteBuffer source) {
      checkState(!finished, "already finished: %s", this);
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      synchronized (MemoryStore.this) {
        written.writeBytes(bytes);
        node.writing = written;
        touch(node);
      }
    }

    @Override
    public long position() {
      return written.size();
    }

    @Override
    public void finish() {
      checkState(!finished, "already finished: %s", this);
      finished = true;
      synchronized (MemoryStore.this) {
        node.content = written.toByteArray();
        node.writing = null;
        node.durable = true;
      }
    }

    @Override
    public void close() {
      if (!finished) {
        finished = true;
        synchronized (MemoryStore.this) {
          nodes.remove(path, node);
        }
      }
    }

    @Override
    public String toString() {
      return name(path);
    }
  }
}
