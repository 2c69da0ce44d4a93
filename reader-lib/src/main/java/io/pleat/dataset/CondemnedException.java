package io.pleat.dataset;

import io.pleat.format.LogicalPath;
import java.io.IOException;

/**
 * Something that a commit would refer to was condemned meanwhile, or is gone. Nothing became visible; the run has to start anew, with files of
 * its own.
 */
public class CondemnedException extends IOException {
  private static final long serialVersionUID = 1;

  private CondemnedException(String message) {
    super(message);
  }

  static CondemnedException file(LogicalPath path, String location, long version) {
    return new CondemnedException(
        "%s/%s was condemned by version %d while this run was under way: nothing was committed; run it again"
            .formatted(location, path, version));
  }

  static CondemnedException missing(LogicalPath path, String location) {
    return new CondemnedException(
        "%s/%s was deleted while this run was under way: nothing was committed; run it again"
            .formatted(location, path));
  }

  /** Of the snapshot that a run builds upon. */
  public static CondemnedException base(long snapshot, String location) {
    return new CondemnedException(
        "snapshot %d of %s, which this run builds upon, has expired while it was under way: nothing was committed; run it again"
            .formatted(snapshot, location));
  }

  static CondemnedException snapshot(long snapshot, String location, long version) {
    return new CondemnedException(
        "snapshot %d of %s was condemned by version %d and is about to be deleted"
            .formatted(snapshot, location, version));
  }
}
