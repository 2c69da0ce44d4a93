package io.pleat.maintain;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * What to compact.
 *
 * @param dataset location of the dataset
 * @param configuration Hadoop settings for it; may hold secrets, so it is never logged
 * @param dryRun whether only to say what would be done
 */
public record CompactRequest(
    String dataset, Map<String, String> configuration, CompactionRules rules, boolean dryRun) {
  public CompactRequest {
    requireNonNull(dataset, "dataset is null");
    requireNonNull(rules, "rules are null");
    configuration = Map.copyOf(configuration);
  }

  @Override
  public String toString() {
    return "compact " + dataset + " by " + rules;
  }
}
