package io.pleat.maintain;

/**
 * One thing that a check found.
 *
 * @param where the file of the dataset, or the logical path
 * @param what what is wrong with it, on one line; names file and offset where bytes are damaged
 */
public record Finding(Kind kind, String where, String what) {
  /** What a finding means. */
  public enum Kind {
    /** Bytes of the dataset are not what was written, are missing, or break a rule of the format. */
    DAMAGED(true),
    /** The original has the length and time that were recorded, but other bytes. */
    DIFFERS(true),
    /** The original was modified since the fold: the next fold takes it. */
    CHANGED(false),
    /** The original is gone. */
    MISSING(false),
    /** The original's mode, owner or group was changed since the fold; its bytes were not. */
    ATTRIBUTES(false),
    /** The source has a file that the dataset does not hold. */
    NEW(false),
    /** Something in the source could not be looked at. */
    UNREADABLE(true);

    private final boolean failure;

    Kind(boolean failure) {
      this.failure = failure;
    }

    /** Whether the dataset is not sound, or not known to be, because of it. */
    public boolean isFailure() {
      return failure;
    }
  }
}
