package io.pleat.fold;

/** Whether a fold marks dead what vanished from the source. */
public enum MirrorDeletes {
  /** It does not. */
  OFF,
  /** It does, unless the listing gives reason to doubt that all of it really vanished. */
  CAREFUL,
  /** It does, whatever the listing looks like. */
  ANYWAY
}
