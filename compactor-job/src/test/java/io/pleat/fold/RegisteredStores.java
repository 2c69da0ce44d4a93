package io.pleat.fold;

import io.pleat.store.ForwardingStore;
import io.pleat.store.Store;
import io.pleat.store.StoreProvider;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Serves stores that a test made, such as those that misbehave, to what opens its stores by location. */
public final class RegisteredStores implements StoreProvider {
  private static final String SCHEME = "registered";
  private static final Map<String, Store> STORES = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBER = new AtomicLong();

  /** Gives a store a location; whoever opens that does not close the store. */
  public static String register(Store store) {
    String location = SCHEME + ":/" + NUMBER.incrementAndGet();
    STORES.put(location, store);
    return location;
  }

  @Override
  public boolean serves(String scheme) {
    return scheme.equals(SCHEME);
  }

  @Override
  public Store open(String location, Map<String, String> configuration) throws NoSuchFileException {
    Store store = STORES.get(location);
    if (store == null) {
      throw new NoSuchFileException(location);
    }
    return new ForwardingStore(store) {
      @Override
      public void close() {}
    };
  }
}
