package io.pleat.read;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decides whether a location that a dataset names lies under one that its reader allows. */
final class SourceRoots {
  private static final Pattern URI = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(//[^/]*)?(/.*)?");

  private SourceRoots() {}

  /**
   * Whether {@code location} is one of {@code allowed} or lies below one. Local paths are compared as they are written and, since a
   * link may lead anywhere, also as they really are; locations with a {@code ..} are never allowed.
   */
  static boolean allow(Set<String> allowed, String location) {
    return allowed.stream().anyMatch(root -> {
      try {
        return lies(location, root);
      } catch (IllegalArgumentException e) {
        return false; // one of them is no location at all
      }
    });
  }

  private static boolean lies(String location, String root) {
    Optional<Path> localLocation = local(location);
    Optional<Path> localRoot = local(root);
    if (localLocation.isPresent() && localRoot.isPresent()) {
      return liesLocally(localLocation.get(), localRoot.get());
    }
    if (localLocation.isPresent() || localRoot.isPresent()) {
      return false;
    }
    Matcher mine = URI.matcher(location);
    Matcher theirs = URI.matcher(root);
    if (!mine.matches() || !theirs.matches()) {
      return false;
    }
    String path = trimmed(mine.group(3));
    String above = trimmed(theirs.group(3));
    return mine.group(1).toLowerCase(Locale.ROOT).equals(theirs.group(1).toLowerCase(Locale.ROOT))
        && authority(mine).equals(authority(theirs))
        && !(path + "/").contains("/../")
        && (path + "/").startsWith(above + "/");
  }

  private static boolean liesLocally(Path location, Path root) {
    for (Path component : location) {
      if (component.toString().equals("..")) {
        return false;
      }
    }
    if (!location.toAbsolutePath().normalize().startsWith(root.toAbsolutePath().normalize())) {
      return false;
    }
    try {
      return location.toRealPath().startsWith(root.toRealPath());
    } catch (IOException e) {
      return true; // it does not exist, so nothing can be read there; whoever tries will say so
    }
  }

  private static Optional<Path> local(String location) {
    Matcher uri = URI.matcher(location);
    if (!uri.matches() || uri.group(2) == null && uri.group(3) == null) {
      return Optional.of(Path.of(location));
    }
    return uri.group(1).equalsIgnoreCase("file")
        ? Optional.of(Path.of(java.net.URI.create(location).getPath()))
        : Optional.empty();
  }

  private static String authority(Matcher uri) {
    return uri.group(2) == null ? "" : uri.group(2);
  }

  private static String trimmed(String path) {
    int end = path == null ? 0 : path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return end == 0 ? "" : path.substring(0, end);
  }
}
