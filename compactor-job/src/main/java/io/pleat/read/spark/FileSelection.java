package io.pleat.read.spark;

import io.pleat.dataset.KeyRange;
import io.pleat.format.Attributes;
import io.pleat.format.Entry;
import io.pleat.format.LogicalPath;
import io.pleat.format.SortKey;
import io.pleat.read.ListingFilter;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.catalyst.util.DateTimeConstants;

/**
 * Which files are read.
 *
 * @param directory the text of the directory that they are below, or of a file; empty for the root
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
        return (range.mayHoldPrefix(subtree) || range.contains(below.fileKey()))
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
    return micros(attributes.mtimeSeconds(), attributes.mtimeNanos());
  }

  /** Microseconds since 1970; of times that no long holds, the first or the last that one does. */
  static long micros(long seconds, int nanos) {
    long micros = TimeUnit.SECONDS.toMicros(seconds);
    return micros == Long.MAX_VALUE || micros == Long.MIN_VALUE
        ? micros
        : Math.min(micros, Long.MAX_VALUE - DateTimeConstants.MICROS_PER_SECOND)
            + nanos / DateTimeConstants.NANOS_PER_MICROS;
  }
}
