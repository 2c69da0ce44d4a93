package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * To which snapshot a dataset goes back.
 *
 * @param dataset location of the dataset's root
 * @param configuration Hadoop settings for it; may hold secrets, so it is never logged
 * @param version the snapshot whose state becomes the newest
 * @param onlyCopies how many only copies may become unreachable: exactly so many
 * @param dryRun whether to say what would be, and to write nothing
 */
public record RollbackRequest(
    String dataset,
    Map<String, String> configuration,
    long version,
    long onlyCopies,
    boolean dryRun) {
  public RollbackRequest {
    requireNonNull(dataset, "dataset is null");
    configuration = Map.copyOf(configuration);
    checkArgument(onlyCopies >= 0, "negative number of only copies: %s", onlyCopies);
  }
}
