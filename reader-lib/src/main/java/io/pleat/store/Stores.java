package io.pleat.store;

import static io.pleat.format.Preconditions.checkArgument;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;

/** Opens a {@link Store} by its location. */
public final class Stores {
  private Stores() {}

  /**
   * Opens the store rooted at {@code location}: a bare path or {@code file:} URI is local, needs no library and takes every byte of
   * a bare path literally; any other scheme goes to the {@link StoreProvider}s on the class path.
   *
   * @param configuration Hadoop settings; unused for local locations
   * @throws IllegalArgumentException if the location is malformed or its scheme is served by nobody; the message says which
   */
  public static Store open(String location, Map<String, String> configuration) throws IOException {
    int colon = location.indexOf(':');
    String scheme = colon > 0 && location.substring(0, colon).matches("[A-Za-z][A-Za-z0-9+.-]*")
        ? location.substring(0, colon).toLowerCase(Locale.ROOT)
        : "";
    boolean hierarchical = colon > 0 && location.startsWith("/", colon + 1);
    if (scheme.isEmpty() || !hierarchical) {
      return LocalStore.open(Path.of(location));
    }
    if (scheme.equals("file")) {
      URI uri = URI.create(location);
      checkArgument(
          uri.getAuthority() == null || uri.getAuthority().equals("localhost"),
          "a file: location names no host (write file:///path): %s",
          location);
      checkArgument(
          uri.getRawQuery() == null && uri.getRawFragment() == null,
          "'?' and '#' in a file: location are written %%3F and %%23: %s",
          location);
      return LocalStore.open(Path.of(uri.getPath()));
    }
    for (StoreProvider provider :
        ServiceLoader.load(StoreProvider.class, Stores.class.getClassLoader())) {
      if (provider.serves(scheme)) {
        return provider.open(location, configuration);
      }
    }
    throw new IllegalArgumentException("no store for scheme '" + scheme + "': " + location
        + " (are Hadoop's client and, for s3a, hadoop-aws on the class path?)");
  }
}
