package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;

import java.time.Duration;
import java.util.Map;

/**
 * What to reclaim.
 *
 * @param source the dataset's recorded source root
 * @param configuration Hadoop settings for both; may hold secrets, so it is never logged
 * @param grace how long ago, by the dataset store's clock, an entry must have been committed
 * @param trash whether originals go to the store's trash, where it has one
 * @param dryRun whether to say what would be tried, reading no file and writing nothing
 */
public record ReclaimRequest(
    String source,
    String dataset,
    Map<String, String> configuration,
    Duration grace,
    boolean trash,
    boolean dryRun) {
  public ReclaimRequest {
    configuration = Map.copyOf(configuration);
    checkArgument(!grace.isNegative(), "negative grace period: %s", grace);
  }

  @Override
  public String toString() {
    return "reclaim " + source + " " + dataset;
  }
}
