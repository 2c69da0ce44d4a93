package io.pleat.dataset;

import io.pleat.format.Attributes;
import io.pleat.format.ByteSink;
import io.pleat.format.ByteSource;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import io.pleat.store.StoreTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A store whose exclusive creation does what a test says, and that remembers what was deleted. */
final class ScriptedStore implements Store {
  interface Exclusive {
    void create(LogicalPath path, byte[] content) throws IOException;
  }

  interface Action {
    void run() throws IOException;
  }

  private final Store store;
  final List<LogicalPath> deleted = new ArrayList<>();
  Exclusive onExclusive;
  Action late = () -> {};

  ScriptedStore(Store store) {
    this.store = store;
    this.onExclusive = store::createExclusively;
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
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    onExclusive.create(path, content);
  }

  @Override
  public void createDirectory(LogicalPath path) throws IOException {
    store.createDirectory(path);
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    deleted.add(path);
    store.delete(path);
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
  public void close() throws IOException {
    store.close();
  }
}
