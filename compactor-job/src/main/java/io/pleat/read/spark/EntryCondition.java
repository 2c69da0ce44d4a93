package io.pleat.read.spark;

import io.pleat.dataset.KeyRange;
import io.pleat.format.LogicalPath;
import io.pleat.read.ListingFilter;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.sources.EqualTo;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.sources.GreaterThan;
import org.apache.spark.sql.sources.GreaterThanOrEqual;
import org.apache.spark.sql.sources.In;
import org.apache.spark.sql.sources.IsNotNull;
import org.apache.spark.sql.sources.LessThan;
import org.apache.spark.sql.sources.LessThanOrEqual;
import org.apache.spark.sql.sources.StringStartsWith;

/** A condition that an index block answers exactly, so that Spark need not ask again. */
sealed interface EntryCondition extends Serializable {
  /** What of a condition on paths a listing may skip by; everything for others. */
  default ListingFilter onPath() {
    return ListingFilter.everything();
  }

  /**
   * Whether an entry whose path {@link #onPath} lets through is meant.
   *
   * @param micros its modification time since 1970, in microseconds
   * @param length in bytes
   */
  default boolean holds(long micros, long length) {
    return true;
  }

  /** Always so: no column is ever null. */
  record Always() implements EntryCondition {}

  /** The path is one of these. */
  record PathIn(Set<String> paths) implements EntryCondition {
    @Override
    public ListingFilter onPath() {
      return new ListingFilter() {
        @Override
        public boolean matches(LogicalPath path) {
          return paths.contains(path.toString());
        }

        @Override
        public boolean canMatchBelow(LogicalPath directory) {
          return directory.isRoot()
              || paths.stream().anyMatch(path -> path.startsWith(directory + "/"));
        }

        @Override
        public boolean canMatchIn(KeyRange range) {
          return paths.stream()
              .anyMatch(
                  path -> isLegal(path) && range.contains(LogicalPath.of(path).fileKey()));
        }
      };
    }

    private static boolean isLegal(String path) {
      return !path.isEmpty()
          && LogicalPath.whyIllegal(path.getBytes(StandardCharsets.UTF_8)).isEmpty();
    }
  }

  /** The path starts so. */
  record PathStartsWith(String prefix) implements EntryCondition {
    @Override
    public ListingFilter onPath() {
      return ListingFilter.startingWith(prefix);
    }
  }

  /** A number of the row lies between these two, or is one of them. */
  record Between(FileColumn column, long least, long most) implements EntryCondition {
    @Override
    public boolean holds(long micros, long length) {
      long value = column == FileColumn.LENGTH ? length : micros;
      return least <= value && value <= most;
    }
  }

  /** The condition that a filter of Spark's is; nothing if an index does not answer it. */
  static Optional<EntryCondition> of(Filter filter) {
    if (filter instanceof IsNotNull) {
      return Optional.of(new Always());
    } else if (filter instanceof StringStartsWith starts && isPath(starts.attribute())) {
      return Optional.of(new PathStartsWith(starts.value()));
    } else if (filter instanceof In in && isPath(in.attribute())) {
      return paths(in.values());
    } else if (filter instanceof EqualTo equal && isPath(equal.attribute())) {
      return paths(equal.value());
    } else if (filter instanceof EqualTo equal) {
      return between(equal.attribute(), equal.value(), 0, equal.value(), 0);
    } else if (filter instanceof GreaterThan over) {
      return between(over.attribute(), over.value(), 1, Long.MAX_VALUE, 0);
    } else if (filter instanceof GreaterThanOrEqual over) {
      return between(over.attribute(), over.value(), 0, Long.MAX_VALUE, 0);
    } else if (filter instanceof LessThan under) {
      return between(under.attribute(), Long.MIN_VALUE, 0, under.value(), -1);
    } else if (filter instanceof LessThanOrEqual under) {
      return between(under.attribute(), Long.MIN_VALUE, 0, under.value(), 0);
    }
    return Optional.empty();
  }

  private static boolean isPath(String attribute) {
    return attribute.equals(FileColumn.PATH.title());
  }

  private static Optional<EntryCondition> paths(Object... values) {
    return Arrays.stream(values).allMatch(String.class::isInstance)
        ? Optional.of(new PathIn(
            Arrays.stream(values).map(String.class::cast).collect(Collectors.toUnmodifiableSet())))
        : Optional.empty();
  }

  /** Both ends and what is added to each; nothing if an end is no number, or beyond what there is. */
  private static Optional<EntryCondition> between(
      String attribute, Object least, long aboveLeast, Object most, long aboveMost) {
    FileColumn column = FileColumn.titled(attribute);
    OptionalLong low = number(least);
    OptionalLong high = number(most);
    if (low.isEmpty() || high.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Between(
          column,
          Math.addExact(low.getAsLong(), aboveLeast),
          Math.addExact(high.getAsLong(), aboveMost)));
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  /** A number, or the microseconds of a time. */
  private static OptionalLong number(Object value) {
    if (value instanceof Long number) {
      return OptionalLong.of(number);
    }
    Instant time = value instanceof Timestamp timestamp ? timestamp.toInstant() : null;
    time = value instanceof Instant instant ? instant : time;
    return time == null
        ? OptionalLong.empty()
        : OptionalLong.of(FileSelection.micros(time.getEpochSecond(), time.getNano()));
  }
}
