package io.pleat.maintain;

import io.pleat.store.Store;
import io.pleat.store.Stores;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/** Opens one store wherever a task runs. */
interface StoreOpener extends Serializable {
  /** The store; whoever opens it closes it. */
  Store open() throws IOException;

  /** The store at a location. */
  static StoreOpener at(String location, Map<String, String> configuration) {
    HashMap<String, String> settings = new HashMap<>(configuration);
    return () -> Stores.open(location, settings);
  }
}
