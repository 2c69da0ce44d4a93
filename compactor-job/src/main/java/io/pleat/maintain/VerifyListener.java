package io.pleat.maintain;

import io.pleat.fold.ProgressListener;

/** Hears how a check goes. Called from any thread. */
public interface VerifyListener extends ProgressListener {
  /** Hears nothing. */
  VerifyListener NONE = new VerifyListener() {};

  /** Something was found; the check goes on. */
  default void found(Finding finding) {}
}
