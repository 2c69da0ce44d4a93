package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What one commit condemned: snapshots that end, and files to be deleted in a later run. Until then they stand, and nobody may refer to them
 * again.
 *
 * @param version the snapshot that condemned them; 0 before it was committed
 * @param snapshots versions that may not be pinned any more
 * @param lists the files, in any number of lists
 */
public record Condemnation(long version, VersionSet snapshots, List<CondemnedListReference> lists) {
  public Condemnation {
    checkArgument(version >= 0, "negative version: %s", version);
    requireNonNull(snapshots, "snapshots is null");
    lists = List.copyOf(lists);
  }

  /** What is to be condemned by the next commit. */
  public static Condemnation of(VersionSet snapshots, List<CondemnedListReference> lists) {
    return new Condemnation(0, snapshots, lists);
  }

  Condemnation withVersion(long by) {
    return new Condemnation(by, snapshots, lists);
  }

  /** How many files. */
  public long files() {
    return lists.stream().mapToLong(CondemnedListReference::paths).sum();
  }

  /** One list and how many paths it has. */
  public record CondemnedListReference(FileReference file, long paths) {
    public CondemnedListReference {
      requireNonNull(file, "file is null");
      checkArgument(paths >= 0, "negative number of paths: %s", paths);
    }
  }
}
