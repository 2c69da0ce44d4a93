package io.pleat.dataset;

/** What stands where a dataset is, or is to be. */
public enum LocationState {
  /** Nothing, or an empty directory. */
  NOTHING,
  /** What a first run leaves that died before its commit: only files of ours, but no snapshot. A dataset may be created there. */
  UNFINISHED,
  /** A dataset with at least one snapshot. */
  DATASET,
  /** Something that is not ours: a file, or a directory that holds other things. */
  OTHER
}
