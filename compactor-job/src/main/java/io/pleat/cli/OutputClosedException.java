package io.pleat.cli;

import java.io.IOException;

/** Whoever read standard output has gone, as in {@code pleat ls | head}: there is nothing left to do and nothing to say. */
final class OutputClosedException extends IOException {
  private static final long serialVersionUID = 1;

  OutputClosedException(IOException cause) {
    super("standard output was closed", cause);
  }
}
