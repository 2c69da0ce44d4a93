package io.pleat.store;

import java.io.IOException;

/** A file is no longer what it was when it was listed: it vanished, grew, shrank, was rewritten or was swapped for something else. */
public class SourceChangedException extends IOException {
  private static final long serialVersionUID = 1;

  /** @param message what changed, and of which file */
  public SourceChangedException(String message) {
    super(message);
  }
}
