package io.pleat.dataset;

import io.pleat.format.LogicalPath;
import io.pleat.store.ForwardingStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A store whose exclusive creation does what a test says, and that remembers what was deleted. */
final class ScriptedStore extends ForwardingStore {
  interface Exclusive {
    void create(LogicalPath path, byte[] content) throws IOException;
  }

  interface Action {
    void run() throws IOException;
  }

  final List<LogicalPath> deleted = new ArrayList<>();
  Exclusive onExclusive;
  Action late = () -> {};

  ScriptedStore(Store store) {
    super(store);
    this.onExclusive = store::createExclusively;
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    onExclusive.create(path, content);
  }

  @Override
  public void delete(LogicalPath path) throws IOException {
    deleted.add(path);
    super.delete(path);
  }
}
