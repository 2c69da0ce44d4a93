package io.pleat.read.spark;

import io.pleat.dataset.KeyRange;
import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.read.ListingFilter;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.catalyst.util.DateTimeConstants;

/**
 * Which files are read.
 *
 * @param directory the text of the directory that they are below; empty for the root
 * @param conditions that must all hold
 */
record FileSelection(String directory, List<EntryCondition> conditions) implements Serializable {
  /** What of it is about paths. */
  ListingFilter onPath() {
    LogicalPath below = LogicalPath.of(directory);
    byte[] subtree = SortKey.subtreePrefix(below.utf8());
    List<ListingFilter> filters =
        conditions.stream().map(EntryCondition::onPath).toList();
    return new ListingFilter() {
      @Override
      public boolean matches(LogicalPath path) {
        return path.startsWith(below) && filters.stream().allMatch(filter -> filter.matches(path));
      }

      @Override
      public boolean canMatchBelow(LogicalPath ancestor) {
        return (ancestor.startsWith(below) || below.startsWith(ancestor))
            && filters.stream().allMatch(filter -> filter.canMatchBelow(ancestor));
      }

      @Override
      public boolean canMatchIn(KeyRange range) {
        return range.mayHoldPrefix(subtree)
            && filters.stream().allMatch(filter -> filter.canMatchIn(range));
      }
    };
  }

  /** Whether an entry is meant whose path is. */
  boolean takes(Entry entry) {
    long micros = micros(entry.attributes());
    for (EntryCondition condition : conditions) {
      if (!condition.holds(micros, entry.length())) {
        return false;
      }
    }
    return true;
  }

  /** A modification time as Spark counts it. */
  static long micros(Attributes attributes) {
    return attributes.mtimeSeconds() * DateTimeConstants.MICROS_PER_SECOND
        + attributes.mtimeNanos() / DateTimeConstants.NANOS_PER_MICROS;
  }
}
