package io.pleat.dataset;

import java.io.IOException;

/** A snapshot has expired: its files may be gone. */
public class SnapshotExpiredException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient VersionSet kept;

  /** @param kept the versions that can be read; empty if that is not known */
  public SnapshotExpiredException(String location, long version, VersionSet kept) {
    super("snapshot " + version + " of " + location + " has expired"
        + (kept.isEmpty() ? "" : "; these can be read: " + kept));
    this.kept = kept;
  }

  /** The versions that could be read when this was thrown; empty if that is not known. */
  public VersionSet kept() {
    return kept;
  }
}
