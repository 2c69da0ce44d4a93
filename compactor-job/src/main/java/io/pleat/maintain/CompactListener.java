package io.pleat.maintain;

import io.pleat.fold.ProgressListener;

/** Hears how a rewrite of containers goes. Called from one thread. */
public interface CompactListener extends ProgressListener {
  /** Hears nothing. */
  CompactListener NONE = new CompactListener() {};

  /** A file stays in its old container, because its bytes are damaged; the rewrite goes on. */
  default void leftBehind(LeftBehind file) {}

  /** A container cannot be walked; the rewrite goes on. */
  default void broken(BrokenContainer container) {}
}
