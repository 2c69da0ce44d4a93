package io.pleat.bench;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.StoreTraits;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A read-only store over a {@link SyntheticTree}; notes in {@link TaskLedger} what each Spark task listed. */
final class SyntheticStore implements Store {
  private final String location;
  private final SyntheticTree tree;

  SyntheticStore(String location) {
    this.location = location;
    this.tree = SyntheticTree.parse(location);
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public StoreTraits traits() {
    return new StoreTraits("synthetic", false, false, 1);
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) {
    return tree.stat(path);
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    int children = tree.childCount(directory);
    if (children < 0) {
      if (tree.stat(directory).isPresent()) {
        throw new NotDirectoryException(location + "/" + directory);
      }
      throw new NoSuchFileException(location + "/" + directory);
    }
    for (int i = 0; i < children; i++) {
      visitor.visit(tree.child(directory, i));
    }
    TaskLedger.listed(children);
  }

  @Override
  public void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    list(directory, new ListingVisitor() {
      @Override
      public void visit(FileInfo file) throws IOException {
        visitor.visit(file);
        if (file.kind() == FileInfo.Kind.DIRECTORY) {
          listRecursively(file.path(), visitor);
        }
      }

      @Override
      public void unlistable(LogicalPath parent, String displayName, String reason)
          throws IOException {
        visitor.unlistable(parent, displayName, reason);
      }
    });
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    ByteBuffer content = contentOf(path);
    return new ByteSource() {
      @Override
      public long length() {
        return content.limit();
      }

      @Override
      public void readFully(long position, ByteBuffer target) throws IOException {
        if (position > content.limit() - target.remaining()) {
          throw new EOFException(path + " has " + content.limit() + " bytes");
        }
        target.put(content.slice((int) position, target.remaining()));
      }

      @Override
      public void close() {}

      @Override
      public String toString() {
        return location + "/" + path;
      }
    };
  }

  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    target.put(contentOf(listed.path()));
  }

  private ByteBuffer contentOf(LogicalPath path) throws IOException {
    Optional<FileInfo> info = tree.stat(path);
    if (info.isEmpty() || info.get().kind() != FileInfo.Kind.FILE) {
      throw new NoSuchFileException(location + "/" + path);
    }
    if (tree.isUnreadable(path)) {
      throw new AccessDeniedException(location + "/" + path);
    }
    return tree.content(path);
  }

  @Override
  public ByteSink create(LogicalPath path) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void createDirectory(LogicalPath path) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void delete(LogicalPath path) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes attributes) {
    throw new ReadOnlyFileSystemException();
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
}
