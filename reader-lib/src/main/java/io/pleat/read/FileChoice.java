package io.pleat.read;

import static java.util.Objects.requireNonNull;

import io.pleat.dataset.KeyRange;
import io.pleat.format.EntryRow;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import java.util.Arrays;

/**
 * Which live files of a dataset are meant. Thread-safe if the filter is.
 *
 * @param filter by path
 * @param passThroughs whether files whose bytes stay under the source root are among them
 */
public record FileChoice(ListingFilter filter, PassThroughs passThroughs) {
  /** What becomes of files whose bytes stay under the source root. */
  public enum PassThroughs {
    /** They are read like all others, from their original places. */
    INCLUDED,
    /** They are left out. */
    LEFT_OUT
  }

  public FileChoice {
    requireNonNull(filter, "filter is null");
    requireNonNull(passThroughs, "pass-throughs is null");
  }

  boolean takes(EntryRow row) {
    return (filter == ListingFilter.everything() || filter.matches(row.path()))
        && (passThroughs == PassThroughs.INCLUDED || row.payload().isFolded());
  }

  /** False if it is certain that nothing in a range of keys is meant. */
  boolean mayTakeSomeOf(KeyRange range) {
    if (filter == ListingFilter.everything()) {
      return true;
    }
    // Everything between two keys lies below the deepest directory that both lie in.
    byte[] first = directoryOf(range.first());
    byte[] last = directoryOf(range.last());
    for (int end = 0; end <= Math.min(first.length, last.length); end++) {
      boolean firstEnds = end == first.length || first[end] == '/';
      boolean lastEnds = end == last.length || last[end] == '/';
      if (end > 0
          && firstEnds
          && lastEnds
          && !filter.canMatchBelow(LogicalPath.ofUtf8(Arrays.copyOf(first, end)))) {
        return false;
      }
      if (end == first.length || end == last.length || first[end] != last[end]) {
        break;
      }
    }
    return true;
  }

  private static byte[] directoryOf(byte[] key) {
    byte[] path = SortKey.toPath(key);
    return SortKey.isDirectory(key) ? path : LogicalPath.ofUtf8(path).parent().utf8();
  }
}
