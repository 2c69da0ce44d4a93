package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.LogicalPath;
import java.util.List;
import java.util.Map;

/**
 * What to remove from a dataset.
 *
 * @param dataset location of the dataset's root
 * @param configuration Hadoop settings for it; may hold secrets, so it is never logged
 * @param paths files, and directories if {@code recursive}
 * @param recursive whether directories may be removed, with all that is in them
 * @param onlyCopies whether entries whose original was reclaimed may be removed
 * @param dryRun whether to say what would be removed, and to write nothing
 */
public record RemoveRequest(
    String dataset,
    Map<String, String> configuration,
    List<LogicalPath> paths,
    boolean recursive,
    boolean onlyCopies,
    boolean dryRun) {
  public RemoveRequest {
    requireNonNull(dataset, "dataset is null");
    configuration = Map.copyOf(configuration);
    paths = List.copyOf(paths);
    checkArgument(!paths.isEmpty(), "nothing to remove was named");
    for (LogicalPath path : paths) {
      checkArgument(
          !path.isRoot(),
          "the root cannot be removed; remove what is in it, or delete the dataset's directory");
    }
  }
}
