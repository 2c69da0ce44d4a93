package io.pleat.store;

import java.io.IOException;
import java.util.Map;

/** Opens stores of the URI schemes that it serves; found by {@link java.util.ServiceLoader}. */
public interface StoreProvider {
  /** Whether this provider serves {@code scheme} (lower case, without the colon). */
  boolean serves(String scheme);

  /**
   * Opens the store rooted at {@code location}, which need not exist yet.
   *
   * @param configuration Hadoop settings, {@code fs.*} and the like
   * @throws IllegalArgumentException if the location is malformed
   */
  Store open(String location, Map<String, String> configuration) throws IOException;
}
