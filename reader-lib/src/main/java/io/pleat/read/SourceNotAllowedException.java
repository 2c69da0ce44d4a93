package io.pleat.read;

import java.io.IOException;

/**
 * A pass-through file lies under a source root that this reader may not read: what a dataset says of itself is no permission. Allow
 * the root by {@link ReaderOptions#withAllowedSourceRoots}.
 */
public class SourceNotAllowedException extends IOException {
  private static final long serialVersionUID = 1;

  private final String sourceRoot;

  /**
   * @param file the logical path that was asked for
   * @param sourceRoot the location to allow
   */
  public SourceNotAllowedException(String file, String sourceRoot) {
    super("'" + file + "' is a pass-through file under source root " + sourceRoot
        + ", which this reader may not read; allow it by"
        + " ReaderOptions.withAllowedSourceRoots(Set.of(\"" + sourceRoot + "\"))");
    this.sourceRoot = sourceRoot;
  }

  /** The location that would have to be allowed. */
  public String sourceRoot() {
    return sourceRoot;
  }
}
