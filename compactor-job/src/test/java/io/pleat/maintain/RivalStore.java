package io.pleat.maintain;

import io.pleat.format.LogicalPath;
import io.pleat.store.ForwardingStore;
import io.pleat.store.Store;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** A store where others commit just before one's own commit point. */
final class RivalStore extends ForwardingStore {
  interface Rival {
    void commit() throws IOException;
  }

  private final Deque<Rival> rivals = new ArrayDeque<>();

  RivalStore(Store store) {
    super(store);
  }

  RivalStore then(Rival rival) {
    rivals.add(rival);
    return this;
  }

  boolean allCame() {
    return rivals.isEmpty();
  }

  @Override
  public void createExclusively(LogicalPath path, byte[] content) throws IOException {
    if (path.toString().startsWith("_pleat/snapshots/") && !rivals.isEmpty()) {
      rivals.remove().commit();
    }
    super.createExclusively(path, content);
  }
}
