package io.pleat.read;

import static java.util.Objects.requireNonNull;

import io.pleat.format.Entry;
import io.pleat.format.EntryRow;

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

  boolean takes(Entry entry) {
    return filter.matches(entry.path())
        && (passThroughs == PassThroughs.INCLUDED || entry.kind() == Entry.Kind.FOLDED);
  }
}
