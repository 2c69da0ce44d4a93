package io.pleat.maintain;

import io.pleat.fold.ProgressListener;
import io.pleat.format.LogicalPath;

/** Hears how a check goes. Called from any thread. */
public interface VerifyListener extends ProgressListener {
  /** Hears nothing. */
  VerifyListener NONE = new VerifyListener() {};

  /** Something was found; the check goes on. */
  default void found(Finding finding) {}

  /**
   * A file cannot be read because of damage. Told once everything was checked, from one thread: all files of one damaged file of the dataset,
   * then its {@link #cost}.
   *
   * @param where the damaged file, below the dataset
   */
  default void lost(String where, LogicalPath path) {}

  /** What one damaged file of the dataset costs. One that costs no file's bytes is not told. */
  default void cost(DamageCost cost) {}
}
