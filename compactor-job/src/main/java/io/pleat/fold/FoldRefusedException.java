package io.pleat.fold;

import java.io.IOException;

/** A fold that was not run, or not committed, because it would do what was not asked for by name; the message says what to pass. */
public class FoldRefusedException extends IOException {
  private static final long serialVersionUID = 1;

  public FoldRefusedException(String message) {
    super(message);
  }
}
