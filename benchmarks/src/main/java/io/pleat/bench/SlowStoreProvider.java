package io.pleat.bench;

import io.pleat.store.Store;
import io.pleat.store.StoreProvider;
import io.pleat.store.Stores;
import java.io.IOException;
import java.util.Map;

/** Serves {@code slow:/local/path}. */
public final class SlowStoreProvider implements StoreProvider {
  static final String SCHEME = "slow";

  @Override
  public boolean serves(String scheme) {
    return scheme.equals(SCHEME);
  }

  @Override
  public Store open(String location, Map<String, String> configuration) throws IOException {
    return new SlowStore(Stores.open(location.substring(SCHEME.length() + 1), configuration));
  }
}
