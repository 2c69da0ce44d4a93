package io.pleat.maintain;

import io.pleat.fold.ProgressListener;

/** Hears how a repair goes. Called from one thread. */
public interface RepairListener extends ProgressListener {
  /** Hears nothing. */
  RepairListener NONE = new RepairListener() {};

  /** Something is damaged: one line that names file and offset. */
  default void damaged(String what) {}

  /** A file is beyond repair. */
  default void lost(LeftBehind file) {}
}
