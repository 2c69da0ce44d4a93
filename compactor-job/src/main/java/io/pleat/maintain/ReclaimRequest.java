package io.pleat.maintain;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What to reclaim.
 *
 * @param source the dataset's recorded source root
 * @param configuration Hadoop settings for both; may hold secrets, so it is never logged
 */
public record ReclaimRequest(
    String source, String dataset, Map<String, String> configuration, ReclaimOptions options) {
  public ReclaimRequest {
    requireNonNull(source, "source is null");
    requireNonNull(dataset, "dataset is null");
    configuration = Map.copyOf(configuration);
    requireNonNull(options, "options are null");
  }

  @Override
  public String toString() {
    return "reclaim " + source + " " + dataset;
  }
}
