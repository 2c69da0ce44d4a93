package io.pleat.fold;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.Map;

/**
 * What to fold where.
 *
 * @param source location of the source root: a bare path or a URI
 * @param dataset location of the dataset's root
 * @param configuration Hadoop settings for both; may hold secrets, so it is never logged
 */
public record FoldRequest(
    String source, String dataset, Map<String, String> configuration, FoldOptions options)
    implements Serializable {
  public FoldRequest {
    requireNonNull(source, "source is null");
    requireNonNull(dataset, "dataset is null");
    configuration = Map.copyOf(configuration);
    requireNonNull(options, "options are null");
  }

  @Override
  public String toString() {
    return "fold " + source + " into " + dataset;
  }
}
