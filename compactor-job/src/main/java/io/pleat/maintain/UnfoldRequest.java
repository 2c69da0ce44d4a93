package io.pleat.maintain;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.pleat.format.LogicalPath;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What to restore where.
 *
 * @param dataset location of the dataset
 * @param version the snapshot; nothing for the newest
 * @param target location of the directory that receives its tree; created if it is not there
 * @param paths files and directories to restore, each with all below it; empty for everything
 * @param configuration Hadoop settings for both; may hold secrets, so it is never logged
 * @param existing what becomes of what stands at the target already
 * @param parallelism files restored at once, at least 1
 */
public record UnfoldRequest(
    String dataset,
    OptionalLong version,
    String target,
    List<LogicalPath> paths,
    Map<String, String> configuration,
    Existing existing,
    int parallelism) {

  /** What becomes of what stands at the target already. Symbolic links there are never followed. */
  public enum Existing {
    /** Files keep their bytes, directories their attributes; a file in the way is a failure. */
    KEEP,
    /** Files and links are replaced, directories get the recorded attributes. Nothing else is deleted. */
    REPLACE
  }

  public UnfoldRequest {
    requireNonNull(dataset, "dataset is null");
    requireNonNull(version, "version is null");
    requireNonNull(target, "target is null");
    paths = List.copyOf(paths);
    configuration = Map.copyOf(configuration);
    requireNonNull(existing, "existing is null");
    checkArgument(parallelism >= 1, "parallelism is %s, at least 1 is needed", parallelism);
  }

  /** Restores from the newest snapshot. */
  public UnfoldRequest(
      String dataset,
      String target,
      List<LogicalPath> paths,
      Map<String, String> configuration,
      Existing existing,
      int parallelism) {
    this(dataset, OptionalLong.empty(), target, paths, configuration, existing, parallelism);
  }

  @Override
  public String toString() {
    return "unfold " + dataset + " to " + target;
  }
}
