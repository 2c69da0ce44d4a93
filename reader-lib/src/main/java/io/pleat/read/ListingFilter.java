package io.pleat.read;

import io.pleat.dataset.KeyRange;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a listing shows, and which directories it need not enter. Thread-safe. */
public interface ListingFilter {
  /** Whether a file or directory is shown. */
  boolean matches(LogicalPath path);

  /** Whether something below a directory might match; false is certain, and spares the listing the subtree. */
  boolean canMatchBelow(LogicalPath directory);

  /** Whether a file whose key lies in a range might match; false is certain, and spares a reader the container. */
  default boolean canMatchIn(KeyRange range) {
    // Everything between two keys lies below the deepest directory that both lie in.
    byte[] first = KeySpan.directoryOf(range.first());
    byte[] last = KeySpan.directoryOf(range.last());
    for (int end = 0; end <= Math.min(first.length, last.length); end++) {
      boolean firstEnds = end == first.length || first[end] == '/';
      boolean lastEnds = end == last.length || last[end] == '/';
      if (end > 0
          && firstEnds
          && lastEnds
          && !canMatchBelow(LogicalPath.ofUtf8(Arrays.copyOf(first, end)))) {
        return false;
      }
      if (end == first.length || end == last.length || first[end] != last[end]) {
        break;
      }
    }
    return true;
  }

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

      @Override
      public boolean canMatchIn(KeyRange range) {
        // Files of one directory whose names start so, and what is below directories whose names
        // do.
        byte[] directory = SortKey.ofDirectory(start);
        return range.mayHoldPrefix(SortKey.ofFile(start))
            || range.mayHoldPrefix(Arrays.copyOf(directory, directory.length - Short.BYTES));
      }
    };
  }
}
