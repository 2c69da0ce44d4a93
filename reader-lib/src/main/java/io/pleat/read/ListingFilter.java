package io.pleat.read;

import io.pleat.format.LogicalPath;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a listing shows, and which directories it need not enter. Thread-safe. */
public interface ListingFilter {
  /** Whether a file or directory is shown. */
  boolean matches(LogicalPath path);

  /** Whether something below a directory might match; false is certain, and spares the listing the subtree. */
  boolean canMatchBelow(LogicalPath directory);

  /** Shows everything; always the same object. */
  static ListingFilter everything() {
    return Everything.FILTER;
  }

  /** Shows what some pattern matches. */
  static ListingFilter matching(Globs globs) {
    return new ListingFilter() {
      @Override
      public boolean matches(LogicalPath path) {
        return globs.matches(path.toString());
      }

      @Override
      public boolean canMatchBelow(LogicalPath directory) {
        return globs.canMatchBelow(directory.toString());
      }
    };
  }

  /** Shows paths whose text starts with {@code prefix}, which may end within a name, as prefixes of object stores do. */
  static ListingFilter startingWith(String prefix) {
    byte[] start = prefix.getBytes(StandardCharsets.UTF_8);
    return new ListingFilter() {
      @Override
      public boolean matches(LogicalPath path) {
        byte[] utf8 = path.utf8();
        return utf8.length >= start.length
            && Arrays.equals(utf8, 0, start.length, start, 0, start.length);
      }

      @Override
      public boolean canMatchBelow(LogicalPath directory) {
        if (directory.isRoot()) {
          return true;
        }
        byte[] utf8 = directory.utf8();
        int common = Math.min(utf8.length, start.length);
        return Arrays.equals(utf8, 0, common, start, 0, common)
            && (start.length <= utf8.length || start[utf8.length] == '/');
      }
    };
  }
}
