package io.pleat.maintain;

import io.pleat.fold.ProgressListener;
import io.pleat.format.LogicalPath;

/** Hears how an unfold goes. Called from any thread. */
public interface UnfoldListener extends ProgressListener {
  /** Hears nothing. */
  UnfoldListener NONE = new UnfoldListener() {};

  /** A file or directory was not restored; {@code reason} is one line. */
  default void failed(LogicalPath path, String reason) {}

  /** A file or directory was restored without some attribute; {@code reason} is one line. */
  default void incomplete(LogicalPath path, String reason) {}
}
