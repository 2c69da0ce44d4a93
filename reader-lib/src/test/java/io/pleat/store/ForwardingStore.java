package io.pleat.store;

import static java.util.Objects.requireNonNull;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Another store, for tests that change what one of its verbs does. Every verb reaches the other, those with a default too. */
public abstract class ForwardingStore implements Store {
  private final Store store;

  protected ForwardingStore(Store store) {
    this.store = requireNonNull(store, "store is null");
  }

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public StoreTraits traits() {
    return store.traits();
  }

  @Override
  public Optional<FileInfo> stat(LogicalPath path) throws IOException {
    return store.stat(path);
  }

  @Override
  public void list(LogicalPath directory, ListingVisitor visitor) throws IOException {
    store.list(directory, visitor);
  }

  @Override
  public void listRecursively(LogicalPath directory, ListingVisitor visitor) throws IOException {
    store.listRecursively(directory, visitor);
  }

  @Override
  public ByteSource open(LogicalPath path) throws IOException {
    return store.open(path);
  }

  @Override
  public void readUnchanged(FileInfo listed, ByteBuffer target) throws IOException {
    store.readUnchanged(listed, target);
  }

  @Override
  public ByteSink create(LogicalPath path) throws IOException {
    return store.create(path);
  }

  @Override
  public ByteSink createPrivately(LogicalPath path) throws IOException {
    return store.createPrivately(path);
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    store.createExclusively(path, content);
  }

  @Override
  public void overwrite(LogicalPath path, byte[] content) throws IOException {
    store.overwrite(path, content);
  }

  @Override
  public void createDirectory(LogicalPath path) throws IOException {
    store.createDirectory(path);
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    store.delete(path);
  }

  @Override
  public boolean deleteIfEmpty(LogicalPath directory) throws IOException {
    return store.deleteIfEmpty(directory);
  }

  @Override
  public void rename(LogicalPath from, LogicalPath to) throws IOException {
    store.rename(from, to);
  }

  @Override
  public void replace(LogicalPath from, LogicalPath to) throws IOException {
    store.replace(from, to);
  }

  @Override
  public List<String> setAttributes(LogicalPath path, Attributes attributes) throws IOException {
    return store.setAttributes(path, attributes);
  }

  @Override
  public OptionalLong usableSpace() throws IOException {
    return store.usableSpace();
  }

  @Override
  public Optional<String> encryptionZone(LogicalPath path) throws IOException {
    return store.encryptionZone(path);
  }

  @Override
  public long blocksOf(long length) {
    return store.blocksOf(length);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  @Override
  public void moveAside(LogicalPath from, LogicalPath to) throws IOException {
    store.moveAside(from, to);
  }

  @Override
  public boolean moveToTrash(LogicalPath path, LogicalPath originally) throws IOException {
    return store.moveToTrash(path, originally);
  }

  @Override
  public boolean deleteUnchanged(FileInfo listed) throws IOException {
    return store.deleteUnchanged(listed);
  }

  @Override
  public boolean hasTrash(LogicalPath path) throws IOException {
    return store.hasTrash(path);
  }

  @Override
  public Optional<Redundancy> redundancy(LogicalPath path) throws IOException {
    return store.redundancy(path);
  }

  @Override
  public boolean isBeingWritten(FileInfo file) {
    return store.isBeingWritten(file);
  }

  @Override
  public List<String> snapshottedDirectories() throws IOException {
    return store.snapshottedDirectories();
  }

  @Override
  public String toString() {
    return location();
  }
}
