package io.pleat.store.hadoop;

import static io.pleat.format.Preconditions.checkArgument;

import io.pleat.format.LogicalPath;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.apache.hadoop.fs.Path;

/**
 * A root in a Hadoop file system. Its path is literal, as Hadoop's own is: {@code %} escapes nothing.
 *
 * @param scheme in lower case
 * @param authority host and port, bucket or the like; empty for the configured one
 * @param path absolute, without trailing slash: the root of the file system is empty
 */
public record HadoopLocation(String scheme, String authority, String path) {
  /**
   * The location that {@code location} spells.
   *
   * @throws IllegalArgumentException if it is not {@code scheme://authority/path} or {@code scheme:/path}
   */
  public static HadoopLocation parse(String location) {
    int colon = location.indexOf(':');
    checkArgument(
        colon > 0 && location.startsWith("/", colon + 1), "not scheme://path: %s", location);
    String scheme = location.substring(0, colon).toLowerCase(Locale.ROOT);
    String rest = location.substring(colon + 1);
    String authority = "";
    if (rest.startsWith("//")) {
      int slash = rest.indexOf('/', 2);
      authority = rest.substring(2, slash < 0 ? rest.length() : slash);
      rest = slash < 0 ? "" : rest.substring(slash);
    }
    String path = rest.replaceAll("/+", "/").replaceAll("/$", "");
    checkArgument(
        authority.indexOf('@') < 0
            || authority.indexOf(':') < 0
            || authority.indexOf(':') > authority.indexOf('@'),
        "a location holds no password, configure it instead: %s://...@%s",
        scheme,
        authority.substring(authority.indexOf('@') + 1));
    if (!path.isEmpty()) {
      LogicalPath.of(path.substring(1)); // throws if it is no legal path
    }
    return new HadoopLocation(scheme, authority, path);
  }

  /** Where a store is that gives {@code location} as its own: a bare path is a local one. */
  public static HadoopLocation ofStore(String location) {
    return location.startsWith("/") ? new HadoopLocation("file", "", location) : parse(location);
  }

  /** This location with the authority that the file system says it has. */
  HadoopLocation withAuthority(String known) {
    return new HadoopLocation(scheme, known, path);
  }

  /** Hadoop's name of {@code below}, which may be the root. */
  public Path resolve(LogicalPath below) {
    // Path's own constructor from these parts also looks for doubled slashes, with a regular
    // expression: as dear as all the rest.
    try {
      return new Path(
          new URI(scheme, authority.isEmpty() ? null : authority, pathOf(below), null, null));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The absolute path of {@code below} in the file system. */
  String pathOf(LogicalPath below) {
    return below.isRoot() ? (path.isEmpty() ? "/" : path) : path + "/" + below;
  }

  @Override
  public String toString() {
    return scheme + (authority.isEmpty() && !path.isEmpty() ? ":" : "://" + authority) + path;
  }
}
