package io.pleat.dataset;

import java.io.IOException;

/** Another writer committed the version first: known lost. Re-read, re-validate and try again, or clean up. */
public class CommitConflictException extends IOException {
  private static final long serialVersionUID = 1;

  private final transient Snapshot winner;

  public CommitConflictException(String message, Snapshot winner) {
    super(message);
    this.winner = winner;
  }

  /** The snapshot that stands at the version that was tried; the newest one if that has expired already. */
  public Snapshot winner() {
    return winner;
  }
}
