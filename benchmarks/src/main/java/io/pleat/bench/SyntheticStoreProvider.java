package io.pleat.bench;

import io.pleat.store.Store;
import io.pleat.store.StoreProvider;
import java.util.Map;

/** Serves {@code synthetic:/singles=N/big=N/unreadable=N/length=N}; see {@link SyntheticTree}. */
public final class SyntheticStoreProvider implements StoreProvider {
  @Override
  public boolean serves(String scheme) {
    return scheme.equals("synthetic");
  }

  @Override
  public Store open(String location, Map<String, String> configuration) {
    return new SyntheticStore(location);
  }
}
